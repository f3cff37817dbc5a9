# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a plan takes: the resolver alone, and a whole run of ansible-playbook, for growing clusters.

Each measurement is a process of its own, so that its peak memory is its own. Run it by `make bench-model`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from page import replace_section

ROOT = Path(__file__).resolve().parents[2]
SIZES = ((10, 5), (100, 50), (1000, 500))
SERVERS_PER_SERVICE = 4
BUDGETS: dict[str, tuple[float, int | None]] = {"resolver": (5.0, 500), "plan": (30.0, None)}
"""Seconds and MB at the largest size, of what has a budget."""


def declaration(hosts: int, services: int) -> dict[str, object]:
    """A cluster of `hosts` as an inventory: two directors, a storage host, a client, and real servers."""
    servers = [f"web{number}" for number in range(hosts - 4)]
    address = {name: f"10.0.{number // 250}.{number % 250 + 1}" for number, name in enumerate(_names(servers), 1)}

    def group(*members: str) -> dict[str, object]:
        return {"hosts": {name: {"ansible_host": address[name]} for name in members}}

    return {
        "all": {
            "vars": {
                "lvs_services": [_service(number, servers) for number in range(services)],
                "lvs_shared_data": [{"name": "www", "path": "/srv/www"}],
            },
            "children": {
                "lvs_directors": group("lb1", "lb2"),
                "lvs_real_servers": group(*servers),
                "lvs_storage": group("store1"),
                "lvs_clients": group("client1"),
            },
        }
    }


def _names(servers: list[str]) -> list[str]:
    return ["lb1", "lb2", "store1", "client1", *servers]


def _service(number: int, servers: list[str]) -> dict[str, object]:
    own = [servers[(number * 2 + step) % len(servers)] for step in range(SERVERS_PER_SERVICE)]
    return {
        "name": f"service{number}",
        "vip": f"198.51.{100 + number // 250}.{number % 250 + 1}",
        "port": 80,
        "real_servers": own,
        "health_check": {"type": "http", "path": "/healthz"},
    }


def resolve_once(hosts: int, services: int) -> dict[str, float]:
    """Resolve a declaration and write its files in this process; seconds, and MB at the peak."""
    from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.inventory import Host, Inventory
    from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.resolve import make_plan
    from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.store import write_plan

    inventory = declaration(hosts, services)["all"]
    groups = {name: tuple(group["hosts"]) for name, group in inventory["children"].items()}
    members = {
        name: host["ansible_host"] for group in inventory["children"].values() for name, host in group["hosts"].items()
    }
    machines = tuple(Host(name, inventory["vars"], address) for name, address in members.items())
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        write_plan(make_plan(Inventory(machines, groups)), folder)
        seconds = time.perf_counter() - start
    return {"seconds": seconds, "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def measure_resolver(hosts: int, services: int) -> dict[str, float]:
    """`resolve_once` in a process of its own."""
    command = [sys.executable, __file__, "--resolve", str(hosts), str(services)]
    measured: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return measured


def measure_plan(hosts: int, services: int) -> dict[str, float]:
    """A whole ansible-playbook run that makes the plan."""
    return _measure_playbook(hosts, services, "made")


def measure_slices(hosts: int, services: int) -> dict[str, float]:
    """A whole ansible-playbook run that makes the plan and hands each host its slice, as all playbooks begin."""
    return _measure_playbook(hosts, services, "handed_out")


def _measure_playbook(hosts: int, services: int, tag: str) -> dict[str, float]:
    """A run of the plays of model.yml with `tag`; nothing is connected to."""
    with tempfile.TemporaryDirectory() as folder:
        inventory = Path(folder) / "inventory.json"
        inventory.write_text(json.dumps(declaration(hosts, services)), encoding="utf-8")
        command = [
            "ansible-playbook",
            "--inventory",
            str(inventory),
            str(ROOT / "tests/bench/model.yml"),
            "--tags",
            tag,
        ]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={**os.environ, "HOME": folder}
        ) as process:
            start = time.perf_counter()
            output, _nothing = process.communicate()
            seconds = time.perf_counter() - start
    if process.returncode:
        sys.exit(f"ansible-playbook failed:\n{output[-3000:]}")
    # The largest of all processes that ended so far, which is this run's, as the sizes grow.
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return {"seconds": seconds, "megabytes": peak}


def report(rows: list[tuple[str, int, int, dict[str, float]]]) -> str:
    """The table in Markdown."""
    lines = [
        "| What | Hosts | Services | Time | Peak memory | Time for each host |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for what, hosts, services, measured in rows:
        each = measured["seconds"] / hosts * 1000
        time_cell, memory = f"{measured['seconds']:.2f} s", f"{measured['megabytes']:.0f} MB"
        lines.append(f"| {what} | {hosts} | {services} | {time_cell} | {memory} | {each:.1f} ms |")
    return "\n".join(lines)


def over_budget(rows: list[tuple[str, int, int, dict[str, float]]]) -> list[str]:
    """What is slower or larger at the largest size than it may be."""
    found = []
    for what, hosts, _services, measured in rows:
        if what not in BUDGETS or hosts != SIZES[-1][0]:
            continue
        seconds, megabytes = BUDGETS[what]
        if measured["seconds"] > seconds:
            found.append(f"{what}: {measured['seconds']:.1f} s, budget {seconds:.0f} s")
        if megabytes is not None and measured["megabytes"] > megabytes:
            found.append(f"{what}: {measured['megabytes']:.0f} MB, budget {megabytes} MB")
    return found


PAGE = """\
## The plan

`make bench-model` measures what it takes to turn a declaration into the plan of every host: the resolver alone, a whole
`ansible-playbook` run that makes the plan, and one that also hands each host its slice and sorts hosts into groups, as
the other playbooks begin (facts off, nothing is connected to). Each service has a VIP of its own and {servers} real
servers. The budget for the largest size is 5 s and 500 MB for the resolver and 30 s for the run that makes the plan.
Handing out the slices has none: it is three tasks on each host, for which Ansible starts a process each.

{table}

Measured with Python {python} on {cores} cores of {machine}, with 20 forks.
Times of other machines differ; what should not differ is that the time for each host does not grow with their number.
The peak memory of a whole run is that of its largest process, Ansible's own share included.
"""


def main() -> None:
    """Measure all sizes, print the table, write the page, and fail over budget."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--resolve", nargs=2, type=int, metavar=("HOSTS", "SERVICES"))
    parser.add_argument("--page", type=Path, default=ROOT / "docs/benchmarks.md")
    options = parser.parse_args()
    if options.resolve:
        print(json.dumps(resolve_once(*options.resolve)))
        return
    rows = []
    measures = (("resolver", measure_resolver), ("plan", measure_plan), ("plan and slices", measure_slices))
    for what, measure in measures:
        for hosts, services in SIZES:
            rows.append((what, hosts, services, measure(hosts, services)))
    table = report(rows)
    print(table)
    filled = PAGE.format(
        table=table,
        servers=SERVERS_PER_SERVICE,
        python=platform.python_version(),
        cores=os.cpu_count(),
        machine=platform.machine(),
    )
    replace_section(options.page, "make bench-model", filled)
    mistakes = over_budget(rows)
    if mistakes:
        sys.exit("over budget: " + "; ".join(mistakes))


if __name__ == "__main__":
    main()
