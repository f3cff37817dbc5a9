# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.model_data import (
    ClusterNode,
    Export,
    ExportClient,
    FileSystem,
    GateDatum,
    Mount,
    RsyncCopy,
    RsyncModule,
    RsyncTarget,
    StorageNode,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.resolve import make_plan
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.schema_data import SharedData
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.shared_data import MOUNT_OPTIONS, mount_options
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.cluster.declared import (
    both_families,
    data,
    inventory,
    problems_of,
    service,
)

WEB = ("web1", "web2", "web3")
STORE2 = {"store2": "192.0.2.32"}
PAIR_GROUPS = {"lvs_storage": ("store1", "store2")}
FENCING = {"fencing": {"agent": "fence_ipmilan", "options": {"ip": "192.0.2.254", "password": "secret"}}}


def hosts_of(**variables):
    """The parts of the hosts of the demo cluster, by name."""
    return make_plan(inventory(**variables)).clusters[0].hosts


def pair(*entries, **variables):
    """The demo cluster with a second storage host, and both as a pair."""
    variables.setdefault("storage_ha", {"address": "192.0.2.30", "device": "/dev/vdb"})
    return inventory(groups=PAIR_GROUPS, addresses=STORE2, shared_data=list(entries or [data()]), **variables)


def declared(**changes):
    return SharedData(**{"name": "www", "path": "/srv/www", **changes})


def problem_of(entry, **variables):
    """The only problem of the demo cluster with this entry."""
    (problem,) = problems_of(inventory(shared_data=[entry], **variables))
    return problem


class TestNfs:
    def test_an_export_is_for_the_readers_and_nobody_else(self):
        entry = data(owner="www-data", group="web", mode="2775", readers=["web1", "web2"], writers=["web1"])
        assert hosts_of(shared_data=[entry])["store1"].nfs_server.exports == (
            Export(
                name="www",
                path="/srv/www",
                owner="www-data",
                group="web",
                mode="2775",
                clients=(ExportClient("192.0.2.21", "rw"), ExportClient("192.0.2.22", "ro")),
                squash="root_squash",
                anonuid=None,
                anongid=None,
                security=("sys",),
                fsid=None,
            ),
        )

    def test_readers_mount_it_at_the_same_path(self):
        hosts = hosts_of(shared_data=[data(readers=["web1"])])
        assert hosts["web1"].nfs_client.mounts == (
            Mount(
                name="www",
                path="/srv/www",
                source="192.0.2.31:/srv/www",
                access="rw",
                options=("rw", "vers=4.2", "hard", "bg", "_netdev", "nofail", "nodev", "nosuid"),
            ),
        )
        assert hosts["web2"].nfs_client.mounts == ()

    def test_a_writer_is_a_reader(self):
        exports = hosts_of(shared_data=[data(readers=["web1"], writers=["web2"])])["store1"].nfs_server.exports
        assert exports[0].clients == (ExportClient("192.0.2.21", "ro"), ExportClient("192.0.2.22", "rw"))

    def test_readers_by_group(self):
        hosts = hosts_of(shared_data=[data(readers="shop")], groups={"shop": ("web3",)})
        assert [name for name in WEB if hosts[name].nfs_client.mounts] == ["web3"]

    def test_nobody_writes_to_what_is_read_only(self):
        hosts = hosts_of(shared_data=[data(access="ro")])
        assert {client.access for client in hosts["store1"].nfs_server.exports[0].clients} == {"ro"}
        assert hosts["web1"].nfs_client.mounts[0].options[0] == "ro"

    def test_the_first_security_flavour_is_mounted_with(self):
        mounts = hosts_of(shared_data=[data(security=["krb5p", "sys"])])["web1"].nfs_client.mounts
        assert "sec=krb5p" in mounts[0].options

    def test_an_automount_is_left_to_systemd(self):
        assert "x-systemd.automount" in mount_options(declared(automount=True), "rw")

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
    def test_an_option_takes_the_place_of_the_one_that_it_contradicts(self, options, gone, added):
        kept = tuple(option for option in ("rw", *MOUNT_OPTIONS) if option not in gone)
        assert mount_options(declared(options=options), "rw") == kept + added

    @pytest.mark.parametrize(
        ("changes", "problem"),
        [
            ({"access": "ro", "writers": ["web1"]}, "writers: the access is ro, so nobody writes"),
            (
                {"squash": "no_root_squash", "mode": "0777"},
                "squash: the folder is open to everybody (0777), and root of each real server is root in it",
            ),
            (
                {"options": ["vers=3"]},
                "options: it asks for NFS version 3, which storage hosts do not serve",
            ),
            ({"readers": ["web9"]}, "readers[0]: 'web9' is not a real server of this cluster"),
            ({"readers": "wbe"}, "readers: there is no group 'wbe'"),
            ({"writers": ["client1"]}, "writers[0]: 'client1' is not a real server of this cluster"),
        ],
    )
    def test_what_contradicts_itself(self, changes, problem):
        assert problem_of(data(**changes)).startswith(f"lvs_shared_data[0].{problem}; ")

    def test_version_3_alone_is_not_what_real_servers_mount(self):
        assert problem_of(data(), nfs_versions=3) == (
            "lvs_nfs_versions: real servers mount by version 4; write [3, 4], or leave it out"
        )


