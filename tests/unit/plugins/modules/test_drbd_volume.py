# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NoReturn

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.drbd import host as host_module
from ansible_collections.lvs.cluster.plugins.module_utils.storage import block_device
from ansible_collections.lvs.cluster.plugins.module_utils.storage.block_device import (
    BlockDevice,
    DeviceError,
    Signature,
)
from ansible_collections.lvs.cluster.plugins.module_utils.storage.mountinfo import Mount
from ansible_collections.lvs.cluster.plugins.modules import drbd_volume

UUID = "49547d3bc3735308"
MOUNT = Mount("/mnt", "/dev/vdb", "ext4", "254:16", frozenset(), frozenset())
UNIT = "lvs-drbd-data.service"
NEW = "Connected ro:Secondary/Secondary ds:Inconsistent/Inconsistent"
READY = "Connected ro:Secondary/Secondary ds:UpToDate/UpToDate"
ALONE = "WFConnection ro:Secondary/Unknown ds:Inconsistent/DUnknown"


def device(*signatures: Signature, path: str = "/dev/vdb", **found: Any) -> BlockDevice:
    return BlockDevice(path, signatures=signatures, **found)


def drbd(uuid: str = UUID) -> Signature:
    return Signature("drbd", "raid", uuid=uuid)


def fail(error: Exception) -> NoReturn:
    raise error


class Node:
    """A host with drbd-utils, whose device the test decides on."""

    def __init__(self, root: Path, run: Any, commands: Any) -> None:
        self.root = root
        self.commands = commands
        self.found: BlockDevice | Exception = device()
        self.volume = device(path="/dev/drbd0")
        self.label: str | None = None
        self.file = root / "etc/data.res"
        self._run = run
        commands.answers["wipefs"] = (0, json.dumps({"signatures": [{"type": "drbd", "uuid": UUID}]}), "")
        self.has("")

    def has(self, state: str, minor: int = 0) -> None:
        """What DRBD shows."""
        line = f" {minor}: cs:{state} C r-----\n    ns:0 oos:0\n" if state else ""
        (self.root / "proc").mkdir(exist_ok=True)
        (self.root / "proc/drbd").write_text(f"version: 8.4.11 (api:1/proto:86-101)\nsrcversion: X\n{line}")

    def look(self, path: str, _run: Any) -> BlockDevice:
        if path.startswith("/dev/drbd"):
            return self.volume
        return self.found if isinstance(self.found, BlockDevice) else fail(self.found)

    def is_set_up(self, state: str = READY) -> None:
        """As it is after a first run."""
        assert self.run()["changed"]
        self.found = device(drbd(), is_held=bool(state), used_at=0)
        self.has(state)
        link = self.root / "units/multi-user.target.wants" / UNIT
        link.parent.mkdir(parents=True)
        link.symlink_to("x")
        self.commands.run.clear()

    def run(self, check: bool = False, **parameters: Any) -> dict[str, Any]:
        wanted = {"name": "data", **parameters}
        if parameters.get("state") != "absent":
            wanted = {"device": "/dev/vdb", "addresses": ["192.0.2.31", "192.0.2.32"], "timeout": 0, **wanted}
        result: dict[str, Any] = self._run(drbd_volume, check=check, **wanted)
        return result

    @property
    def done(self) -> list[str]:
        """What was run to change something."""
        questions = ("wipefs", "drbdadm dump", "drbdadm --dry-run")
        return [line for line in self.commands.run if not line.startswith(questions)]


@pytest.fixture
def node(host_root: Path, monkeypatch: pytest.MonkeyPatch, run: Any, commands: Any) -> Node:
    (host_root / "etc").mkdir()
    monkeypatch.setattr(drbd_volume, "FOLDER", host_root / "etc")
    monkeypatch.setattr(host_module, "ROOT", host_root)
    monkeypatch.setattr(drbd_volume.AnsibleModule, "get_bin_path", lambda _module, name: f"/usr/sbin/{name}")
    found = Node(host_root, run, commands)
    monkeypatch.setattr(block_device, "look", found.look)
    monkeypatch.setattr(host_module, "read_label", lambda _path: found.label)
    return found


