# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What modules do in check and diff mode. A module whose own way is special describes that in place of this."""

from __future__ import annotations


class ModuleDocFragment:
    """`attributes` for modules that change something, `.info` for those that look, `.report` for the others."""

    DOCUMENTATION = r"""
attributes:
  check_mode:
    description: Reports exactly what would change and changes nothing.
    support: full
  diff_mode:
    description: Shows what differs before and after.
    support: full
  idempotent:
    description: A second run changes nothing.
    support: full
"""

    INFO = r"""
attributes:
  check_mode:
    description: Changes nothing, so it does the same in check mode.
    support: full
  diff_mode:
    description: Changes nothing, so there is no difference to show.
    support: none
"""

    REPORT = r"""
attributes:
  check_mode:
    description: Changes nothing, so it does the same in check mode.
    support: full
  diff_mode:
    description: Changes nothing, so there is no difference to show.
    support: none
  action:
    description: Runs on the controller.
    support: full
  bypass_host_loop:
    description: Runs once for all hosts of the play.
    support: full
"""
