# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import stat

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.model import as_data
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.resolve import make_plan
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.store import (
    CURRENT,
    NoPlanError,
    read_slice,
    write_plan,
)
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.cluster.declared import (
    inventory,
    service,
    two_clusters,
)


@pytest.fixture
def folder(tmp_path):
    """The temporary folder of a run."""
    return str(tmp_path)


def test_each_host_gets_its_own_slice_back(folder):
    plan = make_plan(inventory())
    write_plan(plan, folder)
    for host, part in plan.clusters[0].hosts.items():
        slice_ = read_slice(host, folder)
        assert slice_["tiers"] == list(part.tiers)
        assert slice_["cluster"] == plan.clusters[0].overview()
        assert slice_["real_server"] == as_data(part.real_server)


@pytest.mark.parametrize(
    ("host", "services"), [("lb1", 1), ("lb2", 1), ("client1", 1), ("web1", 0), ("web3", 0), ("store1", 0)]
)
def test_directors_and_clients_see_the_services(folder, host, services):
    write_plan(make_plan(inventory()), folder)
    slice_ = read_slice(host, folder)
    assert len(slice_["verify"]["services"]) == services
    if slice_["director"]:
        assert slice_["director"]["services"] == slice_["verify"]["services"]


def test_a_slice_has_exactly_the_keys_of_the_contract(folder):
    write_plan(make_plan(inventory(addresses={"bastion": None})), folder)
    keys = {
        "tiers",
        "cluster",
        "take_over",
        "preflight_ignore",
        "director",
        "real_server",
        "nfs_server",
        "nfs_client",
        "storage_pair",
        "rsync_server",
        "rsync_client",
        "cluster_fs",
        "data_gate",
        "firewall",
        "verify",
    }
    for host in ("lb1", "web1", "store1", "client1", "bastion"):
        assert set(read_slice(host, folder)) == keys


def test_a_bystander_has_an_empty_slice(folder):
    write_plan(make_plan(inventory(addresses={"bastion": None})), folder)
    assert read_slice("bastion", folder) == {
        "tiers": [],
        "cluster": None,
        "take_over": False,
        "preflight_ignore": [],
        "director": None,
        "real_server": None,
        "nfs_server": None,
        "nfs_client": None,
        "storage_pair": None,
        "rsync_server": None,
        "rsync_client": None,
        "cluster_fs": None,
        "data_gate": None,
        "firewall": None,
        "verify": {"services": []},
    }


def test_hosts_of_different_clusters_see_their_own(folder):
    write_plan(make_plan(two_clusters()), folder)
    assert read_slice("lb1", folder)["cluster"]["name"] == "a"
    assert read_slice("lb3", folder)["cluster"]["name"] == "b"
    assert read_slice("lb3", folder)["director"]["services"][0]["vip"] == "192.0.2.101"


def test_nobody_else_can_read_the_plan(folder, tmp_path):
    write_plan(make_plan(inventory()), folder)
    (plan_folder,) = [path for path in tmp_path.iterdir() if not path.is_symlink()]
    assert stat.S_IMODE(plan_folder.stat().st_mode) == 0o700
    files = list(plan_folder.iterdir())
    assert len(files) == 2 + 7
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_what_hosts_share_is_stored_once(folder, tmp_path):
    write_plan(make_plan(inventory(services=[service(name="unmistakable")])), folder)
    texts = [file.read_text(encoding="utf-8") for file in (tmp_path / CURRENT).iterdir()]
    assert sum("unmistakable" in text for text in texts) == 1


def test_a_second_plan_replaces_the_first(folder):
    write_plan(make_plan(inventory()), folder)
    write_plan(make_plan(inventory(services=[])), folder)
    assert read_slice("lb1", folder)["director"]["services"] == []


def test_a_reader_never_sees_half_of_a_plan(folder, tmp_path, monkeypatch):
    """The new plan fails to be written; the old one stays as it was."""
    write_plan(make_plan(inventory()), folder)
    monkeypatch.setattr(json, "dumps", lambda _content: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_plan(make_plan(inventory(services=[])), folder)
    monkeypatch.undo()
    assert len(read_slice("lb1", folder)["director"]["services"]) == 1


def test_a_host_that_left_the_inventory_is_not_found_again(folder):
    write_plan(make_plan(inventory(addresses={"bastion": None})), folder)
    write_plan(make_plan(inventory()), folder)
    with pytest.raises(NoPlanError, match="made without this host; run "):
        read_slice("bastion", folder)


def test_without_a_plan_one_is_told_to_make_it(folder):
    with pytest.raises(NoPlanError, match="none was made; run "):
        read_slice("lb1", folder)


@pytest.mark.parametrize("name", ["web/1", "../web1", "x" * 300, "wéb 1", "."])
def test_hosts_may_have_any_name(folder, name):
    groups = {"lvs_real_servers": (name,)}
    write_plan(make_plan(inventory(addresses={name: "192.0.2.99"}, groups=groups)), folder)
    assert read_slice(name, folder)["real_server"]["address"] == "192.0.2.99"
