# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services, VIPs and real servers come and go by the declaration, and clients of the rest do not notice.

The tests build on each other, in this order: each run of site.yml moves several things at once, since it takes a while.
The last one brings back what the inventory declares.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from lab import Lab, Load, Run, report, wait_until
from testinfra.host import Host

VIPS, NEW_VIPS = ("192.0.2.100", "2001:db8::100"), ("192.0.2.101", "2001:db8::101")
URLS = tuple(f"http://{host}/" for host in ("192.0.2.100", "[2001:db8::100]"))
NEW_URLS = tuple(f"http://{host}/" for host in ("192.0.2.101", "[2001:db8::101]"))
DIRECTORS = ("lb1", "lb2")
THRESHOLD = 5000
# Asks on connections that stay open, until the file /tmp/hold.stop is there. One that breaks ends it with an error.
HOLD = """
import http.client, os, time
held = [http.client.HTTPConnection("192.0.2.100", timeout=5) for _ in range(6)]
for each in held:
    each.connect()
    each.auto_open = 0
stop = False
while not stop:
    stop = os.path.exists("/tmp/hold.stop")
    for each in held:
        each.request("GET", "/")
        each.getresponse().read()
    time.sleep(1)
"""


def declared(*web: str, shop: tuple[str, ...] = ()) -> tuple[str, str]:
    """Return the option that declares the service web on these servers, and a second one, with VIPs of its own.

    The servers of web have a threshold, which they do not have in the inventory.
    """
    common = {"port": 80, "forwarding": "dr", "health_check": {"type": "http", "path": "/healthz", "status": 200}}
    servers = [{"host": name, "upper_threshold": THRESHOLD} for name in web]
    services = [{"name": "web", "vip": VIPS, "scheduler": "wlc", "real_servers": servers, **common}]
    if shop:
        services.append({"name": "shop", "vip": NEW_VIPS, "scheduler": "rr", "real_servers": shop, **common})
    return "-e", json.dumps({"lvs_services": services})


def site(lab: Lab, *arguments: str, code: int = 0) -> Run:
    run = lab.playbook("lvs.cluster.site", "-e", "ansible_ssh_timeout=3", *arguments)
    assert run.code == code, run.output
    return run


def table(lab: Lab, director: str) -> list[str]:
    return lab.host(director).check_output("ipvsadm --save --numeric").splitlines()


def weights(lab: Lab, director: str, server: str) -> set[str]:
    """Weights of a real server such as 192.0.2.23 in the service web."""
    return {line.split()[-1] for line in table(lab, director) if line.startswith(f"-a -t {VIPS[0]}:80 -r {server}:80 ")}


def thresholds(lab: Lab, director: str) -> set[int]:
    """Upper thresholds of the real servers of the service web."""
    services = lab.module(director, "lvs.cluster.ipvs_info")["services"]
    return {
        server["upper_threshold"] for service in services if service["vip"] in VIPS for server in service["servers"]
    }


def active(lab: Lab) -> str:
    return next(name for name in DIRECTORS if f" {VIPS[0]}/" in lab.host(name).check_output("ip address show eth0"))


def serves(lab: Lab, *servers: str) -> bool:
    """Tell whether both directors have these and no other servers in rotation for the service web, in both families."""
    wanted = {
        address for server in servers for address in (f"192.0.2.2{server[-1]}:80", f"[2001:db8::2{server[-1]}]:80")
    }
    services = (f"-a -t {VIPS[0]}:80 ", f"-a -t [{VIPS[1]}]:80 ")
    rotations = [
        {line.split()[4] for line in table(lab, name) if line.startswith(services) and not line.endswith("-w 0")}
        for name in DIRECTORS
    ]
    return all(rotation == wanted for rotation in rotations)


def has_vips(host: Host, vips: tuple[str, ...]) -> bool:
    shown = host.check_output("ip address show")
    return any(f" {vip}/" in shown for vip in vips)


@contextmanager
def nobody_notices(lab: Lab, what: str) -> Iterator[None]:
    """Clients of the service web, one for each family, see no failed request in this block."""
    with Load(lab.host("client1"), *URLS, timeout_ms=5000) as load:
        yield
    results = load.results.values()
    requests, failed = (sum(result[count] for result in results) for count in ("requests", "failed_requests"))
    slowest = max(result["latency_ms"]["max"] for result in results)
    report(f"{what}: {failed} of {requests} requests failed, the slowest answer took {slowest:.0f} ms")
    assert [result["failures"] for result in results] == [{}, {}]