class TestStorageHost:
    def test_no_data_needs_no_storage(self):
        assert problems_of(inventory(groups={"lvs_storage": ()}, shared_data=[])) == []

    def test_with_several_storage_hosts_each_entry_names_its_own(self):
        entries = [data(host="store1"), data(name="files", path="/srv/files", host="store2")]
        hosts = hosts_of(groups=PAIR_GROUPS, addresses=STORE2, shared_data=entries)
        assert [mount.source for mount in hosts["web1"].nfs_client.mounts] == [
            "192.0.2.31:/srv/www",
            "192.0.2.32:/srv/files",
        ]

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
                "the cluster has several storage hosts (store1, store2); say which one has the folder, such as host: "
                "store1",
            ),
            ({"host": "stor1"}, ("store1",), "'stor1' is not a storage host of this cluster; did you mean 'store1'?"),
            ({"host": "web1"}, ("store1",), "'web1' is not a storage host of this cluster; write one of store1"),
        ],
    )
    def test_data_without_its_storage_host_is_an_error(self, changes, storage, problem):
        found = problem_of(data(**changes), groups={"lvs_storage": storage}, addresses=STORE2)
        assert found == f"lvs_shared_data[0].host: {problem}"


class TestOverlaps:
    def test_two_entries_with_one_name_are_an_error(self):
        assert problems_of(inventory(shared_data=[data(), data(path="/srv/other")])) == [
            "lvs_shared_data[1].name: 'www' is the name of lvs_shared_data[0] too; give each another name"
        ]

    @pytest.mark.parametrize(
        ("one", "other", "problem"),
        [
            (
                "/srv/www",
                "/srv/www",
                "lvs_shared_data[1].path: /srv/www is the same folder as that of lvs_shared_data[0]",
            ),
            ("/srv", "/srv/www", "lvs_shared_data[1].path: /srv/www is inside that of lvs_shared_data[0]"),
            ("/srv/a/b/c", "/srv/a", "lvs_shared_data[0].path: /srv/a/b/c is inside that of lvs_shared_data[1]"),
        ],
    )
    @pytest.mark.parametrize("method", ["nfs", "rsync"])
    def test_folders_that_overlap_are_an_error(self, one, other, problem, method):
        entries = [data(path=one), data(name="other", path=other, method=method)]
        assert problems_of(inventory(shared_data=entries)) == [f"{problem}; share folders that do not overlap"]

    @pytest.mark.parametrize(("one", "other"), [("/srv/www", "/srv/www2"), ("/srv/a", "/srv/b"), ("/a/srv", "/srv")])
    def test_folders_that_only_look_alike_are_none(self, one, other):
        assert problems_of(inventory(shared_data=[data(path=one), data(name="other", path=other)])) == []

    def test_a_device_is_one_file_system(self):
        entries = [
            {"name": name, "path": f"/srv/{name}", "method": "gfs2", "device": "/dev/sdb"} for name in ("one", "two")
        ]
        assert problems_of(inventory(shared_data=entries, cluster_fs=FENCING)) == [
            "lvs_shared_data[1].device: /dev/sdb is that of lvs_shared_data[0].device too; give each file system a "
            "device of its own"
        ]

    @pytest.mark.parametrize(
        ("changes", "problem"),
        [
            (
                {"device": "/dev/sdb"},
                "device: the method nfs has no device; leave it out, or write method: gfs2 or ocfs2",
            ),
            ({"rsync": {}}, "rsync: the method nfs has no rsync; leave it out, or write method: rsync"),
            (
                {"method": "rsync", "squash": "all_squash"},
                "squash: the method rsync has no squash; leave it out, or write method: nfs",
            ),
        ],
    )
    def test_keys_of_another_method(self, changes, problem):
        assert problem_of(data(**changes)) == f"lvs_shared_data[0].{problem}"


