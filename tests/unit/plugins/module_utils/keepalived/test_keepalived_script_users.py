# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.lvs.cluster.plugins.module_utils.keepalived.script_users import with_scripts_of_root


def test_users_become_root_and_lines_stay():
    before = "global_defs {\n  script_user checks ops # ours\n}\n\nvrrp_script a {\n  user x\n}\nb { user x }\n"
    after = "global_defs {\nscript_user root\n}\n\nvrrp_script a {\nuser root\n}\nb { user x }\n"
    assert with_scripts_of_root(before) == after
