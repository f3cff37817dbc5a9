# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.report import make_reports
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.screen import ASCII, UNICODE, WIDTH, render
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.verify.healthy import (
    FLOATING,
    GENERATION,
    cluster,
    copied,
    declared_export,
    drbd,
    export,
    interface,
    node,
    sharing,
)

SPLIT_BRAIN = "decide whose changes are given up, as the README of the role lvs.cluster.storage_ha says"


@pytest.fixture
def results():
    return sharing()


def report(results):
    (found,) = make_reports(results)
    return found


def problems(results):
    return [problem.what for problem in report(results).problems]


def remedies(results):
    return [problem.remedy for problem in report(results).problems]


def screen(results):
    return "\n".join(line.text for line in render(report(results), ASCII))


def block(results, title):
    """Return the lines of a part of the screen, from the one that begins so."""
    lines = screen(results).split("\n")
    start = next(index for index, line in enumerate(lines) if line.startswith(f"Shared data: {title}"))
    return lines[start : lines.index("", start)]


def volume(results, host, **changes):
    results[host]["data"]["pair"]["drbd"].update(changes)


class TestHealthy:
    def test_no_problems(self, results):
        assert problems(results) == []

    def test_the_screen(self, results):
        assert """
Shared data: storage pair, 192.0.2.30
    host    state    address     DRBD role  disk      connection  disk of the peer
  + store1  active   192.0.2.30  Primary    UpToDate  Connected   UpToDate
  + store2  standby  -           Secondary  UpToDate  Connected   UpToDate
  + store1 serves /srv by 192.0.2.30
  + both have the same data

Shared data: NFS exports
  + store1  /srv/www  to 192.0.2.21 (rw), 192.0.2.22 (ro)

Shared data: copies by rsync
    data   host       age  at most  generation
  + pages  store1  source        -  2026-11-27T10:00:00Z 1c3b5d7f
  + pages  web1      17 s    300 s  the same as store1
  + pages  web2      17 s    300 s  the same as store1

Shared data: cluster file systems films, fencing by fence_ipmilan
    node  state   quorum   mounted
  + web1  member  quorate  /srv/films
  + web2  member  quorate  /srv/films

  + Everything is as declared.""" in screen(results)

    def test_a_cluster_without_any_has_no_such_part(self):
        assert "Shared data" not in screen(cluster())

    def test_where_nobody_looked_nothing_is_said(self, results):
        for result in results.values():
            result.pop("data", None)
        assert problems(results) == []
        found = report(results).shared_data
        assert found.sources == found.copies == found.exports == ()
        assert [store.state for store in found.pair.stores] == ["not asked"] * 2
        assert [node.state for node in found.cluster_fs.nodes] == ["not asked"] * 2
        assert "  . neither host could be asked" in screen(results)


class TestWhoServes:
    def test_nobody(self, results):
        for host in ("store1", "store2"):
            results[host]["data"]["pair"] = drbd("Secondary", standby=False, reason="it could take the volume")
        results["store2"]["data"]["pair"]["reason"] = "it has just failed to serve the volume"
        results["store1"]["addresses"] = []
        assert problems(results) == [
            "/srv: no storage host serves it (store1: it could take the volume; store2: it has just failed to serve the"
            " volume)"
        ]
        assert remedies(results) == [
            "see '/usr/local/lib/lvs-storage/lvs-storage status' and 'journalctl -u keepalived -u lvs-storage' on store1,"
            " store2"
        ]
        assert block(results, "storage pair")[2:] == [
            "  ! store1  NOT READY  -        Secondary  UpToDate  Connected   UpToDate",
            "  ! store2  NOT READY  -        Secondary  UpToDate  Connected   UpToDate",
            "  ! nobody serves /srv",
            "  + both have the same data",
        ]

    def test_both(self, results):
        results["store2"]["data"]["pair"] = drbd(split_brain=True)
        results["store2"]["data"]["exports"]["live"] = [export(1), export(2)]
        results["store2"]["addresses"] = [interface("52:54:00:00:03:02", f"{FLOATING}/32")]
        assert problems(results) == [
            "store1, store2 serve /srv at the same time (split brain)",
            "store1, store2 have changes that the other one lacks (split brain), and replicate nothing",
        ]
        assert remedies(results) == [SPLIT_BRAIN, SPLIT_BRAIN]
        assert "  ! store1, store2 serve /srv by 192.0.2.30" in screen(results)

    def test_without_the_address(self, results):
        results["store1"]["addresses"] = []
        assert problems(results) == ["store1: serves /srv, but has not 192.0.2.30, by which clients reach it"]
        assert remedies(results) == ["see 'systemctl status lvs-storage-address' on store1"]
        assert "  ! store1  active   -        Primary" in screen(results)

    def test_the_address_is_on_the_other_host_too(self, results):
        results["store2"]["addresses"] = [interface("52:54:00:00:03:02", f"{FLOATING}/32")]
        assert problems(results) == ["store2: has 192.0.2.30, but does not serve /srv"]
        assert "  ! store2  standby  192.0.2.30  Secondary" in screen(results)

    def test_one_that_could_not_be_asked_does(self, results):
        del results["store1"]
        assert problems(results) == ["store1 could not be asked"]
        assert block(results, "storage pair")[2:] == [
            "  . store1  not asked  -        -          -         -           -",
            "  + store2  standby    -        Secondary  UpToDate  Connected   UpToDate",
            "  + store1, which could not be asked, serves /srv, as its peer says",
            "  + both have the same data",
        ]

    def test_nobody_of_those_that_could_be_asked(self, results):
        del results["store2"]
        results["store1"]["data"]["pair"] = drbd("Secondary", standby=False, reason="it lets go of the volume")
        results["store1"]["addresses"] = []
        assert problems(results)[0] == (
            "/srv: no storage host that could be asked serves it (store1: it lets go of the volume)"
        )

    def test_neither_could_be_asked(self, results):
        del results["store1"], results["store2"]
        assert problems(results) == ["store1, store2 could not be asked"]
        assert "storage pair" not in screen(results)


