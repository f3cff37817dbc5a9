# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.nft import table as core


def test_the_file_replaces_its_own_table_and_no_other() -> None:
    assert core.render_file("inet", "marks", "\nchain a {\n  drop\n\n}\n") == (
        "# Managed by lvs.cluster.\n"
        "add table inet marks\n"
        "delete table inet marks\n"
        "table inet marks {\n    chain a {\n      drop\n\n    }\n}\n"
    )


def test_an_empty_body_is_an_empty_table() -> None:
    assert core.render_file("ip", "x", "").endswith("table ip x {\n}\n")


LOAD = "/usr/sbin/nft 'include \"/etc/tables/*.nft\"'"


def test_the_unit_loads_all_files_after_the_service_that_flushes() -> None:
    lines = core.render_unit("/usr/sbin/nft", "/etc/tables").splitlines()
    assert f"ExecStart={LOAD}" in lines
    assert "After=nftables.service" in lines
    assert not [line for line in lines if "flush" in line]


def test_the_service_that_flushes_loads_them_again() -> None:
    lines = core.render_drop_in("/usr/sbin/nft", "/etc/tables").splitlines()
    # With the dash a fault in them does not fail the service of others.
    assert lines[1:] == ["[Service]", f"ExecStartPost=-{LOAD}", f"ExecReload=-{LOAD}"]


@pytest.mark.parametrize(
    ("listing", "expected"),
    [("table inet a {\n}\n", True), ("table inet a {\n}\ntable ip b {\n}\n", False), ("", False)],
)
def test_one_table(listing: str, expected: bool) -> None:
    assert core.is_one_table(listing) is expected


@pytest.mark.parametrize("name", ["marks", "lvs_cluster_director", "A1"])
def test_names(name: str) -> None:
    assert core.NAME.fullmatch(name)


@pytest.mark.parametrize("name", ["", "1a", "_a", "a b", "a/b", "../a", "a-b", "a\n", "a" * 65])
def test_no_names(name: str) -> None:
    assert not core.NAME.fullmatch(name)


def test_a_missing_table() -> None:
    assert core.is_missing("Error: No such file or directory\nlist table inet marks\n                ^^^^^\n")
    assert not core.is_missing("Operation not permitted (you must be root)")


def test_messages_keep_the_place_of_the_mistake() -> None:
    message = "/dev/stdin:5:3-5: Error: syntax error, unexpected string\n  typ filter\n  ^^^\n"
    assert core.explain(message) == "line 5:3-5: Error: syntax error, unexpected string\n  typ filter\n  ^^^"


@pytest.mark.parametrize(
    "message",
    [
        "netlink: Error: cache initialization failed: Protocol not supported",
        "Unable to initialize Netlink socket: Protocol not supported",
    ],
)
def test_a_kernel_without_nftables(message: str) -> None:
    assert core.explain(message).startswith("the running kernel has no nftables (")
    assert "CONFIG_NF_TABLES" in core.explain(message)


OLD = """
chain a {
    type filter hook input priority filter; policy drop;
    tcp dport { 80, 443 } accept
    udp dport 53 accept
}
chain b {
    drop
}
"""


def test_old_rules_come_last() -> None:
    body = "set s {\n}\nchain a {\n  type filter hook input priority 1;\n  udp dport 53 accept\n}\n"
    old = core.render_file("inet", "marks", OLD)
    assert core.with_old_rules(body, old) == (
        "set s {\n}\nchain a {\n  type filter hook input priority 1;\n  udp dport 53 accept\n"
        "    tcp dport { 80, 443 } accept\n}\nchain b {\n    drop\n}\n"
    )


@pytest.mark.parametrize("old", [OLD, ""], ids=["the same rules", "no rules"])
def test_a_body_that_lacks_nothing_stays(old: str) -> None:
    assert core.with_old_rules(OLD, old and core.render_file("inet", "marks", old)) == OLD
