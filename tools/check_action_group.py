# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check that the action group `all` of meta/runtime.yml lists exactly the modules of the collection, sorted.

Prints what to change and ends with status 1 if it does not.
"""

from __future__ import annotations

import sys
from pathlib import Path

import yaml


def main() -> int:
    """Compare meta/runtime.yml with plugins/modules in the current folder."""
    runtime = yaml.safe_load(Path("meta/runtime.yml").read_text(encoding="utf-8"))
    listed = runtime["action_groups"]["all"]
    modules = sorted(path.stem for path in Path("plugins/modules").glob("*.py") if path.stem != "__init__")
    if listed == modules:
        print(f"the action group has all {len(modules)} modules")
        return 0
    wanted = "\n".join(f"    - {name}" for name in modules)
    print(f"meta/runtime.yml: let action_groups say\n  all:\n{wanted}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
