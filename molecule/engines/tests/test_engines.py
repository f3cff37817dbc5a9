# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One engine after the other for the directors, while clients go on. The tests build on each other, in this order."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import checkers
import pytest
from cluster import DIRECTORS, VIPS, WEB, active_and_standby, nobody_notices, serves, site, table, wait_until_whole
from lab import PROJECT, Lab, wait_until
from testinfra.host import Host

# Nobody but directors has anything to do with it.
SWITCH = ("--limit", "lvs_directors")
STATIC = ("-e", "lvs_director_engine=static")
KEYWORDS = "ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.keepalived.keywords"
GOLDEN = PROJECT / "tests" / "unit" / "roles" / "fixtures" / "keepalived.conf"
# The VIPs move twice, away from the director that changes and back. Connections whose handshake is on its way in that
# moment are not on the other director yet; that is some milliseconds' worth of them, or more on a busy machine.
IN_FLIGHT = 20


@pytest.fixture(scope="module", autouse=True)
def inventory_again(lab: Lab, request: pytest.FixtureRequest) -> Iterator[None]:
    """Leave the cluster as the inventory declares it even if a test fails."""
    wait_until_whole(lab)
    failed_before = request.session.testsfailed
    yield
    if request.session.testsfailed != failed_before:
        lab.power("started", *DIRECTORS)
        site(lab)
        wait_until_whole(lab)


def every_keyword(version: str) -> str:
    """A configuration with all that this version of keepalived has."""
    command = [sys.executable, "-m", KEYWORDS, version]
    environment = {**os.environ, "PYTHONPATH": os.environ["ANSIBLE_COLLECTIONS_PATH"]}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


def accepted(host: Host, configuration: str) -> None:
    """Fail unless this keepalived takes it, without a word."""
    tested = host.run(
        f"cat > /run/tested.conf <<'END'\n{configuration}END\n"
        "keepalived --config-test --use-file /run/tested.conf; code=$?; rm /run/tested.conf; exit $code"
    )
    assert (tested.rc, tested.stdout + tested.stderr) == (0, "")


def owner(lab: Lab, director: str) -> str | None:
    """Who keeps the IPVS table."""
    held_by = lab.module(director, "lvs.cluster.ipvs_info")["owner"]["services"]
    return held_by and held_by["name"]


def test_from_keepalived_to_static(lab: Lab) -> None:
    with nobody_notices(lab, "engine keepalived -> static", IN_FLIGHT):
        site(lab, *STATIC, *SWITCH)
    assert [owner(lab, name) for name in DIRECTORS] == [None, None]
    assert serves(lab, *WEB)


def test_nobody_checks(lab: Lab) -> None:
    """A server that somebody takes out comes back with the next run only, and with lvs_keep_weights not even then."""
    director = active_and_standby(lab)[0]
    edit = f"ipvsadm --edit-server --tcp-service {VIPS[0]}:80 --real-server 192.0.2.21:80 --gatewaying --weight"
    lab.host(director).check_output(f"{edit} 0")
    assert site(lab, *STATIC, "--check", "--limit", director).changed == 1
    assert site(lab, *STATIC, "-e", '{"lvs_keep_weights": true}', "--check", "--limit", director).changed == 0
    lab.host(director).check_output(f"{edit} 1")


def test_the_table_is_there_after_a_boot(lab: Lab) -> None:
    standby = active_and_standby(lab)[1]
    before = table(lab, standby)
    lab.power("stopped", standby, force=True)
    lab.power("started", standby)
    assert table(lab, standby) == before
    order = lab.host(standby).check_output(
        "systemctl show --property=ActiveEnterTimestampMonotonic --value lvs-ipvs keepalived"
    )
    restored, vrrp = map(int, order.split())
    assert 0 < restored < vrrp


def test_from_static_to_ldirectord(lab: Lab, tmp_path: Path) -> None:
    checkers.prepare(lab)
    ldirectord = checkers.extra("ldirectord", tmp_path)
    with nobody_notices(lab, "engine static -> ldirectord", IN_FLIGHT):
        site(lab, *ldirectord, *SWITCH)
        wait_until_whole(lab)
    assert [owner(lab, name) for name in DIRECTORS] == ["ldirectord"] * 2
    assert not any(lab.host(name).file("/etc/systemd/system/lvs-ipvs.service").exists for name in DIRECTORS)
    assert site(lab, *ldirectord, *SWITCH, "--check").changed == 0


def test_keepalived_accepts_every_keyword_of_its_version(lab: Lab) -> None:
    """On Debian 13 and on Debian 12; real servers have keepalived for their bfd sessions. The role's own file too."""
    versions = set()
    for name in ("web1", "web2"):
        host = lab.host(name)
        printed = host.check_output("keepalived --version 2>&1")
        versions.add(printed.split()[1].lstrip("v"))
        accepted(host, every_keyword(printed.split()[1].lstrip("v")))
        # The machine has one interface, and none of the programs.
        accepted(
            host,
            re.sub(r"/usr/local/bin/\S+", "/usr/bin/true", GOLDEN.read_text(encoding="utf-8")).replace("eth1", "lo"),
        )
    assert len(versions) == 2


def test_checks_of_ldirectord(lab: Lab) -> None:
    checkers.out_and_back(lab, "ldirectord")


def test_an_ldirectord_that_fails_is_started_again(lab: Lab) -> None:
    director = lab.host(active_and_standby(lab)[0])
    shown = "systemctl show --property=MainPID --value ldirectord"
    before = director.check_output(shown)
    with nobody_notices(lab, "ldirectord killed"):
        director.check_output(f"kill -KILL {before}")
        wait_until(lambda: director.check_output(shown) not in (before, "0"), 30, "ldirectord runs again")
        checkers.wait_for(lab, "ldirectord")


def test_from_ldirectord_to_keepalived(lab: Lab, tmp_path: Path) -> None:
    with nobody_notices(lab, "engine ldirectord -> keepalived", IN_FLIGHT):
        site(lab, *checkers.extra("keepalived", tmp_path), *SWITCH)
        wait_until_whole(lab)
    assert [owner(lab, name) for name in DIRECTORS] == ["keepalived's checker process"] * 2
    assert not any(lab.host(name).file("/etc/ha.d/ldirectord.cf").contains("lvs.cluster") for name in DIRECTORS)


def test_checks_of_keepalived(lab: Lab) -> None:
    checkers.out_and_back(lab, "keepalived")


def test_the_services_of_the_inventory_again(lab: Lab) -> None:
    site(lab, *SWITCH)
    checkers.clean(lab)
    assert serves(lab, *WEB)
    assert not checkers.in_rotation(lab, DIRECTORS[0])
