# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils import files
from ansible_collections.lvs.cluster.plugins.module_utils.network import sysctl
from ansible_collections.lvs.cluster.plugins.modules import kernel_settings

EXPIRE = "net.ipv4.vs.expire_nodest_conn"
FORWARD = "net.ipv4.ip_forward"


class Host:
    """A host whose sysctls, modules and files the test reads and writes."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.set(FORWARD, "0")
        self.set("net/ipv4/conf/eth0.100/send_redirects", "1")

    def path(self, name: str) -> Path:
        return self.root / "sys" / (name if "/" in name else name.replace(".", "/"))

    def set(self, name: str, value: str) -> None:
        self.path(name).parent.mkdir(parents=True, exist_ok=True)
        self.path(name).write_text(f"{value}\n")

    def get(self, name: str) -> str:
        return self.path(name).read_text().strip()

    def load(self, name: str) -> None:
        (self.root / "module" / name).mkdir(parents=True)

    def file(self, name: str) -> Path:
        return self.root / "etc" / name


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, commands: Any) -> Host:
    for function in (files.read_state, files.write_state):
        monkeypatch.setattr(function, "__defaults__", (tmp_path / "state",))
    for name, folder in {"ETC": "etc", "SYS_MODULE": "module", "LIB_MODULES": "lib"}.items():
        monkeypatch.setattr(kernel_settings, name, tmp_path / folder)
    monkeypatch.setattr(sysctl, "_PROC_SYS", tmp_path / "sys")
    monkeypatch.setattr(kernel_settings.platform, "release", lambda: "6.12")
    return Host(tmp_path)


@pytest.fixture
def settings(run: Any) -> Any:
    return lambda **parameters: run(kernel_settings, name="director", **parameters)


def test_sets_remembers_and_restores(host: Host, settings: Any) -> None:
    wanted = {FORWARD: 1, "net/ipv4/conf/eth0.100/send_redirects": 0}
    checked = settings(sysctls=wanted, check=True)
    assert checked["changed"]
    assert host.get(FORWARD) == "0"
    result = settings(sysctls=wanted)
    assert result["diff"] == checked["diff"]
    assert result["sysctls"] == {FORWARD: "1", "net/ipv4/conf/eth0.100/send_redirects": "0"}
    assert host.get("net/ipv4/conf/eth0.100/send_redirects") == "0"
    assert f"{FORWARD} = 1" in host.file("sysctl.d/60-lvs-director.conf").read_text()
    assert not settings(sysctls=wanted)["changed"]

    assert settings(sysctls={FORWARD: 1})["changed"]
    assert host.get("net/ipv4/conf/eth0.100/send_redirects") == "1"
    assert settings(state="absent")["changed"]
    assert host.get(FORWARD) == "0"
    assert not host.file("sysctl.d/60-lvs-director.conf").exists()
    assert not settings(state="absent")["changed"]


def test_what_is_no_longer_declared_stays_until_a_run_that_purges(host: Host, settings: Any) -> None:
    host.load("ip_vs_ftp")
    host.load("ip_vs")
    host.set(EXPIRE, "0")
    settings(modules=["ip_vs_ftp"], sysctls={FORWARD: 1})
    result = settings(modules=["ip_vs"], sysctls={EXPIRE: 1}, purge=False)
    assert result["sysctls"] == {EXPIRE: "1", FORWARD: "1"}
    assert host.get(FORWARD) == "1"
    assert f"{FORWARD} = 1" in host.file("sysctl.d/60-lvs-director.conf").read_text()
    again = settings(modules=["ip_vs"], sysctls={EXPIRE: 1}, purge=False)
    assert (again["changed"], again["kept"]) == (False, True)
    assert settings(modules=["ip_vs"], sysctls={EXPIRE: 1})["changed"]
    assert host.get(FORWARD) == "0"
    assert "ip_vs_ftp" not in host.file("modules-load.d/lvs-director.conf").read_text()
    assert not settings(modules=["ip_vs"], sysctls={EXPIRE: 1}, purge=False)["kept"]
    settings(state="absent", purge=False)
    assert host.get(EXPIRE) == "0"


def test_modules_come_first_and_bring_their_sysctls(host: Host, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def modprobe(_self: Any, name: str) -> None:
        host.load(name)
        host.set(EXPIRE, "0")

    wanted = {"modules": ["ip_vs"], "sysctls": {EXPIRE: 1}}
    assert settings(**wanted, check=True)["diff"]["before"]["sysctls"] == {EXPIRE: None}
    monkeypatch.setattr(kernel_settings.Kernel, "load", modprobe)
    assert settings(**wanted)["changed"]
    assert host.get(EXPIRE) == "1"
    assert "ip_vs" in host.file("modules-load.d/lvs-director.conf").read_text()
    assert not settings(**wanted)["changed"]
    settings(state="absent")
    assert host.get(EXPIRE) == "0"


def test_a_module_that_is_part_of_the_kernel(host: Host, settings: Any, commands: Any) -> None:
    (host.root / "lib/6.12").mkdir(parents=True)
    (host.root / "lib/6.12/modules.builtin").write_text(
        "kernel/net/netfilter/ipvs/ip_vs.ko\nkernel/net/nf-conntrack.ko\n"
    )
    settings(modules=["ip_vs", "nf_conntrack"])
    assert commands.run == []


def test_a_module_that_cannot_be_loaded(host: Host, settings: Any, commands: Any) -> None:
    commands.answers["modprobe ip_vs_xyz"] = (1, "", "FATAL: Module ip_vs_xyz not found\n")
    message = settings(modules=["ip_vs_xyz"])["msg"]
    assert "modules: ip_vs_xyz cannot be loaded into the running kernel, 6.12: FATAL" in message
    assert not host.file("modules-load.d/lvs-director.conf").exists()


def test_a_sysctl_that_the_kernel_does_not_have(host: Host, settings: Any) -> None:
    message = settings(sysctls={"net.ipv4.vs.conn_max": 5, FORWARD: 1})["msg"]
    assert "sysctls: the running kernel, 6.12, does not have net.ipv4.vs.conn_max; leave them out" in message
    assert host.get(FORWARD) == "0"


@pytest.mark.parametrize(
    ("name", "current", "wanted", "changed"),
    [
        ("net.ipv4.vs.sync_threshold", "3\t50", "3 50", False),
        ("net.ipv4.vs.drop_entry", "2", 1, False),
        ("net.ipv4.vs.drop_entry", "3", 1, True),
        ("net.ipv4.vs.sync_retries", "2", 1, True),
    ],
)
def test_values_that_the_kernel_writes_in_another_way(
    host: Host, settings: Any, name: str, current: str, wanted: object, changed: bool
) -> None:
    host.set(name, current)
    settings(sysctls={name: wanted})
    host.set(name, current)
    assert settings(sysctls={name: wanted})["changed"] == changed


def test_a_run_that_was_cut_off_still_knows_the_old_value(host: Host, settings: Any, monkeypatch: Any) -> None:
    def power_cut(*_: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(kernel_settings, "replace_text", power_cut)
        with pytest.raises(ValueError, match="Expecting value"):
            settings(sysctls={FORWARD: 1})
    assert host.get(FORWARD) == "1"
    assert settings(sysctls={FORWARD: 1})["changed"]
    settings(state="absent")
    assert host.get(FORWARD) == "0"
