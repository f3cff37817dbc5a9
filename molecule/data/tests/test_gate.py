# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real servers without their data leave the rotation. For any scenario with machines of `molecule/data`.

All web servers have two services that need the same datum: `web` at 192.0.2.100 with `when_data_is_gone: serve`, and
`strict` at 192.0.2.101 with `stop` and no sorry server. The health check of both is /healthz, without the data.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from lab import Lab, Load, at_once, report, wait_until

DIRECTOR = "lb1"
VIPS = {"web": "192.0.2.100", "strict": "192.0.2.101"}
CONFIGURATION = "/etc/lvs-cluster/data_gate.json"
COPIES = "/var/lib/lvs-cluster/copies"

# Seconds. Checks come every 2 s and one that fails is tried once more, which takes a busy machine longer.
CHECKED_WITHIN = 60
OBSERVED = 20
TOLERATED = 0.03
"""Share of requests: those under way on a server that leaves are lost, more of them where requests take long."""


@dataclass(frozen=True)
class Site:
    """The web servers, and the datum that they share."""

    lab: Lab
    servers: tuple[str, ...]
    name: str
    path: str
    kind: str
    source: str

    def lose(self, server: str) -> None:
        """Take the datum from one server. A copy gets old, and no new one comes."""
        units = f"lvs-rsync@{self.name}.timer lvs-rsync@{self.name}.service"
        age = f"systemctl stop {units} && touch --date=@1 {COPIES}/{self.name}"
        self.lab.host(server).check_output(age if self.kind == "copy" else f"umount --lazy {self.path}")

    def give_back(self, server: str) -> None:
        """Undo that."""
        mount = f"$(systemd-escape --path --suffix=mount {self.path})"
        unit = f"lvs-rsync@{self.name}.timer" if self.kind == "copy" else mount
        self.lab.host(server).check_output(f"systemctl start {unit}")

    @property
    def storage(self) -> tuple[str, ...]:
        """The machines that freeze when the datum goes for all; both where their address may be on either."""
        address = self.source.partition(":/")[0] if ":/" in self.source else ""
        names = {"192.0.2.31": ("store1",), "192.0.2.32": ("store2",), "": ()}
        return names.get(address, ("store1", "store2"))

    @contextmanager
    def gone_for_all(self) -> Iterator[None]:
        """No server has the datum in this block."""
        try:
            if self.storage:
                self.lab.power("paused", *self.storage)
            else:
                at_once(self.lose, self.servers)
            yield
        finally:
            if self.storage:
                self.lab.power("started", *self.storage)
            else:
                at_once(self.give_back, self.servers)

    def rotation(self, service: str) -> tuple[str, ...]:
        """The servers that get new connections."""
        lines = self.lab.host(DIRECTOR).check_output("ipvsadm --save --numeric").splitlines()
        begin = f"-a -t {VIPS[service]}:80 "
        used = {line.split()[4] for line in lines if line.startswith(begin) and not line.endswith("-w 0")}
        return tuple(name for name in self.servers if f"{_address(name)}:80" in used)

    def has(self, *servers: str, service: str = "web") -> bool:
        """Tell whether these servers, and no others, are in rotation."""
        return self.rotation(service) == servers

    def wait_until_whole(self) -> float:
        """Wait until all servers are in rotation, for both services."""
        return wait_until(
            lambda: all(self.has(*self.servers, service=service) for service in VIPS),
            2 * CHECKED_WITHIN,
            "all servers in rotation",
        )

    def says(self, server: str, path: str) -> tuple[str, str]:
        """What a server's gate answers: the status and the text."""
        url = f"http://{_address(server)}:8889{path}"
        command = f"curl --silent --max-time 20 --write-out '\\n%{{http_code}}' {url}"
        text, _newline, status = self.lab.host(DIRECTOR).check_output(command).rpartition("\n")
        return status, text.strip()


def _address(server: str) -> str:
    return f"192.0.2.2{server[-1]}"


@pytest.fixture(scope="module")
def gated(lab: Lab) -> Site:
    """What web1 says of itself and its peers."""
    (web,) = [
        each
        for each in json.loads(lab.host("web1").file(CONFIGURATION).content_string)["services"]
        if each["name"] == "web"
    ]
    datum = web["data"][0]
    servers = tuple(sorted({"web1", *(f"web{peer[-1]}" for peer in web["peers"])}))
    return Site(lab, servers, datum["name"], datum["path"], datum["kind"], datum.get("source") or "")


@pytest.fixture
def site(gated: Site) -> Site:
    """The cluster, with all servers in rotation."""
    gated.wait_until_whole()
    return gated


def test_what_a_gate_answers(site: Site) -> None:
    for service in VIPS:
        assert site.says("web1", f"/ready/{service}") == ("200", "ready")
        assert site.says("web1", f"/data/{service}") == ("200", "ready")
    assert site.says("web1", "/ready/other")[0] == "404"