class TestReplication:
    def test_split_brain(self, results):
        for host, role in (("store1", "Primary"), ("store2", "Secondary")):
            results[host]["data"]["pair"] = drbd(role, split_brain=True, standby=False)
            volume(results, host, connection="StandAlone", peer_disk="DUnknown")
        assert problems(results) == [
            "store1, store2 have changes that the other one lacks (split brain), and replicate nothing"
        ]
        assert remedies(results) == [SPLIT_BRAIN]
        assert block(results, "storage pair")[2:] == [
            "  ! store1  active     192.0.2.30  Primary    UpToDate  StandAlone  DUnknown",
            "  ! store2  NOT READY  -           Secondary  UpToDate  StandAlone  DUnknown",
            "  + store1 serves /srv by 192.0.2.30",
            "  ! split brain: nothing is replicated",
        ]

    def test_not_connected(self, results):
        for host, connection in (("store1", "WFConnection"), ("store2", "StandAlone")):
            volume(results, host, connection=connection, peer_disk="DUnknown")
        assert problems(results) == [
            "store1, store2 are not connected by DRBD (store1: WFConnection, store2: StandAlone), so nothing is"
            " replicated"
        ]
        assert remedies(results) == ["see that both run, that TCP port 7789 passes between them, and 'journalctl -k'"]

    def test_a_disk_that_is_synchronised(self, results):
        volume(results, "store1", connection="SyncSource", peer_disk="Inconsistent", synced=42.5)
        volume(results, "store2", connection="SyncTarget", disk="Inconsistent", synced=42.5)
        assert problems(results) == [
            "store2: its disk is Inconsistent (42.5 % of it are synchronised), so it has not the newest data"
        ]
        assert remedies(results) == ["wait until it has all data"]
        assert "  ! store1  active   192.0.2.30  Primary    UpToDate      SyncSource  Inconsistent" in screen(results)

    def test_a_disk_that_has_failed(self, results):
        volume(results, "store1", disk="Diskless")
        volume(results, "store2", peer_disk="Diskless")
        assert problems(results) == ["store1: its disk is Diskless, so it has not the newest data"]
        assert remedies(results) == [
            "see '/usr/local/lib/lvs-storage/lvs-storage status' and 'journalctl -k' on store1"
        ]

    def test_a_peer_that_could_not_be_asked(self, results):
        del results["store2"]
        volume(results, "store1", peer_disk="Failed")
        assert problems(results) == [
            "store1: the disk of its peer is Failed, so that cannot take over",
            "store2 could not be asked",
        ]
        assert block(results, "storage pair")[-1] == "  ! the peer has not the newest data"

    def test_an_online_verification_is_no_fault(self, results):
        volume(results, "store1", connection="VerifyS")
        volume(results, "store2", connection="VerifyT")
        assert problems(results) == []
        assert "  + store1  active   192.0.2.30  Primary    UpToDate  VerifyS" in screen(results)

    def test_a_frozen_volume(self, results):
        volume(results, "store1", frozen=True)
        assert problems(results) == ["store1: reads and writes of /srv wait for the decision about the peer"]
        assert "  ! store1  active" in screen(results)

    def test_a_volume_that_is_not_up(self, results):
        results["store2"]["data"]["pair"] = drbd("Secondary", standby=False, drbd=None, reason="DRBD is not up")
        volume(results, "store1", connection="WFConnection", peer_disk="DUnknown")
        assert problems(results) == ["store2: its volume is not up in DRBD, so it cannot take over"]
        assert remedies(results) == ["run lvs.cluster.site; if it stays so, see 'journalctl -u lvs-drbd-lvs' on store2"]
        assert "  ! store2  NOT READY  -           -          -         -             -" in screen(results)

    def test_what_could_not_be_read(self, results):
        results["store2"]["data"]["pair"] = {"msg": "no Python"}
        assert problems(results) == ["store2: the state of its volume could not be read: no Python"]
        assert "  ! store2  not read" in screen(results)


