# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.observation import InputError, read_clusters
from ansible_collections.lvs.cluster.plugins.plugin_utils.verify.report import make_reports
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.verify.healthy import (
    LB1_MAC,
    LB2_MAC,
    MEMBERS,
    VIP,
    WEB2_MAC,
    cluster,
    declared_service,
    http,
    interface,
    page,
    plan,
    server,
    service,
    statistics,
)

GATEWAY = "198.51.100.1"


@pytest.fixture
def results():
    return cluster()


def report(results, hosts=None):
    (found,) = make_reports(results, hosts)
    return found


def problems(results, hosts=None):
    return [problem.what for problem in report(results, hosts).problems]


def remedy(results):
    (problem,) = report(results).problems
    return problem.remedy


def newest(results, director):
    return results[director]["ipvs"]["after"]


def set_servers(results, *servers):
    for director in ("lb1", "lb2"):
        newest(results, director)["services"] = [service(servers=list(servers))]


def declare(results, *services):
    for host in ("lb1", "lb2", "client1"):
        results[host]["plan"]["verify"] = {"services": list(services)}


class TestHealthy:
    def test_no_problems(self, results):
        found = report(results)
        assert found.problems == found.not_asked == found.not_checked == ()

    def test_directors(self, results):
        active, standby = report(results).directors
        assert (active.host, active.vips, active.sync_daemons) == ("lb1", (VIP,), ("backup", "master"))
        assert (standby.host, standby.vips, standby.sync_daemons) == ("lb2", (), ("backup", "master"))

    def test_vips(self, results):
        (vip,) = report(results).vips
        assert (vip.vip, vip.holders, vip.answers) == (VIP, ("lb1",), ((LB1_MAC, "lb1"),))

    def test_services(self, results):
        (web,) = report(results).services
        assert (web.name, web.forwarding, web.scheduler, web.persistence_timeout) == ("web", "dr", "wlc", None)
        assert [(each.host, each.weight, each.out_on, each.connections, each.answers) for each in web.servers] == [
            ("web1", 1, (), 20, 20),
            ("web2", 1, (), 10, 10),
        ]
        assert (web.requests.client, web.requests.requests, web.requests.gap_ms) == ("client1", 30, 21.2)

    def test_tables(self, results):
        assert [(table.host, table.differences) for table in report(results).tables] == [("lb1", ()), ("lb2", ())]

    def test_real_servers(self, results):
        first, second = report(results).real_servers
        assert (first.host, first.bound, first.silent) == ("web1", (VIP,), True)
        assert [(mount.path, mount.state) for mount in second.mounts] == [
            ("/srv/www", "192.0.2.31:/srv/www (nfs4, ro)")
        ]


class TestVips:
    def test_nobody_holds_it(self, results):
        results["lb1"]["addresses"] = []
        assert problems(results) == [f"{VIP}: no director holds it"]
        assert remedy(results) == "see 'journalctl -u keepalived' on lb1, lb2"

    def test_nobody_of_those_that_could_be_asked_holds_it(self, results):
        del results["lb1"]
        assert problems(results) == [
            f"{VIP}: no director that could be asked holds it",
            "lb1 could not be asked",
        ]

    def test_split_brain(self, results):
        results["lb2"]["addresses"].append(interface(LB2_MAC, f"{VIP}/32", name="eth1"))
        assert problems(results) == [f"{VIP}: lb1, lb2 hold it at the same time (split brain)"]
        assert "VRRP (IP protocol 112)" in remedy(results)

    def test_a_real_server_answers_too(self, results):
        results["client1"]["arp"][0]["macs"] = [LB1_MAC, WEB2_MAC.upper()]
        assert problems(results) == [
            f"{VIP}: web2 answers for it by ARP ({WEB2_MAC}), so clients may get past the active director"
        ]
        assert remedy(results) == "run lvs.cluster.site, which sets arp_ignore and arp_announce on web2"

    def test_the_standby_director_answers(self, results):
        results["client1"]["arp"][0]["macs"] = [LB2_MAC]
        assert problems(results) == [
            f"{VIP}: lb2 answers for it by ARP ({LB2_MAC}), so clients may get past the active director"
        ]
        assert remedy(results) == f"see whether lb2 has the address: 'ip address show to {VIP}'"

    def test_a_stranger_answers(self, results):
        results["client1"]["arp"][0]["macs"] = [LB1_MAC, "66:66:66:66:66:66"]
        assert problems(results) == [
            f"{VIP}: a machine that is none of the cluster's answers for it by ARP (66:66:66:66:66:66)"
        ]

    def test_nobody_answers(self, results):
        results["client1"]["arp"][0]["macs"] = []
        assert problems(results) == [f"{VIP}: nobody answers for it by ARP, although lb1 holds it"]

    def test_nobody_asked(self, results):
        results["client1"]["arp"] = [{"failed": True, "msg": "no way"}]
        found = report(results)
        assert found.vips[0].answers is None
        assert found.not_checked == (f"Nobody asked the network who has {VIP}.",)

    def test_a_director_that_is_a_real_server_too_has_the_vip_anyway(self, results):
        both = results["lb2"]
        both["plan"] = {**both["plan"], "tiers": ["directors", "real_servers"]}
        both["addresses"].append(interface("aa:aa:aa:aa:aa:aa", f"{VIP}/32", name="lvs0"))
        assert problems(results) == []
        both["addresses"][1]["addresses"].append(f"{VIP}/32")
        assert problems(results) == [f"{VIP}: lb1, lb2 hold it at the same time (split brain)"]


