# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible.errors import AnsibleActionFail
from ansible_collections.lvs.cluster.plugins.action import import_report

RULES = "-A -t 192.0.2.100:80 -s rr\n-a -t 192.0.2.100:80 -r 192.0.2.21:80 -g -w 1\n"


@pytest.fixture
def screen(monkeypatch):
    """What was printed."""
    lines = []
    monkeypatch.setattr(import_report, "display", SimpleNamespace(display=lines.append))
    return lines


def run(**options):
    task = SimpleNamespace(args=options, async_val=0, check_mode=False, diff=False, action="lvs.cluster.import_report")
    play = SimpleNamespace(check_mode=False, diff=False)
    connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir="/nowhere"))
    return import_report.ActionModule(task, connection, play, None, None, None).run(task_vars={})


def test_a_file_is_printed_and_returned(screen, tmp_path):
    path = tmp_path / "rules"
    path.write_text(RULES, encoding="utf-8")
    result = run(src=str(path), known={"hosts": {"web1": "192.0.2.21"}})
    (text,) = screen
    assert text.startswith(f"# {path} (ipvsadm) as variables: group_vars/all.yml\n---\nlvs_services:\n")
    assert result["changed"] is False
    assert result["format"] == "ipvsadm"
    assert [service["real_servers"] for service in result["variables"]["lvs_services"]] == [["web1"]]
    assert result["real_servers"] == {"web1": {"lvs_address": "192.0.2.21"}}
    assert [loss["keyword"] for loss in result["losses"]] == ["health checks", "thresholds", "timeouts", "sync daemons"]


def test_paths_may_begin_in_the_home_folder(screen, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "rules").write_bytes(b"# caf\xe9 of old\n" + RULES.encode())
    assert run(src="~/rules", format="ipvsadm")["format"] == "ipvsadm"
    assert len(screen) == 1


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("", None, "Cannot import anything: say which file, by -e lvs_import_file=PATH"),
        ("x", None, "Cannot import {path}: No such file or directory; say a file that you can read on this machine"),
        (".", None, "Cannot import {path}: Is a directory; say a file that you can read on this machine"),
        ("x", b"\x7fELF\0", "Cannot import {path}: it is not a text file"),
        (
            "x",
            b"-A\n",
            "Cannot import {path}: not all of it can be read as rules of ipvsadm:\nline 1: no service is named",
        ),
    ],
)
def test_there_is_one_clear_message(screen, tmp_path, name, content, message):
    path = str(tmp_path / name) if name else ""
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(AnsibleActionFail) as caught:
        run(src=path)
    assert str(caught.value).startswith(message.format(path=path))
    assert screen == []
