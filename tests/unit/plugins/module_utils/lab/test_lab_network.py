# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.lab import network
from ansible_collections.lvs.cluster.plugins.module_utils.lab.model import LabError, Nic
from ansible_collections.lvs.cluster.plugins.module_utils.lab.network import Network

OWNER = Path("/c/labs/demo")


class Host:
    """Stands in for ip, nsenter and sysctl: keeps a namespace as they would."""

    def __init__(self, namespaces: Path) -> None:
        self.file = namespaces / "lvslab-demo"
        self.links: dict[str, dict[str, Any]] = {}
        self.broken = False
        self.changes: list[str] = []

    def run(self, *command: str) -> str:
        words = list(command)
        if words[0] == "nsenter" and "sysctl" not in words:
            if self.broken or not self.file.exists():
                raise LabError("cannot enter")
            return ""
        if "show" in words:
            return json.dumps(list(self.links.values()))
        self.changes.append(" ".join(words))
        if words[:3] == ["ip", "netns", "add"]:
            self.file.touch()
            self.broken = False
            self.links = {"lo": {"ifname": "lo"}}
        elif words[:3] == ["ip", "netns", "delete"]:
            self.file.unlink()
            self.links = {}
        elif words[0] == "ip":
            self._link(words[3:])
        return ""

    def _link(self, words: list[str]) -> None:
        options = dict(zip(words, words[1:]))
        name = options.get("dev") or options["name"]
        if "delete" in words:
            del self.links[name]
            return
        link = self.links.setdefault(name, {"ifname": name})
        if "alias" in options:
            link["ifalias"] = options["alias"]
        if "master" in options:
            link["master"] = options["master"]
        if "up" in words:
            link["up"] = True


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    stand_in = Host(tmp_path)
    monkeypatch.setattr(network, "_NAMESPACES", tmp_path)
    monkeypatch.setattr(network, "_run", stand_in.run)
    return stand_in


@pytest.fixture
def lab(host: Host) -> Network:
    return Network("lvslab-demo", OWNER)


def test_the_first_machine_makes_namespace_bridge_and_tap(host: Host, lab: Network) -> None:
    lab.ensure("lb1", [Nic("lan")])
    assert set(host.links) == {"lo", "lan", "lb1-eth0"}
    assert host.links["lb1-eth0"] == {"ifname": "lb1-eth0", "master": "lan", "up": True}
    assert host.links["lo"]["ifalias"] == "/c/labs/demo"
    assert host.links["lan"]["up"]


def test_nothing_is_made_twice(host: Host, lab: Network) -> None:
    lab.ensure("lb1", [Nic("lan"), Nic("lan")])
    host.changes.clear()
    lab.ensure("lb1", [Nic("lan"), Nic("lan")])
    assert [change for change in host.changes if " add " in change or change.endswith(" up")] == []


def test_a_cable_that_was_pulled_stays_so(host: Host, lab: Network) -> None:
    lab.ensure("lb1", [Nic("lan")])
    host.links["lb1-eth0"]["up"] = False
    lab.ensure("lb1", [Nic("lan")])
    assert host.links["lb1-eth0"]["up"] is False


def test_a_nic_that_moved_is_plugged_into_its_new_segment(host: Host, lab: Network) -> None:
    lab.ensure("lb1", [Nic("lan")])
    lab.ensure("lb1", [Nic("back")])
    assert host.links["lb1-eth0"]["master"] == "back"


def test_a_tap_carries_what_its_nic_does(host: Host, lab: Network) -> None:
    lab.ensure("lb1", [Nic("lan"), Nic("back", mtu=9000)])
    mtus = [change.split(" mtu ")[1].split()[0] for change in host.changes if " mtu " in change]
    assert mtus == ["1500", "9000"]


def test_a_broken_namespace_is_made_anew(host: Host, lab: Network) -> None:
    host.file.touch()
    host.broken = True
    lab.ensure("lb1", [Nic("lan")])
    assert host.changes[:2] == ["ip netns delete lvslab-demo", "ip netns add lvslab-demo"]


def test_a_lab_of_another_cache_is_left_alone(host: Host, lab: Network) -> None:
    Network("lvslab-demo", Path("/other/labs/demo")).ensure("lb1", [Nic("lan")])
    host.changes.clear()
    for action in (lambda: lab.ensure("lb1", [Nic("lan")]), lab.remove):
        with pytest.raises(LabError, match="a lab of that name is already up, with its files in /other/labs/demo"):
            action()
    assert host.changes == []


def test_a_machines_taps_go_with_it(host: Host, lab: Network) -> None:
    lab.ensure("lb1", [Nic("lan"), Nic("lan")])
    lab.ensure("lb2", [Nic("lan")])
    lab.remove_taps("lb1", 2)
    assert set(host.links) == {"lo", "lan", "lb2-eth0"}
    lab.remove_taps("lb1", 2)


def test_taps_of_a_namespace_that_never_was(host: Host, lab: Network) -> None:
    lab.remove_taps("lb1", 2)
    assert host.changes == []


def test_the_namespace_goes_last(host: Host, lab: Network) -> None:
    lab.ensure("lb1", [Nic("lan")])
    assert lab.exists()
    lab.remove()
    assert not lab.exists()
    lab.remove()


def test_a_command_that_fails_is_shown() -> None:
    with pytest.raises(LabError, match=r"'sh -c echo no >&2; exit 1' failed: no"):
        network._run("sh", "-c", "echo no >&2; exit 1")


def test_a_command_that_is_not_there_is_named() -> None:
    with pytest.raises(LabError, match="command 'no-such-command' is not installed"):
        network._run("no-such-command")