class TestNatGateways:
    """By them real servers answer, so they have to be where the VIPs are: on lb1."""

    @staticmethod
    def give(results, holder):
        for name in ("lb1", "lb2"):
            results[name]["plan"]["director"]["nat_gateways"] = [GATEWAY]
            inside = [f"{GATEWAY}/24"] if name == holder else []
            results[name]["addresses"].append(interface("52:54:00:00:02:01", *inside, name="eth1"))

    def test_with_the_vips(self, results):
        self.give(results, "lb1")
        assert problems(results) == []
        assert [director.nat_gateways for director in report(results).directors] == [(GATEWAY,), ()]

    def test_on_the_other_director(self, results):
        self.give(results, "lb2")
        assert problems(results) == [
            f"lb1: holds the VIPs but not {GATEWAY}, by which real servers of NAT services answer",
            f"lb2: holds {GATEWAY}, by which real servers of NAT services answer, but not the VIPs",
        ]

    def test_nowhere(self, results):
        self.give(results, None)
        assert problems(results) == [
            f"lb1: holds the VIPs but not {GATEWAY}, by which real servers of NAT services answer"
        ]
        assert "sync group" in remedy(results)

    def test_where_vrrp_is_in_trouble_that_is_enough(self, results):
        self.give(results, "lb2")
        results["lb1"]["addresses"] = []
        assert problems(results) == [f"{VIP}: no director holds it"]


class TestSyncDaemons:
    @pytest.mark.parametrize("director", ["lb1", "lb2"])
    @pytest.mark.parametrize(("runs", "missing"), [("backup", "master"), ("master", "backup")])
    def test_a_director_with_one_of_them(self, results, director, runs, missing):
        newest(results, director)["sync_daemons"] = [{"role": runs}]
        what = f"{director}: no sync daemon runs as {missing}, so connections would not survive a failover"
        assert problems(results) == [what]
        assert f"journalctl -u lvs-sync-{missing}" in remedy(results)

    def test_none_wanted(self, results):
        for name in ("lb1", "lb2"):
            results[name]["plan"]["director"]["sync_daemon"] = None
            newest(results, name)["sync_daemons"] = []
        assert problems(results) == []