class TestPair:
    def test_both_hosts_export_the_same(self):
        hosts = make_plan(pair()).clusters[0].hosts
        assert hosts["store1"].nfs_server == hosts["store2"].nfs_server
        assert hosts["store1"].nfs_server.exports[0].fsid

    def test_real_servers_mount_from_the_address_that_moves(self):
        assert make_plan(pair()).clusters[0].hosts["web1"].nfs_client.mounts[0].source == "192.0.2.30:/srv/www"

    def test_both_know_each_other(self):
        hosts = make_plan(pair()).clusters[0].hosts
        assert hosts["store1"].storage_pair == hosts["store2"].storage_pair
        assert hosts["store1"].storage_pair.nodes == (
            StorageNode("store1", "192.0.2.31", 0, 150),
            StorageNode("store2", "192.0.2.32", 1, 100),
        )
        assert hosts["store1"].storage_pair.witnesses == ("192.0.2.21", "192.0.2.22", "192.0.2.23")

    def test_its_vrid_is_none_of_the_directors(self):
        cluster = make_plan(pair()).clusters[0]
        (instance,) = cluster.hosts["lb1"].director.vrrp_instances
        assert cluster.hosts["store1"].storage_pair.virtual_router_id != instance.virtual_router_id

    def test_without_one_there_is_none(self):
        assert hosts_of()["store1"].storage_pair is None

    @pytest.mark.parametrize(
        ("an_inventory", "problem"),
        [
            (
                inventory(storage_ha={"address": "192.0.2.30", "device": "/dev/vdb"}),
                "lvs_storage_ha: a pair is two storage hosts, and the cluster has store1",
            ),
            (pair(data(host="store1")), "lvs_shared_data[0].host: the storage hosts are a pair (lvs_storage_ha)"),
            (pair(data(path="/data/www")), "lvs_shared_data[0].path: /data/www is not in /srv"),
            (pair(nfs_versions=[3, 4]), "lvs_nfs_versions: locks of NFS version 3 do not move"),
            (
                pair(storage_ha={"address": ["192.0.2.30", "192.0.2.33"], "device": "/dev/vdb"}),
                "lvs_storage_ha.address: there are two addresses of one family",
            ),
            (
                pair(storage_ha={"address": "2001:db8::30", "device": "/dev/vdb"}),
                "lvs_storage_ha.address: real servers reach the storage hosts by IPv4",
            ),
            (
                pair(storage_ha={"address": "192.0.2.31", "device": "/dev/vdb"}),
                "ansible_host (store1): 192.0.2.31 is a VIP, of lvs_storage_ha",
            ),
        ],
    )
    def test_what_is_no_pair(self, an_inventory, problem):
        (found,) = problems_of(an_inventory)
        assert found.startswith(problem)

    def test_a_real_server_is_not_one_of_them(self):
        groups = {"lvs_storage": ("store1", "web1")}
        found = problems_of(inventory(groups=groups, storage_ha={"address": "192.0.2.30", "device": "/dev/vdb"}))
        assert found == [
            "inventory: web1 is a real server too, which would mount from itself while it is active; take it out of the "
            "group lvs_real_servers or lvs_storage"
        ]