class TestExports:
    @staticmethod
    def live(results, *exports):
        results["store1"]["data"]["exports"]["live"] = list(exports)

    def line(self, results, difference):
        assert problems(results) == [f"store1: /srv/www: {difference}"]
        assert remedies(results) == ["run lvs.cluster.site"]
        assert f"  ! store1  /srv/www  {difference}" in screen(results)

    def test_not_exported(self, results):
        self.live(results, export(1))
        self.line(results, "it is not exported to 192.0.2.22")

    def test_exported_to_somebody_else(self, results):
        self.live(results, export(1), export(2), export(9))
        self.line(results, "it is exported to 192.0.2.29, not declared")

    @pytest.mark.parametrize(
        ("key", "value", "difference"),
        [
            ("access", "rw", "access is rw, declared ro (for 192.0.2.22)"),
            ("squash", "no_root_squash", "squash is no_root_squash, declared root_squash (for 192.0.2.22)"),
            ("security", ["krb5", "sys"], "security is krb5 sys, declared sys (for 192.0.2.22)"),
            ("fsid", None, f"fsid is none, declared {export()['fsid']} (for 192.0.2.22)"),
        ],
    )
    def test_otherwise_than_declared(self, results, key, value, difference):
        self.live(results, export(1), export(2, **{key: value}))
        assert problems(results) == [f"store1: /srv/www: {difference}"]

    def test_what_is_not_declared_is_free(self, results):
        self.live(results, export(1, anonuid=1000), export(2))
        assert problems(results) == []
        results["store1"]["plan"]["nfs_server"] = {"exports": [declared_export(anonuid=33)]}
        assert problems(results) == [
            "store1: /srv/www: anonuid is 1000, declared 33 (for 192.0.2.21); anonuid is 65534, declared 33 (for"
            " 192.0.2.22)"
        ]

    def test_what_is_left_of_an_earlier_declaration(self, results):
        seen = results["store1"]["data"]["exports"]
        seen["live"].append(export(1, path="/srv/old"))
        assert problems(results) == []  # somebody else's
        seen["ours"].append(export(1, path="/srv/old"))
        assert problems(results) == ["store1: /srv/old: it is exported, and not declared any more"]

    def test_the_standby_host_exports_nothing(self, results):
        assert [finding.host for finding in report(results).shared_data.exports] == ["store1"]

    def test_of_many_clients_their_number_is_shown(self, results):
        clients = [{"address": f"192.0.2.2{number}", "access": "ro"} for number in range(1, 6)]
        clients[0]["access"] = "rw"
        results["store1"]["plan"]["nfs_server"] = {"exports": [declared_export(clients=clients)]}
        self.live(results, *map(export, range(1, 6)))
        assert "  + store1  /srv/www  to 5 clients, 1 of which may write" in screen(results)

    def test_to_nobody(self, results):
        results["store1"]["plan"]["nfs_server"] = {"exports": [declared_export(clients=[])]}
        self.live(results)
        assert "  + store1  /srv/www  to nobody" in screen(results)

    def test_what_could_not_be_read(self, results):
        results["store1"]["data"]["exports"] = {"msg": "exportfs failed"}
        assert problems(results) == ["store1: its exports could not be read: exportfs failed"]
        assert "  ! store1  /srv/www  not read" in screen(results)