class TestRotation:
    def test_a_server_that_is_missing_everywhere(self, results):
        set_servers(results, server(1))
        assert problems(results) == ["web: web2 (192.0.2.22:80) is out of rotation on lb1, lb2"]
        assert remedy(results) == (
            "see why its health check fails: 'curl -ik http://192.0.2.22:80/healthz' on lb1 must give status 200"
        )
        found = report(results)
        assert found.services[0].servers[1].weight is None
        assert found.tables[0].differences == ("web: web2 (192.0.2.22:80) is missing",)

    def test_a_server_with_weight_0_on_one_director(self, results):
        newest(results, "lb2")["services"] = [service(servers=[server(1), server(2, weight=0)])]
        assert problems(results) == ["web: web2 (192.0.2.22:80) is out of rotation on lb2"]
        assert report(results).services[0].servers[1].weight == 1

    def test_a_weight_that_is_declared_0(self, results):
        drained = declared_service()
        drained["real_servers"][1]["weight"] = 0
        declare(results, drained)
        set_servers(results, server(1), server(2, weight=0))
        assert problems(results) == []

    def test_a_server_that_is_down(self, results):
        set_servers(results, server(1))
        del results["web2"]
        first, second = report(results).problems
        assert first.remedy.startswith("start web2, which could not be asked either; then see why its health check")
        assert second.what == "web2 could not be asked"

    @pytest.mark.parametrize(
        ("check", "text"),
        [
            (None, "nobody checks it, so somebody took it out of the table of lb1: run lvs.cluster.site"),
            ({"type": "tcp", "port": 8080}, "lb1 must be able to connect to 192.0.2.22:8080"),
            ({"type": "tcp"}, "lb1 must be able to connect to 192.0.2.22:80"),
            (
                {"type": "http", "pages": [page("/")]},
                "'curl -ik http://192.0.2.22:80/' on lb1 must give status 200",
            ),
            (
                {"type": "https", "pages": [page("/x", 204, "301-302")], "port": 81, "virtualhost": "www.example.org"},
                "\"curl -ik -H 'Host: www.example.org' https://192.0.2.22:81/x\" on lb1 must give status 204 or 301-302",
            ),
            ({"type": "ping"}, "lb1 must get answers from 'ping 192.0.2.22'"),
            ({"type": "misc", "script": "/bin/c {host}"}, "on lb1 its program must end with 0: /bin/c {host}"),
            ({"type": "file", "file": "/run/{host}"}, "on lb1 the number in /run/web2 must be above -254"),
            ({"type": "bfd"}, "web2 must run BFD with lb1"),
        ],
    )
    def test_the_remedy_follows_the_health_check(self, results, check, text):
        declare(results, declared_service(health_check=check))
        set_servers(results, server(1))
        assert text in remedy(results)

    def test_a_missing_service_is_one_problem(self, results):
        newest(results, "lb2")["services"] = []
        assert problems(results) == ["lb2: web: tcp 192.0.2.100:80 is missing"]


class TestTables:
    def test_a_difference_names_its_director(self, results):
        newest(results, "lb2")["services"] = [service(scheduler="rr")]
        assert problems(results) == ["lb2: web: scheduler is rr, declared wlc"]
        assert remedy(results) == "run lvs.cluster.site"

    def test_a_weight_that_was_changed_by_hand(self, results):
        newest(results, "lb2")["services"][0]["servers"][0]["weight"] = 5
        assert problems(results) == ["lb2: web: web1 (192.0.2.21:80): weight is 5, declared 1"]
        assert "keepalived keeps a weight that was changed by hand until it is restarted on lb2" in remedy(results)

    def test_ip_vs_is_not_loaded(self, results):
        results["lb2"]["ipvs"]["after"] = {"loaded": False, "services": [], "statistics": [], "sync_daemons": []}
        assert "lb2: the kernel module ip_vs is not loaded" in problems(results)
        assert report(results).tables[1].differences == ("ip_vs is not loaded",)

    def test_a_table_that_was_not_read(self, results):
        results["lb2"]["ipvs"] = {"before": {"failed": True, "msg": "no"}}
        assert problems(results) == ["lb2: its IPVS table was not read"]

    def test_one_reading_is_enough_without_requests(self, results):
        for name in ("lb1", "lb2"):
            del results[name]["ipvs"]["after"]
        assert [each.connections for each in report(results).services[0].servers] == [None, None]


