# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.nfs import mounts as core
from ansible_collections.lvs.cluster.plugins.module_utils.storage.fstab import Entry
from ansible_collections.lvs.cluster.plugins.module_utils.storage.mountinfo import Mount

OPTIONS = ("rw", "vers=4.2", "hard", "nodev", "nosuid")
SOURCE = "192.0.2.31:/srv/www"
WWW = core.Wanted("/srv/www", SOURCE, OPTIONS)
TRAPPED = core.Wanted("/srv/www", SOURCE, (*OPTIONS, "x-systemd.automount"))


def live(source: str = SOURCE, fstype: str = "nfs4", path: str = "/srv/www", **changes: Any) -> Mount:
    flags = changes.get("flags", {"rw", "nodev", "nosuid", "relatime"})
    return Mount(
        path, source, fstype, "0:36", frozenset(flags), frozenset(changes.get("options", {"rw", "vers=4.2", "hard"}))
    )


SOFT = live(options={"rw", "vers=4.2", "soft"})
READ_ONLY = live(flags={"ro", "nodev", "nosuid", "relatime"})
TRAP = live("systemd-1", "autofs")


def decide(wanted: core.Wanted, *mounts: Mount, users: tuple[str, ...] = (), force: bool = False) -> core.Decision:
    return core.decide(wanted, mounts, (), users, force)


@pytest.mark.parametrize(
    ("wanted", "mounts", "actions"),
    [
        (WWW, [], ["mount"]),
        (WWW, [live()], []),
        (WWW, [live(path="/srv/other")], ["mount"]),
        (WWW, [READ_ONLY], ["remount"]),
        (WWW, [SOFT], ["unmount", "mount"]),
        (WWW, [live("192.0.2.32:/srv/www")], ["unmount", "mount"]),
        (WWW, [live(), live()], ["unmount"]),
        (WWW, [READ_ONLY, SOFT], ["unmount", "remount"]),
        (WWW, [SOFT, live()], ["unmount", "unmount", "mount"]),
        (WWW, [TRAP, live()], ["unmount", "untrap", "mount"]),
        (WWW, [TRAP], ["untrap", "mount"]),
        (TRAPPED, [], ["trap"]),
        (TRAPPED, [TRAP], []),
        (TRAPPED, [TRAP, live()], []),
        (TRAPPED, [TRAP, SOFT], ["unmount"]),
        (TRAPPED, [live()], ["unmount", "trap"]),
    ],
)
def test_what_is_done(wanted: core.Wanted, mounts: list[Mount], actions: list[str]) -> None:
    assert decide(wanted, *mounts) == core.Decision(tuple(actions))


def test_other_options_wait_while_it_is_in_use() -> None:
    decision = decide(WWW, SOFT, users=("nginx (12)",))
    assert decision == core.Decision((), ("recovery is soft and shall be hard",))
    assert decide(WWW, SOFT, users=("nginx (12)",), force=True).actions == ("unmount", "mount")


def test_flags_do_not_wait() -> None:
    mount = live(flags={"rw"}, options={"rw", "vers=4.2", "soft"})
    assert decide(WWW, mount, users=("nginx (12)",)).actions == ("remount",)


def test_another_source_in_use_is_an_error() -> None:
    users = ("a (1)", "b (2)", "c (3)", "d (4)")
    assert decide(WWW, live("192.0.2.32:/srv/www"), users=users).error == (
        "/srv/www: source is 192.0.2.32:/srv/www and shall be 192.0.2.31:/srv/www, but it is in use by a (1), b (2), c (3)"
        " and 1 more; stop that, or set force"
    )


def test_what_is_not_nfs_is_left_alone() -> None:
    assert decide(WWW, live("/dev/sda1", "ext4")).error == (
        "/srv/www: /dev/sda1 (ext4) is mounted there; unmount it, or mount the shared data elsewhere"
    )
    entry = Entry("/dev/sda1", "/srv/www", "ext4", ("defaults",))
    assert "fstab mounts /dev/sda1 (ext4) there" in core.problem_of_entry(WWW, entry)
    assert core.problem_of_entry(WWW, Entry("192.0.2.9:/", "/srv/www", "nfs", ("rw",))) == ""
    assert core.problem_of_entry(WWW, None) == ""


def test_removal() -> None:
    def remove(*mounts: Mount, users: tuple[str, ...] = (), force: bool = False) -> core.Decision:
        return core.decide_to_remove("/srv/www", SOURCE, mounts, users, force)

    assert remove() == core.Decision()
    assert remove(TRAP, live(), live()).actions == ("unmount", "unmount", "untrap")
    assert remove(live("192.0.2.9:/theirs")).actions == ()
    assert (
        remove(live(), users=("nginx (12)",)).error == "/srv/www: it is in use by nginx (12); stop that, or set force"
    )
    assert remove(live(), users=("nginx (12)",), force=True).actions == ("unmount",)


def item(**changes: Any) -> dict[str, Any]:
    return {"path": "/srv/www", "source": SOURCE, "access": None, "options": ["hard"], **changes}


def test_what_the_user_writes() -> None:
    wanted, problems = core.wanted_mounts(
        [item(), item(path="/srv/b/", access="ro"), item(path="/srv/c", options=["ro"])]
    )
    assert problems == []
    assert [(each.path, each.options) for each in wanted] == [
        ("/srv/www", ("rw", "hard")),
        ("/srv/b", ("ro", "hard")),
        ("/srv/c", ("ro",)),
    ]
    assert wanted[0].entry.render() == "192.0.2.31:/srv/www /srv/www nfs4 rw,hard,x-lvs-cluster 0 0"


@pytest.mark.parametrize("source", ["[2001:db8::31]:/srv/www", "store1:/", "[fe80::1%eth0]:/srv"])
def test_sources_that_are_taken(source: str) -> None:
    assert core.wanted_mounts([item(source=source)])[1] == []


def test_all_mistakes_at_once() -> None:
    wrong = [item(path="srv", source="2001:db8::31:/srv"), item(access="ro", options=["rw", "a b", ""]), item(), item()]
    assert core.wanted_mounts(wrong)[1] == [
        "mounts[0].path: 'srv' is no folder to mount on; write an absolute path",
        "mounts[0].source: '2001:db8::31:/srv' is no server and folder; write 192.0.2.31:/srv/www",
        "mounts[1].options: 'a b' is no mount option; write one in each item",
        "mounts[1].options: '' is no mount option; write one in each item",
        "mounts[1].options: 'rw' contradicts access ro; keep one of them",
        "mounts[2].path: /srv/www is there twice; keep one",
        "mounts[3].path: /srv/www is there twice; keep one",
    ]


def test_the_root_is_no_mount_point() -> None:
    assert core.wanted_mounts([item(path="/")])[1]


def test_lines_of_diffs() -> None:
    before = core.describe([READ_ONLY], "/srv/www")
    assert before == ["192.0.2.31:/srv/www on /srv/www type nfs4 (nodev,nosuid,relatime,ro; hard,rw,vers=4.2)"]
    after = core.describe_after(WWW, core.Decision(("remount",)), [READ_ONLY], "/srv/www")
    assert after == ["192.0.2.31:/srv/www on /srv/www type nfs4 (nodev,nosuid,relatime,rw; hard,rw,vers=4.2)"]
    after = core.describe_after(WWW, core.Decision(("unmount", "mount")), [SOFT], "/srv/www")
    assert after == ["192.0.2.31:/srv/www on /srv/www type nfs4, mounted now with rw,vers=4.2,hard,nodev,nosuid"]
    assert core.describe_after(None, core.Decision(("unmount",)), [SOFT], "/srv/www") == []
