# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.cluster_fs import configuration, merge, mounts
from ansible_collections.lvs.cluster.plugins.module_utils.cluster_fs.mounts import MARK
from ansible_collections.lvs.cluster.plugins.module_utils.storage import block_device, mountinfo
from ansible_collections.lvs.cluster.plugins.module_utils.storage.block_device import BlockDevice, Signature
from ansible_collections.lvs.cluster.plugins.module_utils.storage.mountinfo import Mount
from ansible_collections.lvs.cluster.plugins.modules import (
    cluster_filesystem,
    cluster_fs_config,
    cluster_fs_info,
    cluster_fs_mount,
    cluster_fs_node,
    corosync_key,
)
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.cluster_fs.superblocks import UUID, gfs2, ocfs2

DEVICE, PATH = "/dev/common", "/srv/www"
JOURNALS = "journal0: 0x12    8MB clean.\njournal1: 0x81b   8MB clean.\n"
MOUNTED = Mount(PATH, DEVICE, "gfs2", "98:16", frozenset(("rw", "noatime")), frozenset(("rw",)))

Call = Callable[..., dict[str, Any]]


class Disk:
    """The device: what is on it, and where it is mounted."""

    def __init__(self, run: Call, commands: Any) -> None:
        self.found = BlockDevice(DEVICE)
        self.commands = commands
        self._run = run
        commands.answers["gfs2_edit"] = (0, JOURNALS, "")

    def look(self, path: str, run: Any) -> BlockDevice:
        return self.found

    def has(self, head: bytes) -> None:
        self.found = BlockDevice(DEVICE, head=head, used_at=0)

    def run(self, check: bool = False, **parameters: Any) -> dict[str, Any]:
        options = {"device": DEVICE, "type": "gfs2", "cluster": "lvs", "name": "www", "slots": 2, **parameters}
        given = {key: value for key, value in options.items() if value is not None}
        return self._run(cluster_filesystem, check=check, **given)

    @property
    def done(self) -> list[str]:
        return [line for line in self.commands.run if not line.startswith("gfs2_edit")]


@pytest.fixture
def disk(run: Call, commands: Any, monkeypatch: pytest.MonkeyPatch) -> Disk:
    stand_in = Disk(run, commands)
    monkeypatch.setattr(block_device, "look", stand_in.look)
    monkeypatch.setattr(mountinfo, "read", list)
    return stand_in


def test_slots_are_needed(disk: Disk) -> None:
    assert "slots" in disk.run(slots=None)["msg"]


def test_check_mode_makes_nothing(disk: Disk) -> None:
    result = disk.run(check=True)
    assert (result["changed"], result["found"], result["slots"], disk.done) == (True, "blank", 2, [])


@pytest.mark.parametrize(
    ("parameters", "command"),
    [
        ({}, f"mkfs.gfs2 -q -O -p lock_dlm -t lvs:www -j 2 {DEVICE}"),
        ({"journal_size": 64}, f"mkfs.gfs2 -q -O -p lock_dlm -t lvs:www -j 2 -J 64 {DEVICE}"),
        ({"type": "ocfs2"}, f"mkfs.ocfs2 -q --cluster-stack=pcmk --cluster-name=lvs -L www -N 4 {DEVICE}"),
        (
            {"type": "ocfs2", "spare_slots": 0, "journal_size": 16},
            f"mkfs.ocfs2 -q --cluster-stack=pcmk --cluster-name=lvs -L www -N 2 -J size=16M {DEVICE}",
        ),
    ],
)
def test_a_file_system_is_made(disk: Disk, parameters: dict[str, Any], command: str) -> None:
    assert disk.run(**parameters)["changed"]
    assert disk.done == [command]


@pytest.mark.parametrize(("kind", "head"), [("gfs2", gfs2()), ("ocfs2", ocfs2())])
def test_ours_stays(disk: Disk, kind: str, head: bytes) -> None:
    disk.has(head)
    result = disk.run(type=kind)
    assert (result["changed"], result["found"], result["uuid"]) == (False, "ours", UUID)
    assert disk.done == []


