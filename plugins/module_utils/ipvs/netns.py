# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Other network namespaces than the one that this process started in."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

from .errors import NetnsError

NAMED = Path("/run/netns")
CLONE_NEWNET = 0x40000000


def enter(name: str) -> None:
    """Move this process into a network namespace, by the name that `ip netns` has for it or the path of its file.

    Everything after that, /proc/net too, is that namespace's. os.setns exists since Python 3.12 only. Raises
    NetnsError.
    """
    path = NAMED / name  # an absolute path stays as it is
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise NetnsError(name, str(path), error) from error
    try:
        if ctypes.CDLL(None, use_errno=True).setns(descriptor, CLONE_NEWNET) != 0:
            code = ctypes.get_errno()
            raise NetnsError(name, str(path), OSError(code, os.strerror(code)))
    finally:
        os.close(descriptor)