def test_present_needs_a_device(run: Any) -> None:
    assert "device, addresses" in run(drbd_volume, name="data")["msg"]


def test_wrong_values(node: Node) -> None:
    result = node.run(name="Data", addresses=["192.0.2.31"], port=0)
    assert result["msg"].splitlines() == [
        "name: 'Data' is no name of a volume; write up to 12 lower-case letters, digits, '-' and '_', a letter first",
        "addresses: a pair has two different addresses, not 1",
        "port: 0 is no port; write one from 1 to 65535",
    ]


def test_check_mode_changes_nothing(node: Node) -> None:
    result = node.run(check=True, secret="S" * 20, initialize=True)
    assert (result["changed"], result["found"], result["made"]) == (True, "blank", ["metadata"])
    assert [part["after_header"] for part in result["diff"]] == [
        str(node.file),
        str(node.root / "units" / UNIT),
        "/dev/vdb",
    ]
    assert "SSS" not in json.dumps(result)
    assert node.done == []
    assert not node.file.exists()


def test_first_run_on_a_blank_device(node: Node) -> None:
    result = node.run()
    assert (result["changed"], result["found"], result["made"], result["drbd"]) == (True, "blank", ["metadata"], None)
    assert node.done == [
        "modprobe drbd",
        "drbdadm create-md --force data",
        "systemctl daemon-reload",
        f"systemctl enable {UNIT}",
        f"systemctl start {UNIT}",
        "drbdadm adjust data",
    ]
    assert node.file.stat().st_mode & 0o777 == 0o600
    assert json.loads((node.root / "state/drbd_data.json").read_text()) == {"device_uuid": UUID}


def test_second_run_changes_nothing(node: Node) -> None:
    node.is_set_up()
    result = node.run()
    assert (result["changed"], result["found"], result["made"], result["diff"]) == (False, "ours", [], [])
    assert result["drbd"]["disk"] == "UpToDate"
    assert node.done == []


def test_metadata_are_never_made_twice(node: Node) -> None:
    node.run()
    node.commands.run.clear()
    node.found = device(drbd(), used_at=0)
    assert node.run()["made"] == []
    assert "drbdadm create-md --force data" not in node.done


def test_a_volume_is_known_by_its_label(node: Node) -> None:
    node.found = device(drbd("0" * 16), head=bytes(1080) + b"\x53\xef" + bytes(62) + b"lvs-data".ljust(16, b"\0"))
    result = node.run()
    assert (result["changed"], result["found"], result["made"]) == (True, "ours", [])


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (
            device(Signature("xfs", label="home"), used_at=0),
            "/dev/vdb has a file system (xfs) labelled 'home'. Nothing was changed",
        ),
        (
            device(drbd("0" * 16)),
            f"/dev/vdb has DRBD metadata of another resource (device-uuid {'0' * 16}). Nothing",
        ),
        (device(mounts=(MOUNT,)), "/dev/vdb is in use: mounted on /mnt. Nothing"),
        (device(used_at=0), "/dev/vdb has data of an unknown kind"),
        (DeviceError("/dev/vdb is no block device"), "device: /dev/vdb is no block device"),
    ],
)
@pytest.mark.parametrize("check", [True, False])
def test_foreign_devices(node: Node, found: BlockDevice | Exception, message: str, check: bool) -> None:
    node.found = found
    result = node.run(check=check, initialize=True)
    assert result["failed"]
    assert result["msg"].startswith(message)
    assert node.done == []
    assert not node.file.exists()


def test_a_foreign_configuration_stays(node: Node) -> None:
    node.file.write_text("resource data {\n}\n")
    assert node.run()["msg"] == f"{node.file} was not written by lvs.cluster, so it stays: give the volume another name"
    assert node.run(state="absent")["changed"] is False
    assert node.file.read_text() == "resource data {\n}\n"


def test_a_configuration_that_is_refused_is_put_back(node: Node) -> None:
    node.is_set_up()
    before = node.file.read_text()
    node.commands.answers["drbdadm dump"] = (10, "", "conflicting use of device-minor")
    result = node.run(port=7790)
    assert result["msg"] == "drbdadm does not accept the new configuration: conflicting use of device-minor"
    assert node.file.read_text() == before