class TestRsync:
    def test_readers_fetch_from_the_storage_host(self):
        hosts = hosts_of(shared_data=[data(method="rsync", readers=["web1", "web2"])])
        assert hosts["store1"].rsync_server.modules == (
            RsyncModule("www", "/srv/www", "root", "root", "0755", ("192.0.2.21", "192.0.2.22"), "daemon"),
        )
        assert hosts["web1"].rsync_client.copies == (
            RsyncCopy(
                name="www",
                path="/srv/www",
                server="store1",
                source_address="192.0.2.31",
                direction="pull",
                transport="daemon",
                interval=60,
                max_age=300,
                delete=True,
                exclude=(),
                owner="root",
                group="root",
                mode="0755",
            ),
        )
        assert hosts["web3"].rsync_client is None
        assert hosts["web1"].nfs_client.mounts == ()

    def test_or_get_what_it_pushes(self):
        hosts = hosts_of(shared_data=[data(method="rsync", readers=["web1"], rsync={"direction": "push"})])
        assert hosts["store1"].rsync_server.modules == ()
        assert hosts["store1"].rsync_server.pushes[0].targets == (RsyncTarget("web1", "192.0.2.21"),)
        assert hosts["web1"].rsync_client.copies[0].direction == "push"

    @pytest.mark.parametrize(
        ("rsync", "problem"),
        [
            (
                {"direction": "push", "transport": "ssh"},
                "transport: what is pushed goes to the readers' rsync daemons; leave it out, or write direction: pull",
            ),
            (
                {"interval": 600, "max_age": 300},
                "max_age: 300 s is over before the next copy comes, each 600 s; write more than that, such as 3000",
            ),
        ],
    )
    def test_what_contradicts_itself(self, rsync, problem):
        assert problem_of(data(method="rsync", rsync=rsync)) == f"lvs_shared_data[0].rsync.{problem}"


class TestClusterFileSystems:
    DISK = data(method="gfs2", device="/dev/sdb")

    def test_readers_are_the_nodes(self):
        hosts = hosts_of(shared_data=[{**self.DISK, "readers": ["web1", "web2"]}], cluster_fs=FENCING)
        own = hosts["web1"].cluster_fs
        assert [node.name for node in own.nodes] == ["web1", "web2"]
        assert own.filesystems == (FileSystem("www", "/srv/www", "gfs2", "/dev/sdb", "root", "root", "0755", ()),)
        assert hosts["web3"].cluster_fs is None

    def test_a_nodes_number_stays_when_others_come(self):
        few = hosts_of(shared_data=[{**self.DISK, "readers": ["web2", "web3"]}], cluster_fs=FENCING)["web2"].cluster_fs
        all_of_them = hosts_of(shared_data=[self.DISK], cluster_fs=FENCING)["web2"].cluster_fs
        assert set(few.nodes) < set(all_of_them.nodes)

    def test_a_number_of_ones_choice(self):
        hosts = hosts_of(shared_data=[self.DISK], cluster_fs=FENCING, hosts={"web1": {"node_id": 7}})
        assert ClusterNode("web1", 7, "192.0.2.21") in hosts["web1"].cluster_fs.nodes

    def test_two_hosts_of_one_number(self):
        numbers = {"web1": {"node_id": 7}, "web2": {"node_id": 7}}
        (problem,) = problems_of(inventory(shared_data=[self.DISK], cluster_fs=FENCING, hosts=numbers))
        assert problem.startswith("lvs_node_id: node id 7 is that of node web1 too")

    def test_what_the_fence_agent_needs_is_not_in_the_plan(self):
        own = hosts_of(shared_data=[self.DISK], cluster_fs=FENCING)["web1"].cluster_fs
        assert own.fence_agent == "fence_ipmilan"
        assert "secret" not in repr(own)

    def test_no_message_has_a_secret(self):
        wrong = {"fencing": {"agent": "fence_x", "options": {"password": ["secret"]}}}
        assert "secret" not in problem_of(self.DISK, cluster_fs=wrong)

    @pytest.mark.parametrize(
        ("entry", "variables", "problem"),
        [
            (DISK, {}, "lvs_cluster_fs.fencing: www needs fencing"),
            (
                DISK,
                {"cluster_fs": {**FENCING, "without_fencing": True}},
                "lvs_cluster_fs.without_fencing: there is fencing",
            ),
            ({**DISK, "device": None}, {"cluster_fs": FENCING}, "lvs_shared_data[0].device: is missing"),
            (data(), {"cluster_fs": FENCING}, "lvs_cluster_fs: nothing is shared by gfs2 or ocfs2"),
            (DISK, {"cluster_fs": FENCING, "cluster_name": "a" * 17}, "lvs_cluster_name: "),
            ({**DISK, "name": "a" * 31}, {"cluster_fs": FENCING}, "lvs_shared_data[0].name: "),
        ],
    )
    def test_what_they_stand_on(self, entry, variables, problem):
        assert problem_of(entry, **variables).startswith(problem)

    def test_the_waiver_is_loud(self):
        warnings = make_plan(inventory(shared_data=[self.DISK], cluster_fs={"without_fencing": True})).warnings
        assert any("[no-fencing]" in warning for warning in warnings)


