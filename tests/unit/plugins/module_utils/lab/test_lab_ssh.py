# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.lab import layout
from ansible_collections.lvs.cluster.plugins.module_utils.lab.layout import LabFiles
from ansible_collections.lvs.cluster.plugins.module_utils.lab.model import MachineSpec, Nic
from ansible_collections.lvs.cluster.plugins.module_utils.lab.names import link_local_address, mac_address
from ansible_collections.lvs.cluster.plugins.module_utils.lab.ssh import lab_config, machine_config

SPEC = MachineSpec(
    lab="demo",
    name="lb1",
    kernel="/k",
    image="/i",
    memory=384,
    nics=(Nic("lan", ("192.0.2.11/24", "2001:db8::11/64")), Nic("back", ("198.51.100.11/24",))),
)


@pytest.fixture(autouse=True)
def long_paths(monkeypatch: pytest.MonkeyPatch) -> None:
    """Allow for the long name of the test's folder."""
    monkeypatch.setattr(layout, "MAX_SOCKET_PATH", 1000)


def settings(tmp_path: Path, host: str) -> dict[str, str]:
    """Ask ssh itself what it makes of the configuration."""
    lab = LabFiles(tmp_path, "demo")
    machine = lab.machine("lb1")
    machine.folder.mkdir(parents=True)
    lab.ssh_config.write_text(lab_config(lab))
    machine.ssh_config.write_text(machine_config(SPEC, lab))
    command = ["ssh", "-G", "-F", str(lab.ssh_config), host]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return dict(line.split(" ", 1) for line in output.splitlines() if " " in line)


def test_a_machine_is_found_by_its_name_and_its_addresses(tmp_path: Path) -> None:
    for number, host in enumerate(["lb1", "192.0.2.11", "2001:db8::11", "198.51.100.11"]):
        found = settings(tmp_path / str(number), host)
        assert found["identityfile"] == "/i/id_ed25519"
        assert found["user"] == "root"


def test_another_host_is_not_one_of_the_lab(tmp_path: Path) -> None:
    assert "proxycommand" not in settings(tmp_path, "lb10")


def test_the_way_in_is_the_first_nics_link_local_address(tmp_path: Path) -> None:
    target = link_local_address(mac_address("lb1", 0))
    found = settings(tmp_path, "lb1")
    assert found["proxycommand"] == f"nsenter --net=/run/netns/lvslab-demo nc -F -w 5 {target}%%lan %p"
    assert found["proxyusefdpass"] == "yes"


def test_host_keys_are_checked_against_that_of_the_image(tmp_path: Path) -> None:
    found = settings(tmp_path, "lb1")
    assert found["stricthostkeychecking"] in ("yes", "true")
    assert found["userknownhostsfile"] == "/i/known_hosts"


def test_connections_are_shared_per_machine_and_user(tmp_path: Path) -> None:
    found = settings(tmp_path, "192.0.2.11")
    assert found["controlmaster"] == "auto"
    assert found["controlpath"] == f"{tmp_path}/labs/demo/machines/lb1/ssh-root"