class TestCopies:
    @staticmethod
    def give(results, *copies, **changes):
        results["web1"]["data"]["copies"] = {"copies": list(copies), "pushes": [], "sources": [], **changes}

    @staticmethod
    def push(results):
        for host in ("web1", "web2"):
            results[host]["plan"]["rsync_client"]["copies"][0]["direction"] = "push"

    def test_too_old(self, results):
        self.give(results, copied(301, last_error="connection refused"))
        assert problems(results) == ["web1: its copy of pages is 301 s old, and may be 300 s: connection refused"]
        assert remedies(results) == ["see 'journalctl -u lvs-rsync@pages' on web1"]
        assert "  ! pages  web1     301 s    300 s  the same as store1" in screen(results)

    def test_old_enough(self, results):
        self.give(results, copied(300, last_error="once"))
        assert problems(results) == []

    def test_never_complete(self, results):
        self.give(results, copied(None, "", last_error="the source has no marker"))
        assert problems(results) == ["web1: its copy of pages has never been complete: the source has no marker"]
        assert "  ! pages  web1         -    300 s  NO COPY" in screen(results)

    def test_absent(self, results):
        self.give(results)
        assert problems(results) == ["web1: it has no copy of pages, and nothing that would make one"]
        assert remedies(results) == ["run lvs.cluster.site"]
        assert "  ! pages  web1         -    300 s  NO COPY" in screen(results)

    def test_pushed(self, results):
        self.push(results)
        self.give(results, copied(999))
        results["store1"]["data"]["copies"]["pushes"] = [
            {"name": "pages@web2", "last_error": "no"},
            {"name": "pages@web1", "last_error": "rsync ended with status 10"},
        ]
        assert problems(results) == [
            "web1: its copy of pages is 999 s old, and may be 300 s: rsync ended with status 10"
        ]
        assert remedies(results) == ["see 'journalctl -u lvs-lsyncd' on store1"]

    def test_pushed_by_a_host_that_could_not_be_asked(self, results):
        self.push(results)
        self.give(results, copied(999))
        del results["store1"]
        assert problems(results)[0] == "web1: its copy of pages is 999 s old, and may be 300 s"
        assert f"  ! pages  web1  999 s    300 s  {GENERATION}" in screen(results)

    def test_behind(self, results):
        self.give(results, copied(generation="2026-11-26T10:00:00Z 00000000"))
        assert problems(results) == []
        assert "  . pages  web1      17 s    300 s  behind store1: 2026-11-26T10:00:00Z 00000000" in screen(results)

    def test_behind_and_too_old(self, results):
        self.give(results, copied(400, "g1"))
        assert "  ! pages  web1     400 s    300 s  behind store1: g1" in screen(results)

    def test_the_source_is_being_changed(self, results):
        results["store1"]["data"]["copies"]["sources"][0].update(generation="g2", changing=True)
        assert problems(results) == []
        lines = block(results, "copies")
        assert lines[2] == "  + pages  store1  source        -  being changed to g2"
        assert lines[3] == f"  + pages  web1      17 s    300 s  {GENERATION}; store1 is making the next one"

    def test_a_source_without_a_marker(self, results):
        results["store1"]["data"]["copies"]["sources"][0].update(generation=None)
        assert problems(results) == ["store1: /srv/pages has no .lvs-cluster-generation, so nothing is copied from it"]
        assert remedies(results) == [
            "see that its volume is mounted; if the folder is right as it is, run 'lvs-rsync publish /srv/pages' on store1"
        ]
        assert "  ! pages  store1  source        -  unknown" in screen(results)

    @pytest.mark.parametrize(
        ("host", "problem"),
        [
            ("store1", "store1: /srv/pages could not be looked at: no Python"),
            ("web1", "web1: its copies could not be looked at: no Python"),
        ],
    )
    def test_what_could_not_be_read(self, results, host, problem):
        results[host]["data"]["copies"] = {"msg": "no Python"}
        assert problems(results) == [problem]

    def test_sources_of_pushes(self, results):
        source = results["store1"]["plan"]["rsync_server"]
        source["modules"], source["pushes"] = [], source["modules"]
        assert [each.generation for each in report(results).shared_data.sources] == [GENERATION]


