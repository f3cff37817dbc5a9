# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster of this scenario as its tests see it: VIPs, directors, who is in rotation, and what clients get."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from lab import Lab, Load, Run, report, wait_until
from testinfra.host import Host

VIPS = ("192.0.2.100", "2001:db8::100")
URLS = {"IPv4": f"http://{VIPS[0]}/", "IPv6": f"http://[{VIPS[1]}]/"}
DIRECTORS = ("lb1", "lb2")
WEB = ("web1", "web2", "web3")


def site(lab: Lab, *arguments: str, code: int = 0) -> Run:
    run = lab.playbook("lvs.cluster.site", "-e", "ansible_ssh_timeout=3", *arguments)
    assert run.code == code, run.output
    return run


def table(lab: Lab, director: str) -> list[str]:
    return lab.host(director).check_output("ipvsadm --save --numeric").splitlines()


def addresses(*servers: str, port: int = 80) -> set[str]:
    """The addresses of web servers, two for each, as `rotation` shows them."""
    return {
        address for name in servers for address in (f"192.0.2.2{name[-1]}:{port}", f"[2001:db8::2{name[-1]}]:{port}")
    }


def rotation(lab: Lab, director: str, port: int = 80) -> set[str]:
    """Real servers, such as 192.0.2.21:80 or [2001:db8::21]:80, that get new connections to `VIPS` from this director."""
    services = (f"-a -t {VIPS[0]}:{port} ", f"-a -t [{VIPS[1]}]:{port} ")
    return {line.split()[4] for line in table(lab, director) if line.startswith(services) and not line.endswith("-w 0")}


def serves(lab: Lab, *servers: str, port: int = 80) -> bool:
    """Tell whether both directors have these and no other servers in rotation, in both families."""
    return all(rotation(lab, name, port) == addresses(*servers, port=port) for name in DIRECTORS)


def has_vips(host: Host, vips: tuple[str, ...] = VIPS) -> bool:
    shown = host.check_output("ip address show")
    return any(f" {vip}/" in shown for vip in vips)


def holds_vips(lab: Lab, director: str) -> bool:
    shown = lab.host(director).check_output("ip address show eth0")
    return all(f" {vip}/" in shown for vip in VIPS)


def active_and_standby(lab: Lab) -> tuple[str, str]:
    return ("lb1", "lb2") if holds_vips(lab, "lb1") else ("lb2", "lb1")


def wait_until_whole(lab: Lab, *ports: int) -> None:
    """Wait until lb1 is active and has, as lb2, all servers in rotation, of the service web and those on other `ports`."""

    def is_whole() -> bool:
        return holds_vips(lab, "lb1") and all(serves(lab, *WEB, port=port) for port in (80, *ports))

    wait_until(is_whole, 90, "lb1 active, and all real servers in rotation on both directors")


def answers(lab: Lab) -> bool:
    """Tell whether clients of the service web are served, in both families."""
    client = lab.host("client1")
    return all(client.run(f"curl --silent --fail --max-time 2 {url}").succeeded for url in URLS.values())


@contextmanager
def nobody_notices(lab: Lab, what: str, tolerated: int = 0) -> Iterator[None]:
    """Clients of the service web, one for each family, see no failed request in this block, or so many at most."""
    with Load(lab.host("client1"), *URLS.values(), timeout_ms=5000) as load:
        yield
    results = load.results.values()
    failed, slowest = load.total("failed_requests"), max(result["latency_ms"]["max"] for result in results)
    report(f"{what}: {failed} of {load.total('requests')} requests failed, the slowest answer took {slowest:.0f} ms")
    assert failed <= tolerated, [result["failures"] for result in results]
