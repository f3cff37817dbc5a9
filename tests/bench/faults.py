# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts the tables that the scenario ha has reported into docs/benchmarks.md: faults.py REPORT."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from page import replace_section

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
TEXT = """## What clients see of faults

All figures come from one run of `make bench-ha`: the cluster of `examples/demo`, in User Mode Linux machines, seven of
them on a host with {cores} cores. Direct routing, keepalived, `preempt_delay: 20`, everything else by default.

- Two clients, one for each family, make a new connection for a request 50 times a second each. A *gap* is the longest
  time between two requests that were answered; a request may take 250 ms, and where the aim is to lose none, 5 s.
- Twenty more connections stay open and are used four times a second. Those that survive work after the fault.
- Requests to a real server may take 2 s. *Out of rotation* is when no director sends it another connection.
{tables}"""


if __name__ == "__main__":
    tables = Path(sys.argv[1]).read_text(encoding="utf-8")
    replace_section(PAGE, "make bench-ha", TEXT.format(cores=os.cpu_count(), tables=tables))