class TestClusterFileSystems:
    @staticmethod
    def give(results, host, **changes):
        results[host]["data"]["cluster_fs"] = node(**changes)

    @staticmethod
    def nodes(*joined):
        return [{"id": number, "name": f"web{number}", "joined": number in joined} for number in (1, 2)]

    def test_no_quorum(self, results):
        self.give(results, "web2", quorate=False, votes={"votes": 1, "needed": 2}, nodes=self.nodes(2))
        self.give(results, "web1", quorate=False, votes={"votes": 1, "needed": 2}, nodes=self.nodes(1))
        assert problems(results) == [
            f"{host}: it sees 1 of the 2 nodes that a quorum needs, so its cluster file systems stand still"
            for host in ("web1", "web2")
        ]
        assert "  ! web1  member  NO QUORUM  /srv/films" in screen(results)

    def test_a_node_that_is_no_member(self, results):
        self.give(results, "web1", nodes=self.nodes(1))
        assert problems(results) == ["web2: it is no member of the cluster of web1"]
        assert remedies(results) == [
            "see 'systemctl status corosync' on web2, and that UDP port 5405 passes between the nodes"
        ]
        assert "  ! web2  NOT A MEMBER  quorate  /srv/films" in screen(results)

    def test_a_member_that_could_not_be_asked(self, results):
        del results["web2"]
        assert "  . web2  not asked  -        -" in screen(results)
        self.give(results, "web1", nodes=self.nodes(1))
        assert "web2: it is no member of the cluster of web1" in problems(results)
        assert "  ! web2  NOT A MEMBER  -        -" in screen(results)

    def test_not_running(self, results):
        self.give(results, "web1", running=False, quorate=False, votes=None, nodes=[], lockspaces=[])
        assert problems(results) == [
            "web1: corosync or the lock manager does not run, so it has no cluster file system"
        ]
        assert remedies(results) == ["see 'systemctl status corosync dlm' on web1; lvs.cluster.site starts them"]
        assert "  ! web1  NOT RUNNING  -        /srv/films" in screen(results)

    def test_not_mounted_is_a_problem_of_the_mount(self, results):
        self.give(results, "web1", mounted=[])
        results["web1"]["mounts"].pop()
        assert problems(results) == ["web1: /srv/films is not mounted"]
        assert "  ! web1  member  quorate  NOT /srv/films" in screen(results)

    def test_a_node_that_is_not_fenced_yet(self, results):
        for host in ("web1", "web2"):
            self.give(
                results, host, fencing=[2, 7], lockspaces=[{"name": "films", "members": [1], "waits_for": "fencing"}]
            )
        assert problems(results) == [
            "web2 has failed and is not fenced yet, so the cluster file systems stand still on all nodes",
            "node 7 has failed and is not fenced yet, so the cluster file systems stand still on all nodes",
        ]
        assert remedies(results)[0] == (
            "see by 'journalctl -u dlm' on web2 why it cannot be switched off; once you have done that yourself, run"
            " 'dlm_tool fence_ack 2' there"
        )
        assert (
            "  ! web2 has failed and is not fenced yet, so the cluster file systems stand still on all nodes"
            in screen(results)
        )

    def test_locks_that_wait(self, results):
        self.give(results, "web2", lockspaces=[{"name": "films", "members": [1], "waits_for": "messages 1"}])
        assert problems(results) == ["web2: locks of films wait for messages 1"]
        assert "  ! web2  member  quorate  /srv/films" in screen(results)

    def test_without_fencing(self, results):
        for host in ("web1", "web2"):
            results[host]["plan"]["cluster_fs"].update(fence_agent=None, without_fencing=True)
        assert problems(results) == []
        lines = block(results, "cluster file systems")
        assert lines[0] == "Shared data: cluster file systems films, WITHOUT FENCING"
        assert " ".join(line.strip() for line in lines[4:]) == (
            ". Without fencing a node that hangs and comes back can destroy the data (lvs_cluster_fs.without_fencing)."
        )

    def test_what_could_not_be_read(self, results):
        results["web1"]["data"]["cluster_fs"] = {"msg": "no Python"}
        assert problems(results) == ["web1: the state of its cluster could not be read: no Python"]
        assert "  ! web1  not read  -        -" in screen(results)


def broken():
    """A cluster in which something is wrong with each way."""
    results = sharing()
    volume(results, "store1", connection="WFConnection", peer_disk="DUnknown")
    volume(results, "store2", connection="WFConnection", disk="Inconsistent", peer_disk="DUnknown")
    results["store1"]["data"]["exports"]["live"] = [export(1, access="ro", squash="all_squash", fsid=None)]
    results["web1"]["data"]["copies"]["copies"] = [copied(4000, "g1")]
    results["web2"]["data"]["copies"]["copies"] = []
    results["web2"]["data"]["cluster_fs"] = node(quorate=False, votes={"votes": 1, "needed": 2}, mounted=[])
    return results


@pytest.mark.parametrize("results", [sharing(), broken()])
@pytest.mark.parametrize("symbols", [ASCII, UNICODE])
def test_no_line_is_too_long_or_ends_in_blanks(results, symbols):
    for line in render(report(results), symbols):
        assert len(line.text) <= WIDTH
        assert line.text == line.text.rstrip()