class TestGate:
    def gate(self, *entries, host="web1", **variables):
        plan = make_plan(inventory(shared_data=list(entries), services=[service(data=["www"])], **variables))
        return plan.clusters[0].hosts[host].data_gate

    def test_a_real_server_says_whether_it_has_its_data(self):
        (gated,) = self.gate(data()).services
        assert (gated.name, gated.when_gone, gated.peers) == ("web", "serve", ("192.0.2.22", "192.0.2.23"))
        assert gated.data == (GateDatum("www", "/srv/www", "mount", "nfs4", "192.0.2.31:/srv/www"),)

    def test_a_copy_may_be_so_old(self):
        (gated,) = self.gate(data(method="rsync")).services
        assert gated.data == (GateDatum("www", "/srv/www", "copy", max_age=300),)

    def test_a_cluster_file_system_is_on_its_device(self):
        (gated,) = self.gate(TestClusterFileSystems.DISK, cluster_fs=FENCING).services
        assert gated.data == (GateDatum("www", "/srv/www", "mount", "gfs2", "/dev/sdb"),)

    def test_a_storage_host_has_its_own_folder(self):
        (gated,) = self.gate(data(), groups={"lvs_storage": ("web1",)}).services
        assert gated.data == (GateDatum("www", "/srv/www", "folder"),)

    def test_directors_ask_there(self):
        plan = make_plan(
            both_families(services=[service(name="shop", vip=["192.0.2.100", "2001:db8::100"], data="www")])
        )
        assert [(each.name, each.readiness.path) for each in plan.clusters[0].services] == [
            ("shop-192.0.2.100", "/ready/shop"),
            ("shop-2001:db8::100", "/ready/shop"),
        ]

    def test_who_needs_nothing_is_not_asked(self):
        cluster = make_plan(inventory()).clusters[0]
        assert cluster.services[0].readiness is None
        assert cluster.hosts["web1"].data_gate is None

    @pytest.mark.parametrize(
        ("entry", "changes", "variables", "problem"),
        [
            (data(), {"data": "wwww"}, {}, "there is no shared data 'wwww'; did you mean 'www'?"),
            (
                data(readers=["web1"]),
                {"data": "www"},
                {},
                "web2, web3 of its real servers do not have 'www'; add them to lvs_shared_data[0].readers",
            ),
            (
                data(),
                {"data": "www"},
                {"director_engine": "static"},
                "the engine static does not ask a real server for its data beside its health check; leave it out, or "
                "write lvs_director_engine: keepalived",
            ),
        ],
    )
    def test_what_a_service_cannot_need(self, entry, changes, variables, problem):
        changes = {"health_check": None, **changes} if variables else changes
        assert problem_of(entry, services=[service(**changes)], **variables) == f"lvs_services[0].data: {problem}"

    def test_a_policy_without_data(self):
        found = problem_of(data(), services=[service(when_data_is_gone="stop")])
        assert found.startswith("lvs_services[0].when_data_is_gone: the service names no data")