class TestRequests:
    def test_connections_are_what_was_added(self, results):
        results["lb1"]["ipvs"]["before"]["statistics"] = statistics(100, 200)
        newest(results, "lb1")["statistics"] = statistics(103, 207)
        assert [each.connections for each in report(results).services[0].servers] == [3, 7]

    def test_connections_of_all_directors_count(self, results):
        newest(results, "lb2")["statistics"] = statistics(6, 7)
        assert [each.connections for each in report(results).services[0].servers] == [21, 12]

    def test_a_server_that_came_or_came_back_meanwhile_begins_at_0(self, results):
        results["lb1"]["ipvs"]["before"]["statistics"] = statistics(100)
        newest(results, "lb1")["statistics"] = statistics(7, 9)
        assert [each.connections for each in report(results).services[0].servers] == [7, 9]

    def test_some_failed(self, results):
        failures = {"refused": {"count": 2}, "connect_timeout": {"count": 1}}
        results["client1"]["http"] = [http(succeeded=27, failures=failures)]
        assert problems(results) == ["web: 3 of 30 requests from client1 failed (2 refused, 1 connect timeout)"]
        assert remedy(results) == "try 'curl -i http://192.0.2.100:80/' on client1"

    def test_all_failed(self, results):
        nothing = http(succeeded=0, failures={"refused": {"count": 30}}, servers={}, gap_ms=None, latency_ms={})
        results["client1"]["http"] = [nothing]
        assert problems(results) == ["web: 30 of 30 requests from client1 failed (30 refused)"]
        found = report(results).services[0]
        assert (found.requests.gap_ms, found.requests.median_ms) == (None, None)
        assert found.servers[0].answers is None

    def test_answers_that_no_director_counted(self, results):
        newest(results, "lb1")["statistics"] = statistics(5, 5)
        assert problems(results) == ["web: requests were answered, but no director counted any of them"]

    def test_an_application_that_does_not_say_its_name(self, results):
        results["client1"]["http"] = [http(servers={})]
        assert [each.answers for each in report(results).services[0].servers] == [None, None]

    def test_a_server_that_did_not_answer(self, results):
        results["client1"]["http"] = [http(servers={"web1": 30})]
        assert [each.answers for each in report(results).services[0].servers] == [30, 0]

    def test_results_are_matched_by_address_and_port(self, results):
        declare(results, declared_service(), declared_service(name="tls", port=443))
        for name in ("lb1", "lb2"):
            newest(results, name)["services"].append(service(port=443))
        results["client1"]["http"] = [http(port=443, requests=7, succeeded=7), http()]
        web, tls = report(results).services
        assert (web.requests.requests, tls.requests.requests) == (30, 7)

    def test_a_service_that_nobody_asked(self, results):
        results["client1"]["http"] = [http(port=443), {"failed": True, "msg": "no"}, {"skipped": True}]
        found = report(results)
        assert found.services[0].requests is None
        assert found.not_checked == ("No request was sent to web: only services that are checked by HTTP are asked.",)


