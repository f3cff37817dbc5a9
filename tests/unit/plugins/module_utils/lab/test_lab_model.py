# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.lab.model import (
    Disk,
    LabError,
    MachineSpec,
    Nic,
    duplicate_addresses,
    find_problems,
    spec_from_dict,
)

LAN = {"segment": "lan", "addresses": ["192.0.2.11/24", "2001:db8::11/64"]}


def data(**changes: Any) -> dict[str, Any]:
    return {"lab": "demo", "name": "lb1", "kernel": "/k", "image": "/i", "memory": 384, "nics": [LAN], **changes}


def error_of(**changes: Any) -> str:
    with pytest.raises(LabError) as caught:
        spec_from_dict(data(**changes))
    return str(caught.value)


def test_a_spec_has_all_that_was_given() -> None:
    nic = {"segment": "back", "addresses": ["198.51.100.1/25"], "gateways": ["198.51.100.2"], "mtu": 9000}
    disk = {"name": "shared", "size": 64, "shared": True}
    spec = spec_from_dict(data(nics=[LAN, nic], disks=[disk]))
    assert spec == MachineSpec(
        lab="demo",
        name="lb1",
        kernel="/k",
        image="/i",
        memory=384,
        nics=(
            Nic("lan", ("192.0.2.11/24", "2001:db8::11/64")),
            Nic("back", ("198.51.100.1/25",), ("198.51.100.2",), 9000),
        ),
        disks=(Disk("shared", 64, shared=True),),
    )


def test_a_stored_spec_reads_back_the_same() -> None:
    spec = spec_from_dict(data(disks=[{"name": "a", "size": 1}]))
    assert spec_from_dict(json.loads(json.dumps(spec.to_dict()))) == spec


def test_one_gateway_may_be_a_string_under_its_alias() -> None:
    spec = spec_from_dict(data(nics=[{**LAN, "gateway": "192.0.2.1"}]))
    assert spec.nics[0].gateways == ("192.0.2.1",)


@pytest.mark.parametrize("name", ["lb1", "web-1.example.org", "Node_1", "a", "x" * 64])
def test_machine_names(name: str) -> None:
    assert spec_from_dict(data(name=name)).name == name


@pytest.mark.parametrize("name", ["", "-a", "a-", "a b", "../a", "ä", "x" * 65])
def test_bad_machine_names(name: str) -> None:
    assert error_of(name=name) == (
        f"machine name '{name}' must be 1 to 64 letters, digits, hyphens, underscores and dots, "
        "with a letter or digit at both ends"
    )


@pytest.mark.parametrize("lab", ["", "Demo", "a/b", "-a", "x" * 33])
def test_bad_lab_names(lab: str) -> None:
    assert error_of(lab=lab) == (
        f"lab name '{lab}' must be 1 to 32 lower-case letters, digits and hyphens, with a letter or digit at both ends"
    )


@pytest.mark.parametrize(
    ("nics", "message"),
    [
        ([], "machine 'lb1': lab_nics must be a list of at least one NIC like "),
        ("lan", "machine 'lb1': lab_nics must be a list of at least one NIC like "),
        (["lan"], "machine 'lb1': 'lan' does not describe a NIC; write it like "),
        ([{"addresses": []}], "machine 'lb1': {'addresses': []} does not describe a NIC; write it like "),
        (
            [{"segment": "lan", "adresses": []}],
            "machine 'lb1': a NIC has no option adresses, only segment, addresses, gateways and mtu",
        ),
        ([{"segment": "a" * 16}], f"machine 'lb1': segment '{'a' * 16}' must be 1 to 15 letters, "),
        ([{"segment": "a/b"}], "machine 'lb1': segment 'a/b' must be 1 to 15 letters, "),
        (
            [{"segment": "lan", "addresses": ["192.0.2.11"]}],
            (
                "machine 'lb1': '192.0.2.11' is not an address with a prefix length like 192.0.2.11/24 or "
                "2001:db8::11/64 (the prefix length is missing)"
            ),
        ),
        ([{"segment": "lan", "addresses": ["192.0.2.11/33"]}], "machine 'lb1': '192.0.2.11/33' is not an address "),
        (
            [{"segment": "lan", "addresses": ["192.0.2.1/24"], "gateways": ["192.0.3.1"]}],
            "machine 'lb1': gateway 192.0.3.1 is in none of the networks of the NIC on segment 'lan'",
        ),
        ([{**LAN, "gateways": ["router"]}], "machine 'lb1': gateway 'router' is not an IP address"),
        (
            [{**LAN, "gateways": ["192.0.2.1", "192.0.2.2"]}],
            "machine 'lb1': the NIC on segment 'lan' has two gateways of one family; keep one",
        ),
        ([{**LAN, "mtu": 576}], "machine 'lb1': MTU 576 must be from 1280 "),
        (
            [LAN, {"segment": "lan", "addresses": ["192.0.2.11/24"]}],
            "machine 'lb1': address 192.0.2.11 on segment 'lan' belongs to lb1 and lb1; give each its own",
        ),
    ],
)
def test_bad_nics(nics: Any, message: str) -> None:
    assert error_of(nics=nics).startswith(message)


def test_a_gateway_per_family_is_fine() -> None:
    spec = spec_from_dict(data(nics=[{**LAN, "gateways": ["192.0.2.1", "2001:db8::1"]}]))
    assert spec.nics[0].gateways == ("192.0.2.1", "2001:db8::1")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"memory": 64}, "machine 'lb1': memory of 64 MiB is too little; give it at least 128"),
        (
            {"disks": [{"name": "a/b", "size": 1}]},
            "machine 'lb1': disk name 'a/b' may have only letters, digits, hyphens, underscores and dots",
        ),
        ({"disks": [{"name": "a", "size": 1}] * 2}, "machine 'lb1': two disks are called 'a'"),
        (
            {"disks": [{"name": "a", "size": 0}]},
            "machine 'lb1': disk 'a' of 0 MiB; the size must be at least 1",
        ),
        (
            {"disks": [{"name": f"d{number}", "size": 1} for number in range(15)]},
            "machine 'lb1': 15 disks are too many; a machine can have 14",
        ),
    ],
)
def test_bad_memory_and_disks(changes: dict[str, Any], message: str) -> None:
    assert error_of(**changes) == message


def test_the_same_address_on_other_segments_is_no_duplicate() -> None:
    assert duplicate_addresses({"a": [Nic("x", ("192.0.2.1/24",))], "b": [Nic("y", ("192.0.2.1/24",))]}) == []


def test_duplicates_are_found_however_they_are_written() -> None:
    machines = {"a": [Nic("x", ("2001:db8::1/64",))], "b": [Nic("x", ("2001:DB8:0::1/128",))]}
    assert duplicate_addresses(machines) == [
        "address 2001:db8::1 on segment 'x' belongs to a and b; give each its own",
    ]


def test_problems_of_a_whole_lab_come_all_at_once() -> None:
    machines = {"a b": [LAN], "lb1": [LAN], "lb2": [LAN], "lb3": [{"segment": "lan", "addresses": ["x/1"]}]}
    problems = find_problems("Demo", machines)
    assert [problem.split(" ")[0:3] for problem in problems] == [
        ["lab", "name", "'Demo'"],
        ["machine", "name", "'a"],
        ["machine", "'lb3':", "'x/1'"],
        ["address", "192.0.2.11", "on"],
        ["address", "2001:db8::11", "on"],
    ]


def test_a_sound_lab_has_no_problems() -> None:
    assert find_problems("demo", {"lb1": [LAN]}) == []
