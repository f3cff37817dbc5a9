# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of docs/preflight.md, made from the checks.

Write the page again after a change of the checks, in a folder from which Python
finds the collection: `python -m ansible_collections.lvs.cluster.plugins.plugin_utils.preflight.docs FILE`
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.preflight_ids import DECLARATION, HOSTS, Check
from ansible_collections.lvs.cluster.plugins.plugin_utils.preflight.explained import EXPLAINED

INTRODUCTION = """\
<!-- The tables are made from plugins/plugin_utils/cluster/preflight_ids.py. Change that, and write this page again. -->

# Preflight

`lvs.cluster.site` looks for what stands in the way before it changes anything, in two steps:

1. The declaration: with the plan, before any host is connected to.
2. The hosts: one quick task for each (the module `preflight_info`), and one report about all of them on one screen
   (`preflight_report`). It compares hosts with each other, too. Directors on which keepalived does not run yet listen
   for other VRRP routers for two and a half seconds.

```
ansible-playbook -i inventory lvs.cluster.preflight
```

does just that, and changes nothing. Errors stop the run, warnings are printed. Each finding has the id of its check,
what was found, why it matters, and how to fix it:

```
Preflight of the LVS cluster lvs
  error [ipvs-owner] lb1: ldirectord holds the IPVS table
      why: two programs on one IPVS table undo each other's work
      fix: stop ldirectord there, or take the host out of the directors
  Not looked at, so not checked: web3
```

Silence single checks, after you have understood them, by their ids:

```yaml
lvs_preflight_ignore: [single-director, firewall-manager]
```

A host that does not answer or is outside of `--limit` is named, and what needs it is not checked.
"""

CANNOT_BE_SILENCED = """\
## What cannot be silenced

These would never work, so the plan refuses them, with the path of the mistake and what to write instead:

- unknown variables and keys, wrong types and values, unknown hosts, groups, schedulers and sysctls;
- no director, no real server, a host in two tiers that exclude each other;
- the same VIP, port and protocol in two services, or a VIP in two clusters; two services with one fwmark or name;
- a real server's port that is not the service's, with `dr`, `tun` or a fwmark;
- a lower threshold above the upper one; `one_packet` without udp; a tunnel with a checksum that it cannot have;
- `nat` without `lvs_nat_gateway`; more than 64 ports without a fwmark;
- the same VRID, sync id or priority twice; a VIP that is a host's own address; a host without an address of a family
  that its VIPs need.

A `keepalived.conf` or an IPVS table that somebody else made stops the run unless `lvs_take_over` is set.

## What a firewall has to let pass

| Host | Packets |
| --- | --- |
| directors, in | each service's port on its VIPs; from other directors VRRP (protocol 112) and udp 8848 to 224.0.0.81 |
| directors, through | with `nat` and `fullnat`: the answers of real servers |
| real servers, in | each service's port: on VIPs with `dr` and `tun`, on their own address otherwise and for checks |

An accept in one table of nftables does not override a drop in another. Preflight names the chain that drops a declared
packet for certain; rules that it cannot judge (sets by name, marks, matches of iptables) count as open. Rules of
`iptables-legacy` are not seen.
"""


def render() -> str:
    """The whole page."""
    return "\n".join(
        [
            INTRODUCTION,
            *_table("Checks of the declaration", DECLARATION),
            *_table("Checks of the hosts", HOSTS),
            CANNOT_BE_SILENCED,
        ]
    )


def _table(title: str, checks: Mapping[str, Check]) -> Iterator[str]:
    yield f"## {title}\n"
    yield "| Id | | What is found | Why it matters | How to fix it |"
    yield "| --- | --- | --- | --- | --- |"
    for name, check in checks.items():
        kind = "error" if check.error else "warning"
        finds, fix = EXPLAINED[name]
        yield f"| `{name}` | {kind} | {finds} | {check.why[0].upper()}{check.why[1:]}. | {fix} |"
    yield ""


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(render(), encoding="utf-8")
