# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.owner import Owner, Owners, find_owners

FREE = Owners(None, None, None)


class Machine:
    """A /proc and a /run; a network namespace is a file."""

    def __init__(self, folder):
        self.proc, self.run, self.namespaces = folder / "proc", folder / "run", folder / "namespaces"
        for each in (self.proc, self.run, self.namespaces):
            each.mkdir()
        self._link_namespace(self.proc / "self", "main")
        (self.proc / "self/net").mkdir()
        self.interfaces("lo", "eth0")
        (self.proc / "sys").mkdir()

    def interfaces(self, *names):
        lines = "".join(f"  {name}: 0 0 0\n" for name in names)
        (self.proc / "self/net/dev").write_text("Inter-|   Receive\n" + lines)

    def start(self, pid, name, *arguments, parent=1, namespace="main", open_files=()):
        folder = self.proc / str(pid)
        self._link_namespace(folder, namespace)
        (folder / "comm").write_text(f"{name}\n")
        (folder / "cmdline").write_bytes("".join(f"{each}\0" for each in (arguments or (name,))).encode())
        (folder / "stat").write_text(f"{pid} ({name}) S {parent} 1 1 0")
        (folder / "fd").mkdir()
        for number, file in enumerate(open_files):
            (folder / "fd" / str(number)).symlink_to(file)

    def pid_file(self, name, text):
        (self.run / name).parent.mkdir(parents=True, exist_ok=True)
        (self.run / name).write_text(text)

    def docker_namespace(self, name, namespace):
        (self.run / "docker/netns").mkdir(parents=True)
        os.link(self.namespaces / namespace, self.run / "docker/netns" / name)

    def _link_namespace(self, folder, namespace):
        (self.namespaces / namespace).touch()
        (folder / "ns").mkdir(parents=True)
        (folder / "ns/net").symlink_to(self.namespaces / namespace)

    def owners(self):
        return find_owners(self.proc, self.run)


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def keepalived(machine, vrrp=True, checker=True, hold=True, namespace="main"):
    files = [name for name, there in (("vrrp", vrrp), ("checkers", checker)) if there]
    held = {name: [f"/run/{name}.pid"] if hold else [] for name in files}
    machine.start(700, "keepalived", open_files=sum(held.values(), ["/run/keepalived.pid"]), namespace=namespace)
    for pid, name in enumerate(files, 701):
        machine.start(pid, "keepalived", parent=700, open_files=[*held[name], "socket:[17]"], namespace=namespace)
        machine.pid_file(f"{name}.pid", f"{pid}\n")


def test_nobody(machine):
    machine.start(1, "systemd")
    assert machine.owners() == FREE


@pytest.mark.parametrize("hold", [True, False])
def test_keepalived_with_a_checker(machine, hold):
    keepalived(machine, hold=hold)
    checker = Owner("keepalived's checker process", 702)
    assert machine.owners() == Owners(checker, Owner("keepalived", 700), checker)
    assert str(checker) == "keepalived's checker process (pid 702)"


def test_a_checker_is_known_without_a_readable_pid_file(machine):
    keepalived(machine)
    machine.pid_file("checkers.pid", "garbage")
    assert machine.owners().services.pid == 702


def test_a_checker_is_known_by_its_own_name(machine):
    machine.start(700, "keepalived")
    machine.start(701, "keepalived_ipvs", parent=700)
    assert machine.owners().services.pid == 701


def test_a_checker_of_an_instance(machine):
    machine.start(700, "keepalived")
    machine.start(701, "keepalived", parent=700)
    machine.pid_file("keepalived/checkers_blue.pid", "701")
    assert machine.owners().services.pid == 701


def test_keepalived_that_only_does_vrrp_holds_no_more_than_the_daemons(machine):
    keepalived(machine, checker=False)
    assert machine.owners() == Owners(None, Owner("keepalived", 700), None)


def test_a_pid_file_that_was_left_behind_means_nothing(machine):
    keepalived(machine, checker=False)
    machine.pid_file("checkers.pid", "4711")
    assert machine.owners().services is None


def test_another_network_namespace(machine):
    keepalived(machine, namespace="blue")
    assert machine.owners() == FREE


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("ldirectord", ("/usr/bin/perl", "-w", "/usr/sbin/ldirectord", "start")),
        ("ldirectord /et", ("ldirectord /etc/ha.d/ldirectord.cf",)),
        ("perl", ("/usr/bin/perl", "-w", "/usr/sbin/ldirectord", "start")),
    ],
)
def test_ldirectord(machine, name, arguments):
    machine.start(800, name, *arguments)
    assert machine.owners() == Owners(Owner("ldirectord", 800), None, None)


def test_other_perl(machine):
    machine.start(800, "perl", "/usr/bin/perl", "/usr/bin/spamd")
    assert machine.owners() == FREE


@pytest.mark.parametrize("name", ["kube-proxy", "k3s-server"])
def test_kube_proxy_in_its_ipvs_mode(machine, name):
    machine.start(900, name)
    assert machine.owners() == FREE
    machine.interfaces("lo", "kube-ipvs0")
    proxy = Owner("kube-proxy", 900)
    assert machine.owners() == Owners(proxy, None, proxy)


def test_a_namespace_of_docker(machine):
    machine.start(950, "dockerd", namespace="host")
    assert machine.owners() == FREE
    machine.docker_namespace("ingress_sbox", "main")
    docker = Owner("Docker (dockerd)", 950)
    assert machine.owners() == Owners(docker, None, docker)


def test_a_process_that_ends_meanwhile(machine):
    keepalived(machine)
    (machine.proc / "702/stat").unlink()
    (machine.proc / "703").mkdir()
    (machine.run / "checkers.pid").unlink()
    assert machine.owners() == Owners(None, Owner("keepalived", 700), None)


def test_the_processes_of_this_machine_can_be_read():
    assert isinstance(find_owners(), Owners)
