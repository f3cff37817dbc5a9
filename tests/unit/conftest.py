# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all unit tests share."""

from __future__ import annotations

from hypothesis import settings

# The same examples each time and no time limit per example: a busy machine or chance must not decide whether `make test`
# passes. Look for new examples with `pytest --hypothesis-profile=default`.
settings.load_profile("ci")
