# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.nft import table as core
from ansible_collections.lvs.cluster.plugins.modules import nft_table

BODY = "chain a {\n}"
LISTED = "table inet marks {\n\tchain a {\n\t}\n}\n"
MISSING = (1, "", "Error: No such file or directory\nlist table inet marks\n")
LIST = "/usr/sbin/nft --stateless --numeric list table inet marks"
LOAD = "/usr/sbin/nft --file -"


class Node:
    """A host with nft; what it has is kept in a folder of the test."""

    def __init__(self, folder: Path, run: Any, commands: Any) -> None:
        self.tables = folder / "etc" / "nftables"
        self.file = self.tables / "marks.nft"
        self.units = folder / "units"
        self.unit = self.units / "lvs-nftables.service"
        self.drop_in = self.units / "nftables.service.d" / "lvs-cluster.conf"
        self.enabled = self.units / "sysinit.target.wants" / self.unit.name
        self.commands = commands
        self._run = run
        self.is_live(None)
        commands.answers["unshare --net"] = (0, LISTED, "")

    def is_live(self, listing: str | None) -> None:
        self.commands.answers[LIST] = MISSING if listing is None else (0, listing, "")

    def has_everything(self) -> None:
        """As it is after a first run."""
        self.run()
        self.is_live(LISTED)
        self.enabled.parent.mkdir()
        self.enabled.symlink_to(self.unit)
        self.commands.run.clear()

    def run(self, check: bool = False, **parameters: Any) -> dict[str, Any]:
        if parameters.get("state") != "absent":
            parameters.setdefault("content", BODY)
        result: dict[str, Any] = self._run(nft_table, check=check, **{"name": "marks", **parameters})
        return result

    @property
    def done(self) -> list[str]:
        """What was run to change something."""
        questions = (LIST, "unshare")
        return [line for line in self.commands.run if not line.startswith(questions)]


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Any, commands: Any) -> Node:
    monkeypatch.setattr(nft_table, "FOLDER", tmp_path / "etc" / "nftables")
    monkeypatch.setattr(nft_table, "UNITS", tmp_path / "units")
    monkeypatch.setattr(nft_table.AnsibleModule, "get_bin_path", lambda *_: "/usr/sbin/nft")
    return Node(tmp_path, run, commands)


def test_present_needs_content(node: Node, run: Any) -> None:
    assert "content" in run(nft_table, name="marks")["msg"]


def test_a_wrong_name(node: Node) -> None:
    assert node.run(name="../x")["msg"] == (
        "name: '../x' is no name of a table; write letters, digits and '_', a letter first"
    )


def test_check_mode_changes_nothing(node: Node) -> None:
    result = node.run(check=True)
    assert (result["changed"], result["table"]) == (True, LISTED)
    assert [part["after_header"] for part in result["diff"]] == [
        "table inet marks",
        str(node.file),
        str(node.unit),
        str(node.drop_in),
    ]
    assert node.done == []
    assert not node.file.exists()


def test_first_run(node: Node) -> None:
    assert node.run()["changed"]
    assert node.done == [LOAD, "systemctl daemon-reload", "systemctl enable lvs-nftables.service"]
    assert node.file.read_text() == core.render_file("inet", "marks", BODY)
    assert node.unit.read_text() == core.render_unit("/usr/sbin/nft", str(node.tables))


def test_second_run_changes_nothing(node: Node) -> None:
    node.has_everything()
    result = node.run()
    assert (result["changed"], result["table"], result["diff"]) == (False, LISTED, [])
    assert node.done == []


def test_a_change_by_hand_is_undone(node: Node) -> None:
    node.has_everything()
    node.is_live(LISTED.replace("chain a", "chain b"))
    result = node.run()
    assert result["changed"]
    assert [(part["before"], part["after"]) for part in result["diff"]] == [
        (LISTED.replace("chain a", "chain b"), LISTED)
    ]
    assert node.done == [LOAD]


