# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.nfs.declared import (
    Declared,
    canonical,
    is_name,
    is_one_host,
    problem_of,
)

WWW = {"path": "/srv/www", "access": "rw", "clients": ["192.0.2.21"]}


def problems(**changes: Any) -> list[str]:
    declared = Declared([{**WWW, **changes}])
    declared.refuse_danger()
    return declared.problems


def options(**changes: Any) -> list[tuple[str, ...]]:
    declared = Declared([{**WWW, **changes}])
    assert declared.problems == []
    return [export.options for export in declared.exports]


def test_the_least_that_one_can_write() -> None:
    assert options() == [("rw", "root_squash", "sync", "no_subtree_check")]


def test_each_client_has_its_own_access() -> None:
    clients = ["192.0.2.21", {"address": "192.0.2.22", "access": "ro"}, {"address": "192.0.2.23"}]
    assert [each[0] for each in options(clients=clients)] == ["rw", "ro", "rw"]


def test_typed_options_with_the_security_flavors_first() -> None:
    given = {
        "squash": "all_squash",
        "anonuid": 33,
        "anongid": 34,
        "security": ["krb5p", "sys"],
        "fsid": "7",
        "options": ["async"],
    }
    assert options(**given) == [
        ("sec=krb5p:sys", "rw", "all_squash", "anonuid=33", "anongid=34", "fsid=7", "async"),
    ]


def test_what_is_null_is_not_given() -> None:
    given = dict.fromkeys(["squash", "anonuid", "anongid", "security", "fsid", "options"])
    assert options(**given) == options()


@pytest.mark.parametrize("fsid", ["0", "root"])
def test_the_root_has_one_spelling(fsid: str) -> None:
    assert "fsid=0" in options(fsid=fsid)[0]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"path": "srv"}, "exports[0].path: 'srv' is no absolute path"),
        ({"clients": []}, "exports[0].clients: it is empty; name who may mount /srv/www"),
        ({"clients": ["*"]}, "exports[0].clients: '*' has a wildcard or blank; write an address or network"),
        (
            {"clients": [{"address": "0.0.0.0/0"}]},
            "exports[0].clients[0]: '0.0.0.0/0' is everyone; write an address or network",
        ),
        (
            {"clients": ["192.0.2.5/24"]},
            "exports[0].clients: '192.0.2.5/24' is an address with the length of its network; write 192.0.2.5 or 192.0.2.0/24",
        ),
        (
            {"clients": ["192.0.2.0/99"]},
            "exports[0].clients: '192.0.2.0/99' is no network; write one such as 192.0.2.0/24",
        ),
        ({"clients": [7]}, "exports[0].clients[0]: 7 is no client; write an address, or address and access"),
        (
            {"clients": [{"access": "rw"}]},
            "exports[0].clients[0]: {'access': 'rw'} is no client; write an address, or address and access",
        ),
        (
            {"clients": [{"address": "192.0.2.1", "squash": "x"}]},
            "exports[0].clients[0].squash: a client has only address and access",
        ),
        (
            {"clients": [{"address": "192.0.2.1", "access": "wr"}]},
            "exports[0].clients[0].access: 'wr' is neither rw nor ro",
        ),
        (
            {"clients": ["2001:DB8:0::1", {"address": "2001:db8::1"}]},
            "exports[0].clients[1]: /srv/www is exported to 2001:db8::1 twice; keep one",
        ),
        (
            {"anonuid": 0},
            "exports[0].anonuid: 0 makes root of everyone who is squashed; write an account without rights, such as 65534",
        ),
        ({"anongid": -1}, "exports[0].anongid: -1 is no number of an account"),
        ({"fsid": "seven"}, "exports[0].fsid: 'seven' is no number, UUID or 'root'"),
        ({"options": ["rw"]}, "exports[0].options: 'rw' belongs into exports[0].access"),
        ({"options": ["sec=krb5"]}, "exports[0].options: 'sec=krb5' belongs into exports[0].security"),
        ({"options": ["no_all_squash"]}, "exports[0].options: 'no_all_squash' belongs into exports[0].squash"),
        (
            {"options": ["sync,insecure"]},
            "exports[0].options: 'sync,insecure' is no option of exports(5); write one in each item",
        ),
        ({"options": [""]}, "exports[0].options: '' is no option of exports(5); write one in each item"),
        (
            {"squash": "no_root_squash", "clients": ["192.0.2.0/24"]},
            "/srv/www: no_root_squash to 192.0.2.0/24 makes root of every machine in it root on these files; name the hosts one by one, or squash",
        ),
    ],
)
def test_one_clear_message(changes: dict[str, Any], problem: str) -> None:
    assert problems(**changes) == [problem]


def test_root_of_a_netgroup_is_refused_and_root_of_a_host_is_not() -> None:
    assert problems(squash="no_root_squash", clients=["@servers"])
    assert not problems(squash="no_root_squash", clients=["192.0.2.21", "192.0.2.22/32", "2001:db8::1/128", "web1"])


def test_two_folders_need_two_fsids() -> None:
    other = {**WWW, "path": "/srv/b"}
    assert Declared([{**WWW, "fsid": "root"}, {**other, "fsid": "0"}]).problems == [
        "exports[1].fsid: /srv/www has 0 too, and clients could not tell the two folders apart; give each its own"
    ]
    assert Declared([{**WWW, "fsid": "7"}, {**WWW, "fsid": "7", "clients": ["192.0.2.22"]}]).problems == []


def test_all_mistakes_at_once() -> None:
    wrong = [{**WWW, "path": "a", "clients": ["*", "?"]}, {**WWW, "options": ["fsid=1"]}]
    assert len(Declared(wrong).problems) == 4


@pytest.mark.parametrize(
    "client", ["192.0.2.1", "192.0.2.0/24", "192.0.2.0/255.255.255.0", "2001:db8::/64", "web1", "@group", "gss/krb5"]
)
def test_clients_that_are_taken(client: str) -> None:
    assert problem_of(client) == ""


def test_one_spelling_for_each_client() -> None:
    assert canonical("192.0.2.1/32") == "192.0.2.1"
    assert canonical("192.0.2.0/255.255.255.0") == "192.0.2.0/24"
    assert canonical("2001:DB8:0::1") == "2001:db8::1"
    assert canonical("web1") == "web1"


def test_hosts_and_names() -> None:
    assert is_one_host("web1")
    assert not is_one_host("gss/krb5")
    assert [is_name(client) for client in ("web1", "192.0.2.1", "192.0.2.0/24", "@group", "gss/krb5")] == [
        True,
        False,
        False,
        False,
        False,
    ]
