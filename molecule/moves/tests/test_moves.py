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

import pytest
from cluster import (
    DIRECTORS,
    VIPS,
    active_and_standby,
    has_vips,
    nobody_notices,
    serves,
    site,
    table,
    wait_until_whole,
)
from lab import Lab, wait_until

NEW_VIPS = ("192.0.2.101", "2001:db8::101")
NEW_URLS = tuple(f"http://{host}/" for host in ("192.0.2.101", "[2001:db8::101]"))
THRESHOLD = 5000
DROP_IN = "/run/systemd/system/keepalived.service.d/broken.conf"
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


def weights(lab: Lab, director: str, server: str) -> set[str]:
    """Weights of a real server such as 192.0.2.23 in the service web."""
    return {line.split()[-1] for line in table(lab, director) if line.startswith(f"-a -t {VIPS[0]}:80 -r {server}:80 ")}


def thresholds(lab: Lab, director: str) -> set[int]:
    """Upper thresholds of the real servers of the service web."""
    services = lab.module(director, "lvs.cluster.ipvs_info")["services"]
    return {
        server["upper_threshold"] for service in services if service["vip"] in VIPS for server in service["servers"]
    }


@pytest.fixture(scope="module", autouse=True)
def inventory_again(lab: Lab, request: pytest.FixtureRequest) -> Iterator[None]:
    """Begin with a whole cluster, and leave it as the inventory declares it even if a test fails."""
    wait_until_whole(lab)
    failed_before = request.session.testsfailed
    yield
    if request.session.testsfailed == failed_before:
        return  # the last test has done it
    lab.power("started", "web2")
    site(lab)
    wait_until_whole(lab)


def test_a_limited_run_touches_nobody_else(lab: Lab) -> None:
    before = {name: table(lab, name) for name in DIRECTORS}
    with nobody_notices(lab, "web3 leaves, run limited to web1"):
        run = site(lab, *declared("web1", "web2"), "--limit", "web1")
    assert "Not in this run" in run.output
    assert {name: table(lab, name) for name in DIRECTORS} == before
    assert has_vips(lab.host("web3"))


def test_the_active_director_is_left_alone_when_the_standby_one_fails(lab: Lab) -> None:
    """Directors change one after the other, and the run ends with the first that cannot. The next test's run goes on."""
    active, standby = active_and_standby(lab)
    host, before = lab.host(standby), table(lab, active)
    broken = "[Service]\\nExecReload=\\nExecReload=/bin/false\\n"
    host.check_output(
        f"mkdir -p $(dirname {DROP_IN}); printf '{broken}' > {DROP_IN}; systemctl daemon-reload",
    )
    try:
        with nobody_notices(lab, "a change that the standby director cannot follow"):
            run = site(lab, *declared("web1", "web2", "web3"), code=2)
    finally:
        host.check_output(f"rm {DROP_IN}; systemctl daemon-reload")
    assert "systemctl reload keepalived failed" in run.output
    assert (table(lab, active), thresholds(lab, active)) == (before, {0})


def test_a_real_server_leaves_and_a_service_comes(lab: Lab) -> None:
    """Connections to the server that leaves go on until their clients end them."""
    client, director = lab.host("client1"), active_and_standby(lab)[0]
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
    assert not has_vips(lab.host("web3"))
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
        wait_until_whole(lab)
    assert not has_vips(lab.host("web2"), NEW_VIPS)
    assert [thresholds(lab, name) for name in DIRECTORS] == [{0}] * 2
    assert all(f"-A -t {VIPS[0]}:80 -s wlc" in table(lab, name) for name in DIRECTORS)