def test_the_program_runs_without_any_privilege_and_without_mounts_of_its_own(site: Site) -> None:
    site.says("web1", "/ready/web")
    host = site.lab.host("web1")
    process = host.check_output("systemctl show --property MainPID --value lvs-data-gate.service").strip()
    assert host.check_output(f"stat --format %U /proc/{process}") == "lvs-data-gate"
    assert "CapEff:\t0000000000000000\n" in host.check_output(f"cat /proc/{process}/status") + "\n"
    assert host.check_output(f"readlink /proc/{process}/ns/mnt") == host.check_output("readlink /proc/1/ns/mnt")


def test_the_next_request_starts_a_program_that_was_stopped(site: Site) -> None:
    site.lab.host("web1").check_output("systemctl stop lvs-data-gate.service")
    assert site.says("web1", "/ready/web") == ("200", "ready")


def test_a_server_that_loses_its_data_leaves_and_comes_back(site: Site) -> None:
    others = site.servers[1:]
    with Load(site.lab.host("client1"), f"http://{VIPS['web']}/healthz", timeout_ms=5000) as load:
        try:
            site.lose("web1")
            out = wait_until(lambda: site.has(*others), CHECKED_WITHIN, "web1 out of rotation")
            status, text = site.says("web1", "/ready/web")
            assert status == "503"
            assert text.startswith(f"{site.name}: {site.path} is "), text
            assert site.says("web2", "/ready/web") == ("200", "ready")
            wait_until(lambda: site.has(*others, service="strict"), CHECKED_WITHIN, "web1 out of rotation of strict")
        finally:
            site.give_back("web1")
        back = wait_until(lambda: site.has(*site.servers), CHECKED_WITHIN, "web1 back in rotation")
    failed = f"{load.total('failed_requests')} of {load.total('requests')} requests failed"
    report(
        f"gate, {site.kind} of one server gone: out of rotation after {out:.1f} s, back {back:.1f} s after it; {failed}"
    )
    assert load.total("failed_requests") <= TOLERATED * load.total("requests")


def test_a_server_that_alone_does_not_reach_its_storage_leaves(site: Site) -> None:
    if not site.storage:
        pytest.skip("its data are its own")
    host, address = site.lab.host("web1"), site.source.partition(":/")[0]
    try:
        host.check_output(f"ip neighbor replace {address} lladdr 02:00:00:00:00:99 dev eth0 nud permanent")
        out = wait_until(lambda: site.has(*site.servers[1:]), CHECKED_WITHIN, "web1 out of rotation")
        answer = site.says("web1", "/ready/web")
        assert answer[0] == "503"
        assert f"{site.name}: {site.path} does not answer within" in answer[1]
    finally:
        host.check_output(f"ip neighbor delete {address} dev eth0")
    back = wait_until(lambda: site.has(*site.servers), 2 * CHECKED_WITHIN, "web1 back in rotation")
    report(f"gate, storage unreachable for one server: out of rotation after {out:.1f} s, back {back:.1f} s after it")


def test_data_gone_for_all(site: Site) -> None:
    """With `serve` no server leaves; with `stop` all do. What is left of the service goes on."""
    missing: dict[str, float] = dict.fromkeys(site.servers, 0)
    with Load(site.lab.host("client1"), f"http://{VIPS['web']}/healthz", timeout_ms=5000) as load:
        with site.gone_for_all():
            begin = now = time.monotonic()
            while now - begin < OBSERVED:
                used, before, now = site.rotation("web"), now, time.monotonic()
                for name in set(site.servers) - set(used):
                    missing[name] += now - before
                assert used, "serve means that somebody serves"
                time.sleep(0.2)
            status, text = site.says("web1", "/ready/web")
            assert status == "200"
            assert text.startswith(f"ready: no server has its data, serving all the same\n{site.name}: ")
            assert site.says("web1", "/data/web")[0] == site.says("web1", "/ready/strict")[0] == "503"
            wait_until(lambda: site.has(service="strict"), CHECKED_WITHIN, "strict without a server")
            wait_until(lambda: site.has(*site.servers), CHECKED_WITHIN, "all servers in rotation of web")
        back = site.wait_until_whole()
    failed = f"{load.total('failed_requests')} of {load.total('requests')} requests failed"
    away = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in missing.items())
    report(
        f"gate, data gone for all for {OBSERVED} s: {failed}; out of rotation: {away}; all back {back:.1f} s after it"
    )
    assert load.total("failed_requests") == 0


def test_the_health_check_decides_too(site: Site) -> None:
    """keepalived wants all checks of a real server to be good."""
    host = site.lab.host("web1")
    try:
        host.check_output("systemctl stop nginx")
        wait_until(lambda: site.has(*site.servers[1:]), CHECKED_WITHIN, "web1 out of rotation")
        assert site.says("web1", "/ready/web") == ("200", "ready")
        # One good check of two is not enough, however often it comes.
        time.sleep(6)
        assert site.has(*site.servers[1:])
        site.lose("web1")
        wait_until(lambda: site.says("web1", "/ready/web")[0] == "503", CHECKED_WITHIN, "web1 not ready")
        host.check_output("systemctl start nginx")
        time.sleep(6)
        assert site.has(*site.servers[1:])
    finally:
        host.check_output("systemctl start nginx")
        site.give_back("web1")
    wait_until(lambda: site.has(*site.servers), CHECKED_WITHIN, "web1 back in rotation")
