# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.lab.command_line import command_line, mark
from ansible_collections.lvs.cluster.plugins.module_utils.lab.layout import LabFiles
from ansible_collections.lvs.cluster.plugins.module_utils.lab.model import Disk, LabError, MachineSpec, Nic
from ansible_collections.lvs.cluster.plugins.module_utils.lab.names import mac_address

LAB = LabFiles(Path("/c"), "demo")


def line(*nics: Nic, disks: tuple[Disk, ...] = (), name: str = "lb1") -> list[str]:
    spec = MachineSpec(lab="demo", name=name, kernel="/k", image="/i", memory=384, nics=nics, disks=disks)
    return command_line(spec, LAB)


def values(arguments: list[str], key: str) -> list[str]:
    return [argument[len(key) + 1 :] for argument in arguments if argument.startswith(f"{key}=")]


def test_the_program_is_the_kernels() -> None:
    assert line(Nic("lan"))[0] == "/k/linux"


def test_the_machine_knows_who_it_is() -> None:
    arguments = line(Nic("lan"))
    assert "mem=384M" in arguments
    assert values(arguments, "systemd.hostname") == ["lb1"]
    (machine_id,) = values(arguments, "systemd.machine_id")
    assert len(machine_id) == 32
    assert values(line(Nic("lan"), name="lb2"), "systemd.machine_id") != [machine_id]


def test_the_root_disk_is_an_overlay_by_which_the_process_is_known() -> None:
    arguments = line(Nic("lan"))
    assert values(arguments, "ubd0") == ["/c/labs/demo/machines/lb1/root.cow,/i/base.img"]
    assert any(argument.startswith(f"{mark(LAB.machine('lb1').overlay)},") for argument in arguments)
    assert any(argument.startswith(f"{mark(LAB.machines)}/") for argument in arguments)


def test_no_argument_is_taken_for_another_machine() -> None:
    arguments = line(Nic("lan"), name="lb10")
    assert not any(argument.startswith(f"{mark(LAB.machine('lb1').overlay)},") for argument in arguments)


def test_the_modules_are_on_a_disk_of_their_own() -> None:
    assert "ubd15r=/k/modules.img" in line(Nic("lan"))


def test_disks_follow_the_root_disk_in_their_order() -> None:
    arguments = line(Nic("lan"), disks=(Disk("a", 1), Disk("b", 1, shared=True)))
    assert "ubd1=/c/labs/demo/machines/lb1/a.disk" in arguments
    assert "ubd2cs=/c/labs/demo/shared/b.disk" in arguments


def test_a_nic_has_its_tap_its_mac_address_and_its_name() -> None:
    arguments = line(Nic("lan"), Nic("back"))
    mac = mac_address("lb1", 1)
    assert values(arguments, "vec1:transport") == [f"tap,ifname=lb1-eth1,depth=64,gro=1,mac={mac}"]
    assert values(arguments, "ifname")[1] == f"eth1:{mac}"


def test_addresses_of_both_families() -> None:
    arguments = line(Nic("lan", ("192.0.2.11/24", "2001:db8::11/64")))
    assert values(arguments, "ip") == [
        "[2001:db8::11]:::64::eth0:link6",
        "192.0.2.11:::255.255.255.0::eth0:link6",
    ]


def test_each_gateway_is_named_once_with_an_address_of_its_family() -> None:
    nic = Nic("lan", ("192.0.2.11/24", "192.0.2.12/24", "2001:db8::11/64"), ("2001:db8::1", "192.0.2.1"))
    assert values(line(nic), "ip") == [
        "[2001:db8::11]::[2001:db8::1]:64::eth0:link6",
        "192.0.2.12:::255.255.255.0::eth0:link6",
        "192.0.2.11::192.0.2.1:255.255.255.0::eth0:link6",
    ]


def test_a_nic_without_addresses_comes_up_too() -> None:
    assert values(line(Nic("lan")), "ip") == [":::::eth0:link6"]


def test_the_driver_is_told_an_unusual_mtu() -> None:
    assert line(Nic("lan", mtu=9000))[-2 - 1].endswith(",mtu=9000")
    assert "mtu" not in " ".join(line(Nic("lan")))


def test_what_the_kernel_would_cut_off_is_refused() -> None:
    nic = Nic("lan", tuple(f"2001:db8:aaaa:bbbb:cccc:dddd:eeee:{number:x}/64" for number in range(100)))
    with pytest.raises(LabError, match="machine 'lb1' has more NICs, addresses and disks than a kernel command line"):
        line(nic)