class TestRealServers:
    def test_a_vip_that_is_not_bound(self, results):
        results["web1"]["vips"]["vips"] = []
        assert problems(results) == [f"web1: it has not bound {VIP}, so it drops what the director sends it"]

    @pytest.mark.parametrize(
        ("ignore", "announce", "silent"),
        [(1, 2, True), (2, 2, True), (8, 2, True), (0, 2, False), (1, 1, False), (0, 0, False)],
    )
    def test_arp(self, results, ignore, announce, silent):
        results["web1"]["vips"].update(arp_ignore=ignore, arp_announce=announce)
        assert report(results).real_servers[0].silent is silent
        wrong = "web1: its ARP is not suppressed, so it may answer for the VIPs in the director's place"
        assert problems(results) == ([] if silent else [wrong])

    def test_arp_does_not_matter_without_ipv4(self, results):
        results["web1"]["plan"]["real_server"]["vips"] = ["2001:db8::100"]
        results["web1"]["vips"] = {"vips": ["2001:db8::100"]}
        assert report(results).real_servers[0].silent is None
        assert problems(results) == []

    def test_no_interface_faces_the_cluster(self, results):
        results["web1"]["vips"] = {"interface": None, "vips": [VIP]}
        assert report(results).real_servers[0].silent is False

    def test_vips_that_nobody_looked_at(self, results):
        results["web1"]["vips"] = {}
        results["web2"]["vips"] = {"failed": True, "msg": "no"}
        assert [each.bound for each in report(results).real_servers] == [None, None]
        assert problems(results) == []

    def test_a_tunnel_is_missing(self, results):
        before, after = ({"devices": devices, "sysctls": {}} for devices in ([], ["tunl0"]))
        results["web1"]["ways"] = {
            "tunnels": {"diff": {"before": before, "after": after}},
            "gateways": {"skipped": True},
        }
        assert problems(results) == ["web1: its tunnels are not as declared: + tunnel device tunl0"]
        assert remedy(results) == "run lvs.cluster.site"

    def test_gateways_that_cannot_be_compared(self, results):
        results["web1"]["ways"] = {"tunnels": {"skipped": True}, "gateways": {"msg": "ip is not installed"}}
        assert problems(results) == ["web1: its gateways cannot be compared: ip is not installed"]

    def test_tunnels_as_declared(self, results):
        same = {"devices": ["tunl0"], "sysctls": {}}
        results["web1"]["ways"] = {"tunnels": {"diff": {"before": same, "after": same}}}
        assert problems(results) == []

    def test_not_mounted(self, results):
        results["web1"]["mounts"] = []
        assert problems(results) == ["web1: /srv/www is not mounted"]
        assert remedy(results) == "run lvs.cluster.site; if it stays so, try 'mount /srv/www' on web1"

    @pytest.mark.parametrize(
        ("changes", "trouble"),
        [
            ({"source": "192.0.2.32:/srv/www"}, "mounted from 192.0.2.32:/srv/www, declared 192.0.2.31:/srv/www"),
            ({"options": "rw,relatime"}, "mounted rw, declared ro"),
            ({"source": "192.0.2.31:/srv/www/"}, None),
            ({"options": "relatime,ro"}, None),
        ],
    )
    def test_mounted_otherwise(self, results, changes, trouble):
        results["web2"]["mounts"][1].update(changes)
        assert problems(results) == ([f"web2: /srv/www is {trouble}"] if trouble else [])

    def test_of_mounts_on_top_of_each_other_the_last_one_counts(self, results):
        below, above = dict(results["web1"]["mounts"][1]), dict(results["web1"]["mounts"][1], source="/dev/vdb")
        results["web1"]["mounts"] = [above, below]
        assert problems(results) == []
        results["web1"]["mounts"] = [below, above]
        assert problems(results) == ["web1: /srv/www is mounted from /dev/vdb, declared 192.0.2.31:/srv/www"]

    def test_mounts_that_nobody_looked_at(self, results):
        del results["web1"]["mounts"]
        assert report(results).real_servers[0].mounts == ()

    def test_a_data_gate_that_is_ready(self, results):
        results["web1"]["gates"] = [{"item": {"name": "web"}, "status": 200, "content": "ready\n"}]
        assert problems(results) == []
        assert [(found.service, found.state) for found in report(results).real_servers[0].gates] == [("web", "ready")]

    @pytest.mark.parametrize(
        ("answer", "state", "what", "what_to_do"),
        [
            (
                {"status": 503, "content": "www: /srv/www is not mounted\nimg: /srv/img is not mounted\n"},
                "NOT READY",
                "it has not the data of web: www: /srv/www is not mounted; img: /srv/img is not mounted",
                "put that right on web1; 'journalctl -u lvs-data-gate' tells since when",
            ),
            (
                {
                    "status": 200,
                    "content": "ready: no server has its data, serving all the same\nwww: /srv/www is not mounted\n",
                },
                "ready without its data",
                "it serves web without its data, as no server has them: www: /srv/www is not mounted",
                "see to the storage",
            ),
            (
                {"status": -1, "msg": "Status code was -1: Connection refused"},
                "NO ANSWER",
                "its data gate does not answer for web: Status code was -1: Connection refused",
                "run lvs.cluster.site; if it stays so, see 'systemctl status lvs-data-gate.socket' on web1",
            ),
            (
                {"status": 404, "content": ""},
                "NO ANSWER",
                "its data gate does not answer for web: nothing",
                "run lvs.cluster.site; if it stays so, see 'systemctl status lvs-data-gate.socket' on web1",
            ),
        ],
    )
    def test_a_data_gate_that_is_not_ready(self, results, answer, state, what, what_to_do):
        results["web1"]["gates"] = [{"item": {"name": "web"}, **answer}]
        assert problems(results) == [f"web1: {what}"]
        assert remedy(results) == what_to_do
        assert report(results).real_servers[0].gates[0].state == state


