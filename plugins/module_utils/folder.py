# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Folders that a module makes for the user."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule


def ensure(module: AnsibleModule, path: str, **attributes: str | None) -> list[dict[str, Any]]:
    """Make a folder if it is missing, and give it those of the attributes `owner`, `group` and `mode` that are given.

    Returns what that changes, or would in check mode, as parts of a diff: one or none. Fails as the module.
    """
    missing = not Path(path).is_dir()
    if missing and not module.check_mode:
        try:
            Path(path).mkdir(parents=True)
        except OSError as error:
            module.fail_json(msg=f"{path} cannot be made: {error.strerror}")
    part: dict[str, Any] = {"before_header": path, "after_header": path, "before": {}, "after": {}}
    values = module.load_file_common_arguments({"path": path, **attributes})
    if not module.set_fs_attributes_if_different(values, missing, part):
        return []
    if missing:
        part.update(before={}, after=attributes)
    return [part]
