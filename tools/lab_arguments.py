# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Print the arguments, one a line, with which the role lab calls its script `provide` for a machine of the inventory.

    ansible-inventory --host lb1 | python tools/lab_arguments.py

The role's defaults hold where the inventory says nothing; LVS_LAB_KERNEL and LVS_LAB_SUITES come before both.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import yaml


def main() -> None:
    """Read the machine's variables from standard input and print the arguments."""
    variables = yaml.safe_load(Path("roles/lab/defaults/main.yml").read_text(encoding="utf-8")) | json.load(sys.stdin)
    kernel = os.environ.get("LVS_LAB_KERNEL") or variables["lab_kernel"]
    suites = os.environ.get("LVS_LAB_SUITES") or variables["lab_suite"]
    arguments = ["--kernel", kernel]
    for suite in suites.split():
        arguments += ["--suite", suite]
    for option, variable in (("--series", "lab_kernel_series"), ("--mirror", "lab_mirror")):
        if variables[variable]:
            arguments += [option, variables[variable]]
    print(*arguments, *variables["lab_offline_packages"], sep="\n")


if __name__ == "__main__":
    main()