class TestWhoCouldBeAsked:
    def test_a_host_that_could_not_be_asked_is_a_problem(self, results):
        del results["store1"]
        found = report(results)
        assert found.not_asked == ("store1",)
        assert problems(results) == ["store1 could not be asked"]
        assert "ansible -m ansible.builtin.ping store1" in remedy(results)

    def test_many_of_them_are_one_problem(self, results):
        results = {"lb1": results["lb1"]}
        assert problems(results)[-1] == "lb2, web1, web2, store1, client1 could not be asked"

    def test_a_host_that_was_left_out_is_none(self, results):
        del results["store1"]
        found = report(results, hosts=["lb1", "lb2", "web1", "web2", "client1"])
        assert found.not_asked == found.problems == ()
        assert found.not_checked == ("Not in this run: store1.",)

    def test_a_cluster_without_clients(self, results):
        members = {**MEMBERS, "clients": []}
        del results["client1"]
        for result in results.values():
            result["plan"]["cluster"] = members
        found = report(results)
        assert found.problems == ()
        assert found.not_checked == (
            "The cluster has no clients (lvs_clients): no request was sent, and nobody asked the network who has the VIPs.",
        )

    def test_clients_that_could_not_be_asked(self, results):
        del results["client1"]
        assert report(results).not_checked[0].startswith("No client was asked: no request was sent")

    def test_no_director_could_be_asked(self, results):
        del results["lb1"], results["lb2"]
        found = report(results)
        assert found.services[0].servers[0].connections is None
        assert found.not_checked == (
            "No director was asked: neither the IPVS tables nor who holds the VIPs were checked.",
        )
        assert problems(results) == ["lb1, lb2 could not be asked"]

    def test_ipv6_has_no_arp(self, results):
        declare(results, declared_service(vip="2001:db8::100", real_servers=[]))
        results["lb1"]["addresses"].append(interface(LB1_MAC, "2001:db8::100/128"))
        for name in ("lb1", "lb2"):
            newest(results, name)["services"] = [service(vip="2001:db8::100", servers=[])]
        results["client1"]["http"] = [http(address="2001:db8::100")]
        found = report(results)
        assert found.problems == ()
        assert found.not_checked == ("Nobody asked the network who has 2001:db8::100.",)


class TestInput:
    def test_clusters_are_told_apart(self, results):
        other = cluster()
        for result in other.values():
            result["plan"]["cluster"] = {**MEMBERS, "name": "other", "directors": ["o-lb1", "o-lb2"]}
        together = {**results, **{f"o-{name}": result for name, result in other.items()}}
        first, second = make_reports(together, list(together))
        assert (first.name, second.name) == ("lvs", "other")
        assert [each.host for each in second.directors] == ["o-lb1", "o-lb2"]
        assert first.problems == ()

    def test_hosts_of_no_cluster_are_left_out(self, results):
        results["bystander"] = {"plan": {"tiers": [], "cluster": None, "verify": {"services": []}}}
        assert len(read_clusters(results)) == 1

    def test_nothing_at_all(self):
        assert make_reports({}) == ()

    @pytest.mark.parametrize("result", [{}, {"plan": None}, None, [], {"addresses": []}])
    def test_without_a_plan(self, result):
        with pytest.raises(InputError, match="lb1: there is no 'plan' in what was collected"):
            read_clusters({"lb1": result})

    @pytest.mark.parametrize(
        "result",
        [
            {"plan": {"cluster": {"name": "lvs"}}},
            {"plan": plan("directors"), "addresses": [{"name": "eth0"}]},
            {"plan": plan("directors"), "addresses": 1},
            {"plan": plan("directors", nfs_client={"mounts": [{}]})},
            {"plan": {**plan("directors"), "verify": {"services": [{"name": "web"}]}}},
            {"plan": plan("directors"), "ipvs": {"before": {"loaded": True}}},
        ],
    )
    def test_another_form(self, result):
        with pytest.raises(InputError, match="has not the documented form"):
            read_clusters({"lb1": result})