def test_foreign_data_is_refused_in_both_states(disk: Disk) -> None:
    disk.found = BlockDevice(DEVICE, signatures=(Signature("ext4"),))
    for state in ("present", "examined"):
        assert f"{DEVICE} holds data of type ext4" in disk.run(state=state)["msg"]
    assert disk.done == []


def test_to_examine_changes_nothing(disk: Disk) -> None:
    result = disk.run(state="examined", slots=None)
    assert (result["changed"], result["found"], disk.done) == (False, "blank", [])


def test_journals_wait_for_the_mount(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    disk.has(gfs2())
    assert not disk.run(slots=4)["changed"]
    assert not disk.run(slots=4, path=PATH)["changed"]
    monkeypatch.setattr(mountinfo, "read", lambda: [MOUNTED])
    result = disk.run(slots=4, path=PATH)
    assert (result["changed"], result["slots"]) == (True, 4)
    assert disk.done == [f"gfs2_jadd -j 2 -J 32 {PATH}"]
    assert not disk.run(slots=1, path=PATH)["changed"]


def test_check_mode_tells_of_journals(disk: Disk) -> None:
    disk.has(gfs2())
    assert disk.run(check=True, slots=4, path=PATH)["changed"]
    assert disk.done == []


def test_node_slots_grow(disk: Disk) -> None:
    disk.has(ocfs2())
    assert disk.run(type="ocfs2", slots=6)["changed"]
    assert disk.done == [f"tunefs.ocfs2 --yes -N 6 {DEVICE}"]


def test_node_slots_of_a_mounted_file_system(disk: Disk) -> None:
    disk.has(ocfs2())
    disk.commands.answers["tunefs.ocfs2"] = (25, "", "tunefs.ocfs2: Trylock failed while opening device\n")
    message = disk.run(type="ocfs2", slots=6)["msg"]
    assert (
        f"{DEVICE} has node slots for 5 hosts and needs 6. They can only be added while no host has it mounted"
        in message
    )
    assert message.endswith("tunefs.ocfs2 says: tunefs.ocfs2: Trylock failed while opening device")


class Host:
    """A host with units and mounts; commands that mount and unmount do so."""

    def __init__(self, root: Path, commands: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.units = root / "units"
        self.mounts: list[Mount] = []
        self.commands = commands
        self.busy = False
        monkeypatch.setattr(mountinfo, "read", lambda: self.mounts)
        real = commands.__class__.__call__

        def act(stand_in: Any, module: Any, command: Any, **more: Any) -> Any:
            line = " ".join(command)
            if line == "systemctl restart lvs-cluster-fs@srv-www.service":
                self.mounts = [MOUNTED]
            elif line == "systemctl stop srv-www.mount" and not self.busy:
                self.mounts = []
            return real(stand_in, module, command, **more)

        monkeypatch.setattr(commands.__class__, "__call__", act)

    def enable(self) -> None:
        wants = self.units / "multi-user.target.wants"
        wants.mkdir(parents=True)
        (wants / "lvs-cluster-fs@srv-www.service").symlink_to("x")


@pytest.fixture
def host(host_root: Path, commands: Any, monkeypatch: pytest.MonkeyPatch) -> Host:
    monkeypatch.setattr(cluster_fs_mount.Path, "mkdir", Path.mkdir)
    return Host(host_root, commands, monkeypatch)


@pytest.fixture
def mount(run: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    def call(check: bool = False, **parameters: Any) -> dict[str, Any]:
        options = {"path": PATH, "device": DEVICE, "type": "gfs2", **parameters}
        return run(cluster_fs_mount, check=check, **options)

    # The mount point itself is not made here.
    real = Path.mkdir
    monkeypatch.setattr(Path, "mkdir", lambda self, *a, **k: None if str(self) == PATH else real(self, *a, **k))
    return call


def test_check_mode_mounts_nothing(mount: Call, host: Host) -> None:
    result = mount(check=True)
    assert result["changed"]
    assert [part["after_header"] for part in result["diff"]] == [
        str(host.units / "srv-www.mount"),
        str(host.units / "lvs-cluster-fs@.service"),
        PATH,
    ]
    assert (host.commands.run, host.units.exists()) == ([], False)


def test_it_is_mounted_by_its_service(mount: Call, host: Host) -> None:
    assert mount()["changed"]
    assert host.commands.run == [
        "systemctl daemon-reload",
        "systemctl enable lvs-cluster-fs@srv-www.service",
        "systemctl restart lvs-cluster-fs@srv-www.service",
    ]
    host.enable()
    host.commands.run.clear()
    assert not mount()["changed"]
    assert host.commands.run == []


def test_other_options_are_a_remount(mount: Call, host: Host) -> None:
    mount()
    host.enable()
    host.commands.run.clear()
    assert mount(options=["noatime", "nosuid"])["changed"]
    assert host.commands.run == ["systemctl daemon-reload", f"mount -o remount,noatime,nosuid {PATH}"]


def test_another_mount_in_its_place(mount: Call, host: Host) -> None:
    host.mounts = [Mount(PATH, "server:/x", "nfs4", "0:1", frozenset(), frozenset())]
    assert mount()["msg"] == f"{PATH} is a mount of server:/x (nfs4) already; unmount that, or choose another path"


def test_a_mount_point_of_fstab(mount: Call, host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_fs_mount, "FSTAB", tmp_path / "fstab")
    (tmp_path / "fstab").write_text(f"# {DEVICE} {PATH} gfs2\n{DEVICE} {PATH}/ gfs2 noauto 0 0\n")
    assert mount()["msg"] == f"{PATH} stands in /etc/fstab; take it out there, since systemd would mix them up"
    (tmp_path / "fstab").write_text(f"{DEVICE} {PATH}2 gfs2\n")
    assert mount()["changed"]


def test_removal(mount: Call, host: Host) -> None:
    assert not mount(state="absent")["changed"]
    mount()
    assert mount(state="absent", check=True)["changed"]
    assert host.mounts
    assert mount(state="absent")["changed"]
    assert host.mounts == []
    assert list(host.units.glob("*.*")) == []


def test_what_is_in_use_stays(mount: Call, host: Host) -> None:
    mount()
    host.busy = True
    assert f"{PATH} cannot be unmounted: " in mount(state="absent")["msg"]
    assert (host.units / "srv-www.mount").exists()
    assert host.commands.run[-1] == "systemctl start lvs-cluster-fs@srv-www.service"


@pytest.fixture
def files(host_root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The configuration's files, in a folder of the test."""
    for name, path in (("COROSYNC", "etc/corosync.conf"), ("DLM", "etc/dlm.conf"), ("READ", "run")):
        monkeypatch.setattr(configuration, name, host_root / path)
    for name in ("COROSYNC", "DLM"):
        monkeypatch.setattr(cluster_fs_node, name, getattr(configuration, name))
    monkeypatch.setattr(cluster_fs_config.corosync, "KEY", str(host_root / "etc/authkey"))
    monkeypatch.setattr(corosync_key, "FILE", host_root / "etc/authkey")
    monkeypatch.setattr(merge, "PROGRAM", host_root / "lib/cluster-fs-merge")
    monkeypatch.setattr(cluster_fs_config.AnsibleModule, "get_bin_path", lambda _self, name: f"/usr/sbin/{name}")
    return host_root


TOTEM = "totem {\n    cluster_name: lvs\n}"
FENCE = "protocol=tcp\ndevice fence fence_x passwd=geheim"


def test_configuration(files: Path, run: Call, commands: Any) -> None:
    assert run(cluster_fs_config, check=True, corosync=TOTEM, dlm=FENCE)["changed"]
    assert not (files / "etc").exists()
    result = run(cluster_fs_config, corosync=TOTEM, dlm=FENCE, ocfs2=True)
    assert len(result["files"]) == 6
    assert "geheim" not in str(result)
    assert (files / "etc/dlm.conf").read_text() == f"{MARK}\n{FENCE}\n"
    assert (files / "etc/dlm.conf").stat().st_mode & 0o777 == 0o600
    assert "echo pcmk > /sys/fs/ocfs2/cluster_stack" in (files / "units/dlm.service.d/lvs-cluster.conf").read_text()
    assert not run(cluster_fs_config, corosync=TOTEM, dlm=FENCE, ocfs2=True)["changed"]


def test_what_corosync_does_not_accept_changes_nothing(files: Path, run: Call, commands: Any) -> None:
    commands.answers["/usr/sbin/corosync -t"] = (8, "", "parser error: Missing closing brace\n")
    assert run(cluster_fs_config, corosync="totem {", dlm=FENCE)["msg"] == (
        "corosync does not accept its configuration, so nothing was changed: parser error: Missing closing brace"
    )
    assert not (files / "etc").exists()


def test_only_our_configuration_is_removed(files: Path, run: Call, commands: Any) -> None:
    run(cluster_fs_config, corosync=TOTEM, dlm=FENCE)
    (files / "etc/authkey").write_text("key")
    (files / "etc/dlm.conf").write_text("protocol=sctp\n")
    assert run(cluster_fs_config, state="absent")["changed"]
    assert sorted(path.name for path in files.rglob("*") if path.is_file()) == ["dlm.conf"]
    assert not run(cluster_fs_config, state="absent")["changed"]


def test_whose_cluster_it_is(files: Path, commands: Any) -> None:
    def ask(command: Any) -> tuple[int, str, str]:
        packaged = "95a8b8c5ab1ccb4a5a6d7eb8ee8d4eb7"
        return {"dpkg-query": (0, f" {files}/etc/corosync.conf {packaged}\n", ""), "systemctl": (1, "", "")}[command[0]]

    assert configuration.foreign(ask) == ""
    (files / "etc").mkdir()
    (files / "etc/corosync.conf").write_text("totem {\n}\n")
    assert configuration.foreign(ask).endswith("was not written by this collection")
    (files / "etc/corosync.conf").write_text(f"{MARK}\n")
    assert configuration.foreign(ask) == ""
    assert configuration.foreign(lambda _command: (0, "", "")).startswith("pacemaker is enabled")


def test_a_key_is_made_once(files: Path, run: Call, commands: Any) -> None:
    assert run(corosync_key) | {"invocation": None} == {
        "changed": False,
        "failed": False,
        "key": None,
        "invocation": None,
    }
    assert run(corosync_key, create=True, check=True)["changed"]
    assert commands.run == []
    assert run(corosync_key, create=True)["changed"]
    assert commands.run == [f"corosync-keygen -k {files}/etc/authkey"]


def test_a_key_is_handed_over(files: Path, run: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corosync_key, "_is_open", lambda: False)
    key = base64.b64encode(bytes(range(256))).decode()
    assert run(corosync_key, key=key, check=True)["changed"]
    assert not (files / "etc/authkey").exists()
    assert run(corosync_key, key=key)["changed"]
    assert (files / "etc/authkey").read_bytes() == bytes(range(256))
    assert (files / "etc/authkey").stat().st_mode & 0o777 == 0o400
    assert not run(corosync_key, key=key)["changed"]
    assert run(corosync_key)["key"] == key


class Daemons:
    """corosync and dlm: what their files say, what they have read, and what is asked of them."""

    def __init__(self, files: Path, run: Call, commands: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.commands = commands
        self._run = run
        self._files = files
        self.mounts: list[Mount] = []
        monkeypatch.setattr(mountinfo, "read", lambda: self.mounts)
        commands.answers["corosync-quorumtool"] = (0, "Node ID: 1\nQuorate: Yes\n", "")
        self.nodes(1, 2)
        self.write("totem {\n cluster_name: lvs\n}\n", "protocol=tcp\n")
        self.read()

    def nodes(self, *joined: int) -> None:
        lines = [f"nodelist.node.{i}.nodeid (u32) = {i}\nnodelist.node.{i}.name (str) = web{i}" for i in (1, 2)]
        lines += [f"runtime.members.{i}.status (str) = joined" for i in joined]
        self.commands.answers["corosync-cmapctl"] = (0, "\n".join(lines), "")

    def write(self, corosync: str, dlm: str) -> None:
        (self._files / "etc").mkdir(exist_ok=True)
        (self._files / "etc/corosync.conf").write_text(corosync)
        (self._files / "etc/dlm.conf").write_text(dlm)

    def read(self) -> None:
        (self._files / "run").mkdir(exist_ok=True)
        for name in ("corosync.conf", "dlm.conf"):
            (self._files / "run" / name).write_text((self._files / "etc" / name).read_text())

    def run(self, check: bool = False, **parameters: Any) -> dict[str, Any]:
        self.commands.run.clear()
        return self._run(cluster_fs_node, check=check, **parameters)

    @property
    def done(self) -> list[str]:
        questions = ("systemctl is-", "corosync-quorumtool", "corosync-cmapctl", "dlm_tool status", "dlm_tool ls")
        return [line for line in self.commands.run if not line.startswith(questions)]


@pytest.fixture
def daemons(files: Path, run: Call, commands: Any, monkeypatch: pytest.MonkeyPatch) -> Daemons:
    return Daemons(files, run, commands, monkeypatch)


def test_nothing_to_do(daemons: Daemons) -> None:
    result = daemons.run()
    assert (result["changed"], result["actions"], daemons.done) == (False, [], [])


def test_a_first_start(daemons: Daemons) -> None:
    daemons.commands.answers["systemctl is-"] = (1, "", "")
    assert daemons.run(check=True)["actions"] == ["enable", "start"]
    assert daemons.done == []
    assert daemons.run()["actions"] == ["enable", "start"]
    assert daemons.done == ["systemctl enable corosync.service dlm.service", "systemctl start dlm.service"]


def test_a_reload(daemons: Daemons) -> None:
    daemons.write("totem {\n cluster_name: lvs\n token: 5000\n}\n", "protocol=tcp\npost_join_delay=3\n")
    assert daemons.run(check=True)["actions"] == ["reload"]
    result = daemons.run()
    assert (result["actions"], result["reason"]) == (["reload"], "")
    assert daemons.done == ["corosync-cfgtool -R", "dlm_tool reload_config"]
    assert not daemons.run()["changed"]


def test_what_only_a_restart_takes_over(daemons: Daemons) -> None:
    daemons.write("totem {\n cluster_name: lvs\n}\n", "protocol=sctp\n")
    result = daemons.run()
    assert (result["actions"], result["reason"]) == (["restart"], "protocol: read only at the start")
    assert daemons.done == ["systemctl stop corosync.service dlm.service", "systemctl start dlm.service"]


def test_no_second_node_is_taken_out(daemons: Daemons) -> None:
    daemons.nodes(1)
    daemons.write("totem {\n cluster_name: lvs\n}\n", "protocol=sctp\n")
    assert daemons.run()["msg"].endswith("missing already: web2. Bring that back first, then run this again")
    assert daemons.done == []


def test_what_was_there_before_is_started_anew(daemons: Daemons, files: Path) -> None:
    (files / "run/corosync.conf").unlink()
    assert daemons.run()["reason"] == "it was started before this collection came"


def test_without_fencing_there_is_a_warning(daemons: Daemons, monkeypatch: pytest.MonkeyPatch) -> None:
    warnings: list[str] = []
    monkeypatch.setattr(cluster_fs_node.AnsibleModule, "warn", lambda _module, text: warnings.append(text))
    daemons.run(fencing=False)
    (warning,) = warnings
    assert "run without fencing" in warning


def test_the_daemons_stop_after_the_unmount(daemons: Daemons) -> None:
    daemons.mounts = [MOUNTED]
    assert daemons.run(state="absent")["msg"] == f"unmount {PATH} first: the lock manager cannot go before"
    daemons.mounts = []
    assert daemons.run(state="absent")["actions"] == ["disable", "stop"]
    daemons.commands.answers["systemctl is-"] = (3, "", "")
    assert not daemons.run(state="absent")["changed"]


def test_info(files: Path, host_root: Path, run: Call, commands: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mountinfo, "read", lambda: [MOUNTED])
    commands.answers["systemctl is-enabled"] = (1, "", "")
    (host_root / "units").mkdir()
    (host_root / "units/srv-www.mount").write_text(mounts.mount_unit(PATH, DEVICE, "gfs2", []))
    (host_root / "units/other.mount").write_text("[Mount]\nWhere=/other\n")
    result = run(cluster_fs_info)
    assert (result["running"], result["quorate"], result["nodes"], result["lockspaces"]) == (False, False, [], [])
    assert (result["mounts"], result["mounted"], result["foreign"]) == ([PATH], [PATH], "")