def test_another_port(node: Node) -> None:
    node.is_set_up()
    result = node.run(port=7790)
    assert (result["changed"], result["made"]) == (True, [])
    assert node.done[-1] == "drbdadm adjust data"


def test_settings_changed_by_hand_are_set_again(node: Node) -> None:
    node.is_set_up()
    node.commands.answers["drbdadm --dry-run adjust"] = (0, "drbdsetup net-options ...\n", "")
    assert node.run(check=True)["changed"]
    assert node.done == []
    assert node.run()["changed"]
    assert "drbdadm adjust data" in node.done


def test_drbd_9_is_refused(node: Node) -> None:
    (node.root / "proc/drbd").write_text("version: 9.1.4 (api:2/proto:86-120)\n")
    assert node.run()["msg"] == "this kernel has DRBD 9.1.4; only DRBD 8.4 is supported"


def test_without_drbd_utils(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drbd_volume.AnsibleModule, "get_bin_path", lambda *_: None)
    assert node.run(check=True)["changed"]
    assert node.run()["msg"] == "drbdadm is not installed on this host; install its package, drbd-utils, first"


def test_the_first_synchronisation_is_skipped(node: Node) -> None:
    node.is_set_up(NEW)
    result = node.run(initialize=True)
    assert (result["changed"], result["made"]) == (True, ["file system"])
    assert node.done == [
        "drbdadm -- --clear-bitmap new-current-uuid data",
        "drbdadm primary data",
        "mkfs.ext4 -q -L lvs-data /dev/drbd0",
        "drbdadm secondary data",
    ]


def test_only_a_new_volume_skips_it(node: Node) -> None:
    node.is_set_up(READY)
    assert node.run(initialize=True)["made"] == ["file system"]
    assert node.done[0] == "drbdadm primary data"


def test_a_file_system_is_made_once(node: Node) -> None:
    node.is_set_up()
    node.label = "lvs-data"
    assert node.run(initialize=True)["changed"] is False
    assert node.done == []


def test_the_file_system_in_check_mode(node: Node) -> None:
    node.is_set_up(NEW)
    assert node.run(check=True, initialize=True)["made"] == ["file system"]
    assert node.done == []


def test_no_file_system_over_another_one(node: Node) -> None:
    node.is_set_up()
    node.volume = device(Signature("xfs"), path="/dev/drbd0", used_at=0)
    result = node.run(initialize=True)
    assert result["msg"].startswith("/dev/drbd0 has a file system (xfs). Nothing was changed")
    assert node.done[-1] == "drbdadm secondary data"
    assert not any(line.startswith("mkfs") for line in node.done)


@pytest.mark.parametrize("state", ["", ALONE])
def test_no_file_system_without_the_peer(node: Node, state: str) -> None:
    node.is_set_up(state)
    result = node.run(initialize=True)
    assert result["msg"] == (
        "volume data has no file system yet, and its peer is not connected: run this for both hosts, and let them reach"
        " each other's TCP port 7789"
    )


def test_a_volume_that_somebody_has_is_left_alone(node: Node) -> None:
    node.is_set_up("Connected ro:Secondary/Primary ds:UpToDate/UpToDate")
    assert node.run(initialize=True)["changed"] is False
    assert node.done == []


def test_absent(node: Node) -> None:
    node.is_set_up()
    assert node.run(check=True, state="absent")["changed"]
    assert node.file.exists()
    assert node.run(state="absent")["changed"]
    assert node.done == [f"systemctl disable --now {UNIT}", "systemctl daemon-reload", "drbdadm down data"]
    assert not node.file.exists()
    assert not (node.root / "state/drbd_data.json").exists()
    assert node.run(state="absent")["changed"] is False


def test_absent_refuses_a_volume_in_use(node: Node) -> None:
    node.is_set_up("Connected ro:Primary/Secondary ds:UpToDate/UpToDate")
    result = node.run(state="absent")
    assert result["msg"] == (
        "volume data is Primary on this host, so something uses it: unmount /dev/drbd0 and run 'drbdadm secondary data' first"
    )
    assert node.file.exists()
