# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.model import Export, Mount
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import Problems
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.schema import SharedData
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.shared_data import (
    MOUNT_OPTIONS,
    check_shared_data,
    export,
    mount,
    mount_options,
)


def declared(number=0, **changes):
    return SharedData(
        **{"name": f"d{number}", "path": f"/srv/{number}", "where": f"lvs_shared_data[{number}]", **changes}
    )


def check(*entries, storage=("store1",)):
    problems = Problems()
    check_shared_data(entries, storage, problems)
    return [str(problem) for problem in problems]


def test_an_export_is_for_the_clients_and_nobody_else():
    www = declared(name="www", path="/srv/www", owner="www-data", group="web", mode="2775", access="ro")
    assert export(www, ["192.0.2.21", "192.0.2.22"]) == Export(
        name="www",
        path="/srv/www",
        owner="www-data",
        group="web",
        mode="2775",
        access="ro",
        clients=("192.0.2.21", "192.0.2.22"),
    )


def test_a_mount_is_from_the_server_to_the_same_path():
    assert mount(declared(name="www", path="/srv/www"), "192.0.2.31") == Mount(
        name="www",
        path="/srv/www",
        source="192.0.2.31:/srv/www",
        access="rw",
        options=("rw", "vers=4.2", "hard", "bg", "_netdev", "nofail", "nodev", "nosuid"),
    )


@pytest.mark.parametrize(
    ("options", "gone", "added"),
    [
        (("noatime",), (), ("noatime",)),
        (("actimeo=5", "timeo=50"), (), ("actimeo=5", "timeo=50")),
        (("vers=4.1",), ("vers=4.2",), ("vers=4.1",)),
        (("nfsvers=4.1",), ("vers=4.2",), ("nfsvers=4.1",)),
        (("soft",), ("hard",), ("soft",)),
        (("softerr",), ("hard",), ("softerr",)),
        (("fg",), ("bg",), ("fg",)),
        (("dev", "suid"), ("nodev", "nosuid"), ("dev", "suid")),
        (("ro",), ("rw",), ("ro",)),
        (("hard", "_netdev"), ("hard", "_netdev"), ("hard", "_netdev")),
        (("noatime", "noatime"), (), ("noatime",)),
    ],
)
def test_an_option_takes_the_place_of_the_one_that_it_contradicts(options, gone, added):
    kept = tuple(option for option in ("rw", *MOUNT_OPTIONS) if option not in gone)
    assert mount_options(declared(options=options)) == kept + added


def test_access_is_the_first_option():
    assert mount_options(declared(access="ro"))[0] == "ro"


def test_no_data_needs_no_storage():
    assert check(storage=()) == []


def test_the_only_storage_host_need_not_be_named():
    assert check(declared(0), declared(1)) == []


def test_with_several_storage_hosts_each_entry_names_its_own():
    assert check(declared(0, host="store1"), declared(1, host="store2"), storage=("store1", "store2")) == []


@pytest.mark.parametrize(
    ("changes", "storage", "problem"),
    [
        (
            {},
            (),
            "the cluster has no storage host; put one into the inventory group lvs_storage, "
            "or name its group in lvs_storage_group",
        ),
        (
            {},
            ("store1", "store2"),
            "the cluster has several storage hosts (store1, store2); say which one has the folder, such as host: store1",
        ),
        ({"host": "stor1"}, ("store1",), "'stor1' is not a storage host of this cluster; did you mean 'store1'?"),
        (
            {"host": "web1"},
            ("nas-a", "nas-b"),
            "'web1' is not a storage host of this cluster; write one of nas-a, nas-b",
        ),
    ],
)
def test_data_without_its_storage_host_is_an_error(changes, storage, problem):
    assert check(declared(**changes), storage=storage) == [f"lvs_shared_data[0].host: {problem}"]


def test_two_entries_with_one_name_are_an_error():
    assert check(declared(0, name="www"), declared(1, name="www")) == [
        "lvs_shared_data[1].name: 'www' is the name of lvs_shared_data[0] too; give each another name"
    ]


@pytest.mark.parametrize(
    ("one", "other", "problem"),
    [
        ("/srv/www", "/srv/www", "lvs_shared_data[1].path: /srv/www is the same folder as that of lvs_shared_data[0]"),
        ("/srv", "/srv/www", "lvs_shared_data[1].path: /srv/www is inside that of lvs_shared_data[0]"),
        ("/srv/a/b/c", "/srv/a", "lvs_shared_data[0].path: /srv/a/b/c is inside that of lvs_shared_data[1]"),
    ],
)
def test_folders_that_overlap_are_an_error(one, other, problem):
    assert check(declared(0, path=one), declared(1, path=other)) == [f"{problem}; share folders that do not overlap"]


@pytest.mark.parametrize(("one", "other"), [("/srv/www", "/srv/www2"), ("/srv/a", "/srv/b"), ("/a/srv", "/srv")])
def test_folders_that_only_look_alike_are_none(one, other):
    assert check(declared(0, path=one), declared(1, path=other)) == []