def test_what_the_kernel_holds_already_is_not_loaded_again(node: Node) -> None:
    node.has_everything()
    assert node.run(content="# a comment\n" + BODY)["changed"]
    assert node.done == []
    assert "# a comment" in node.file.read_text()


def test_a_run_cut_off_before_the_file_is_completed(node: Node) -> None:
    node.has_everything()
    node.file.unlink()
    assert node.run()["changed"]
    assert node.file.exists()


def test_old_rules_stay_until_a_run_that_purges(node: Node) -> None:
    node.run(content="chain a {\n    drop\n}")
    assert node.run(purge=False)["kept"]
    assert "        drop\n" in node.file.read_text()
    assert not node.run()["kept"]
    assert "drop" not in node.file.read_text()
    assert not node.run(purge=False)["kept"]


def test_a_table_that_is_not_wanted_stays_until_a_run_that_purges(node: Node) -> None:
    assert not node.run(state="absent", purge=False)["kept"]
    node.has_everything()
    result = node.run(state="absent", purge=False)
    assert (result["changed"], result["kept"], node.file.exists()) == (False, True, True)


def test_a_disabled_unit_is_enabled(node: Node) -> None:
    node.has_everything()
    node.enabled.unlink()
    assert node.run()["changed"]
    assert node.done == ["systemctl daemon-reload", "systemctl enable lvs-nftables.service"]


def test_a_lost_drop_in_is_written_again(node: Node) -> None:
    node.has_everything()
    node.drop_in.unlink()
    assert node.run()["changed"]
    assert node.drop_in.read_text() == core.render_drop_in("/usr/sbin/nft", str(node.tables))


def test_wrong_syntax_changes_nothing(node: Node) -> None:
    node.commands.answers["unshare --net"] = (1, "", "/dev/stdin:5:3-5: Error: syntax error\n")
    assert node.run()["msg"] == (
        "nft does not accept table inet marks, so nothing was changed: line 5:3-5: Error: syntax error"
    )
    assert node.done == []
    assert not node.file.exists()


def test_a_body_with_another_table_in_it(node: Node) -> None:
    node.commands.answers["unshare --net"] = (0, LISTED + "table ip other {\n}\n", "")
    assert "content: it ends table inet marks and goes on with another one" in node.run()["msg"]
    assert node.done == []


def test_what_cannot_be_loaded_leaves_the_file(node: Node) -> None:
    node.commands.answers[LOAD] = (1, "", "Error: Device or resource busy")
    assert node.run()["msg"] == (
        "nft failed on table inet marks, so the live one stays: Error: Device or resource busy"
    )
    assert not node.file.exists()


def test_a_kernel_without_nftables(node: Node) -> None:
    node.commands.answers[LIST] = (1, "", "netlink: Error: cache initialization failed: Protocol not supported")
    assert "the running kernel has no nftables" in node.run()["msg"]


def test_before_nft_is_installed(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nft_table.AnsibleModule, "get_bin_path", lambda *_: None)
    assert node.run(check=True)["changed"]
    assert "install its package, nftables, first" in node.run()["msg"]
    assert not node.run(state="absent")["changed"]
    assert node.commands.run == []


def test_absent_removes_everything(node: Node) -> None:
    node.has_everything()
    assert node.run(check=True, state="absent")["changed"]
    assert node.file.exists()
    assert node.run(state="absent")["changed"]
    assert node.done == [
        "systemctl disable --now lvs-nftables.service",
        "systemctl daemon-reload",
        "/usr/sbin/nft delete table inet marks",
    ]
    assert not node.file.exists()
    assert not node.unit.exists()
    assert not node.drop_in.parent.exists()
    assert not node.tables.exists()


def test_absent_keeps_the_unit_for_other_tables(node: Node) -> None:
    node.has_everything()
    (node.tables / "other.nft").touch()
    assert node.run(state="absent")["changed"]
    assert node.done == ["/usr/sbin/nft delete table inet marks"]
    assert node.unit.exists()


def test_absent_twice(node: Node) -> None:
    result = node.run(state="absent")
    assert (result["changed"], result["diff"]) == (False, [])