@pytest.fixture(scope="module", autouse=True)
def inventory_again(lab: Lab, request: pytest.FixtureRequest) -> Iterator[None]:
    """Begin with a whole cluster, and leave it as the inventory declares it even if a test fails."""
    wait_until(lambda: serves(lab, "web1", "web2", "web3"), 90, "all real servers in rotation")
    failed_before = request.session.testsfailed
    yield
    if request.session.testsfailed == failed_before:
        return  # the last test has done it
    lab.power("started", "web2")
    site(lab)
    wait_until(lambda: serves(lab, "web1", "web2", "web3"), 90, "all real servers in rotation")


def test_a_limited_run_touches_nobody_else(lab: Lab) -> None:
    before = {name: table(lab, name) for name in DIRECTORS}
    with nobody_notices(lab, "web3 leaves, run limited to web1"):
        run = site(lab, *declared("web1", "web2"), "--limit", "web1")
    assert "Not in this run" in run.output
    assert {name: table(lab, name) for name in DIRECTORS} == before
    assert has_vips(lab.host("web3"), VIPS)


def test_a_real_server_leaves_and_a_service_comes(lab: Lab) -> None:
    """Connections to the server that leaves go on until their clients end them."""
    client, director = lab.host("client1"), active(lab)
    client.check_output("rm -f /tmp/hold.stop")
    with ThreadPoolExecutor() as pool, nobody_notices(lab, "web3 leaves, service shop comes"):
        held = pool.submit(client.run, f"python3 -c '{HOLD}'")
        run = pool.submit(site, lab, *declared("web1", "web2", shop=("web1", "web2")))
        try:
            wait_until(lambda: weights(lab, director, "192.0.2.23") == {"0"}, 300, "web3 drained")
        finally:
            client.check_output("sleep 3; touch /tmp/hold.stop")
        run.result()
        assert held.result().succeeded, held.result().stderr
        wait_until(lambda: serves(lab, "web1", "web2"), 60, "web1 and web2 alone in rotation")
    assert not has_vips(lab.host("web3"), VIPS)
    # A reload of keepalived does not write a threshold that changes alone.
    assert [thresholds(lab, name) for name in DIRECTORS] == [{THRESHOLD}] * 2
    for url in NEW_URLS:
        result = lab.module("client1", "lvs.cluster.http_probe", url=url, count=20, timeout=5000)
        assert result["failed_requests"] == 0
        assert set(result["servers"]) == {"web1", "web2"}


def test_an_unreachable_real_server_leaves_and_a_service_goes(lab: Lab) -> None:
    lab.power("paused", "web2")
    wait_until(lambda: serves(lab, "web1"), 60, "web2 out of rotation")
    with nobody_notices(lab, "web2 leaves unreachable, web3 comes, service shop goes"):
        site(lab, *declared("web1", "web3"), code=4)
        wait_until(lambda: serves(lab, "web1", "web3"), 90, "web3 in rotation")
    assert not any(vip in line for name in DIRECTORS for line in table(lab, name) for vip in NEW_VIPS)
    assert not has_vips(lab.host("web1"), NEW_VIPS)
    lab.power("started", "web2")
    assert has_vips(lab.host("web2"), NEW_VIPS)


def test_a_real_server_comes(lab: Lab) -> None:
    """web2 missed the last run: what it has too much goes with this one. So does what somebody changed by hand."""
    for name in DIRECTORS:
        lab.host(name).check_output(f"ipvsadm --edit-service --tcp-service {VIPS[0]}:80 --scheduler rr")
    with nobody_notices(lab, "web2 comes"):
        site(lab)
        wait_until(lambda: serves(lab, "web1", "web2", "web3"), 90, "all real servers in rotation")
    assert not has_vips(lab.host("web2"), NEW_VIPS)
    assert [thresholds(lab, name) for name in DIRECTORS] == [{0}] * 2
    assert all(f"-A -t {VIPS[0]}:80 -s wlc" in table(lab, name) for name in DIRECTORS)
