# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs bench_on_node.py on the lab's machine for every size, and writes down what it found.

    PYTHONPATH=molecule python tests/bench/bench_ipvs.py --inventory FILE --work FOLDER --document docs/benchmarks.md

FOLDER has pyroute2 in it. Called by tools/bench-ipvs, which starts the machine.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import tarfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from lab import Lab
from node import Node, pack
from page import replace_section

HERE = Path(__file__).parent
FOLDER = "/root/bench"
SIZES = ((200, 50, 3), (10_000, 1, 2), (100, 1_000, 1))
"""Services, servers of each, rounds."""
OPERATIONS = {
    "apply": "apply from empty",
    "no-op": "no-op run",
    "change": "1 % change",
    "purge": "purge",
}
PHASES = {
    "arguments": "AnsibleModule reads its arguments",
    "validation": "validation",
    "reading": "read and decode",
    "plan": "plan",
    "applying": "encode and apply",
    "output": "result",
}

HEAD = """\
## The modules for IPVS

All figures come from one run of `make bench-ipvs`.

- Machine: one User Mode Linux machine of the lab, Linux {kernel}, Python {python}, on a host with {cores} cores. System
  calls cost more there than on metal, and the host did other things too: compare columns, not machines.
- **raw floor**: requests that were encoded before, through one socket. For a no-op run it is a dump of the table that is
  read and decoded, for the other operations nothing but system calls.
- **module**: `ipvs_table` with `purge: all`. `python3` runs the module's file out of an archive with what it imports, as
  the script that Ansible sends does; *process* is all of that from start to exit, *inside* what is left without starting
  Python and importing.
- **ipvsadm**: `--restore` of rules, for a no-op run `--save`; **one each**: a process of `ipvsadm` for each entry,
  extrapolated from 200.
- **pyroute2** 0.9.7: one request after the other, extrapolated from 2,000; it cannot edit servers.
- A 1 % change is another weight for every hundredth server. A purge deletes all services.
- Each way has a network namespace of its own; the best of up to three rounds counts.
- Why the module is not near the raw floor when it applies: the kernel needs microseconds for an entry, and Python as
  many again for each of reading, validating and encoding it. The system calls of the module are those of the floor.
- Why a no-op run is longer than its floor: the arguments are read and validated before the table is, whatever differs.
"""


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser()
    for option in ("--inventory", "--work", "--document"):
        parser.add_argument(option, type=Path, required=True)
    options = parser.parse_args()
    node = Node(Lab("bench", options.inventory), "lb1")
    install(node, options.work)
    paths = f"PYTHONPATH={FOLDER}/collection.zip:{FOLDER}/pyroute2"
    results = []
    for services, servers, rounds in SIZES:
        print(f"{services} services x {servers} servers", flush=True)
        output = node.ssh(f"{paths} python3 {FOLDER}/bench_on_node.py {services} {servers} {rounds}")
        results.append(json.loads(output))
    replace_section(options.document, "make bench-ipvs", document(results))


def install(node: Node, work: Path) -> None:
    """Copy what is measured, and what measures, to the machine."""
    pack(work / "collection.zip")
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as target:
        for file in (
            work / "collection.zip",
            work / "pyroute2",
            HERE / "bench_on_node.py",
            HERE / "measured_module.py",
        ):
            target.add(file, file.name)
    node.ssh(f"mkdir -p {FOLDER} && tar --extract --gzip --directory {FOLDER}", archive.getvalue())


def document(results: Sequence[Mapping[str, Any]]) -> str:
    """Return the page."""
    first = results[0]
    parts = [HEAD.format(kernel=first["kernel"], python=first["python"], cores=os.cpu_count())]
    for (services, servers, _rounds), result in zip(SIZES, results):
        parts += [
            f"### {services:,} services x {servers:,} servers\n",
            comparison(result),
            "Seconds inside the module, and in brackets the system calls' part of them, from another run:\n",
            phases(result["module"], result["system calls"]),
            f"Peak memory of the module: {max(each['peak_mib'] for each in result['module'].values()):.0f} MiB.\n",
        ]
    return "\n".join(parts)


def comparison(result: Mapping[str, Any]) -> str:
    """Return the table that compares the ways to do each operation."""
    names = ["seconds", "raw floor", "module, process", "module, inside", "ipvsadm", "one each", "pyroute2"]
    rows = []
    for operation, title in OPERATIONS.items():
        module = result["module"][operation]
        row = [floor_of(result["floor"], operation), module["whole"], module["seconds"]["module"]]
        row += [result[way].get(operation) for way in ("ipvsadm", "processes", "pyroute2")]
        rows.append([title, *("" if each is None else figure(each) for each in row)])
    return markdown(names, rows)


def floor_of(floor: Mapping[str, float], operation: str) -> float:
    """Return the raw floor of an operation; the module reads the table for each one, but only a no-op has to."""
    return floor["dump"] + floor["decode"] if operation == "no-op" else floor[operation]


def phases(module: Mapping[str, Any], system_calls: Mapping[str, Any]) -> str:
    """Return the table of where the module's time goes."""
    rows = []
    for operation, title in OPERATIONS.items():
        seconds, kernel = module[operation]["seconds"], system_calls[operation]
        rows.append([title, *(phase_figure(seconds.get(phase), kernel.get(phase)) for phase in PHASES)])
    return markdown(["", *PHASES.values()], rows)


def phase_figure(seconds: float | None, kernel: float | None) -> str:
    """Return the time of a phase, with that of its system calls."""
    if seconds is None:
        return ""
    return f"{figure(seconds)} ({figure(kernel)})" if kernel else figure(seconds)


def figure(seconds: float) -> str:
    """Return seconds with as many digits as mean something."""
    return f"{seconds:,.0f}" if seconds >= 100 else f"{seconds:.1f}" if seconds >= 10 else f"{seconds:.3f}"


def markdown(names: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table."""
    names = list(names)
    lines = [names, ["---", *["--:"] * (len(names) - 1)], *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    main()
