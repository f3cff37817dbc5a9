# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.nfs import options as core
from ansible_collections.lvs.cluster.plugins.module_utils.storage.mountinfo import Mount, parse

LINE = (
    "42 20 0:35 / /srv/www rw,nosuid,nodev,relatime shared:100 - nfs4 192.0.2.31:/srv/www rw,vers=4.2,rsize=65536,"
    "wsize=65536,namlen=255,hard,fatal_neterrors=none,proto=tcp,timeo=600,retrans=2,sec=sys,clientaddr=192.0.2.21,"
    "local_lock=none,addr=192.0.2.31"
)
(LIVE,) = parse(LINE)
SOURCE = "192.0.2.31:/srv/www"
DEFAULT = ("rw", "vers=4.2", "hard", "bg", "_netdev", "nofail", "nodev", "nosuid")


def found(*options: str, live: Mount = LIVE, before: tuple[str, ...] = (), source: str = SOURCE) -> list[str]:
    return [str(each) for each in core.differences(options, source, live, before)]


def with_options(*changes: str, without: str = "hard") -> Mount:
    return replace(LIVE, options=frozenset({*(LIVE.options - {without}), *changes}))


def test_what_was_asked_for_is_there() -> None:
    assert found(*DEFAULT) == []


@pytest.mark.parametrize("version", ["vers=4.2", "nfsvers=4.2", "vers=4", "v4.2", "v4"])
def test_spellings_of_the_version(version: str) -> None:
    assert found("nodev", "nosuid", version) == []


@pytest.mark.parametrize(
    ("options", "difference"),
    [
        (("ro", *DEFAULT[1:]), "access is rw and shall be ro"),
        (DEFAULT[:-1], "a flag is nosuid and shall be suid"),
        ((*DEFAULT, "noexec"), "a flag is exec and shall be noexec"),
        ((*DEFAULT, "noatime"), "a flag is relatime and shall be noatime"),
        ((*DEFAULT, "vers=4.1"), "vers is 4.2 and shall be 4.1"),
        ((*DEFAULT, "soft"), "recovery is hard and shall be soft"),
        ((*DEFAULT, "timeo=50"), "timeo is 600 and shall be 50"),
        ((*DEFAULT, "sec=krb5"), "sec is sys and shall be krb5"),
        ((*DEFAULT, "nocto"), "a switch is cto and shall be nocto"),
        ((*DEFAULT, "rsize=32768"), "rsize is 65536 and shall be 32768"),
    ],
)
def test_each_difference(options: tuple[str, ...], difference: str) -> None:
    assert found(*options) == [difference]


def test_a_server_may_allow_less_than_is_asked_for() -> None:
    assert found(*DEFAULT, "rsize=1048576", before=(*DEFAULT, "rsize=1048576")) == []
    assert found(*DEFAULT, "rsize=1048576", before=(*DEFAULT, "rsize=65536")) == ["rsize is 65536 and shall be 1048576"]


def test_what_is_no_longer_asked_for_goes() -> None:
    live = with_options("timeo=50", without="timeo=600")
    assert found(*DEFAULT, live=live) == []
    assert found(*DEFAULT, live=live, before=(*DEFAULT, "timeo=50")) == ["timeo is 50 and shall be its default"]


def test_what_the_kernel_does_not_show_is_not_compared() -> None:
    assert found(*DEFAULT, "nconnect=4", "actimeo=3", "retry=5", "x-systemd.automount", "lookupcache=positive") == []
    assert found(*DEFAULT, "lookupcache=positive", live=with_options("lookupcache=pos", without="")) == []


def test_another_source_or_type() -> None:
    assert found(*DEFAULT, source="192.0.2.32:/srv/www") == [
        "source is 192.0.2.31:/srv/www and shall be 192.0.2.32:/srv/www"
    ]
    assert "type is nfs4 and shall be nfs" in found("nodev", "nosuid", "vers=3")


def test_only_flags_are_changed_by_a_remount() -> None:
    differing = core.differences(("ro", "noexec", "soft", "timeo=7"), "192.0.2.99:/", LIVE)
    by_remount = {each.what for each in differing if each.by_remount}
    assert by_remount == {"access", "a flag"}
    assert {each.what for each in differing} - by_remount == {"source", "recovery", "timeo"}


def test_a_remount_names_all_flags() -> None:
    (command,) = core.remount_commands(("ro", "nodev", "noatime"), LIVE)
    assert command[-3:] == ["remount,bind,ro,nodev,suid,exec,diratime,noatime", SOURCE, "/srv/www"]
    assert core.flags_after(("ro", "nodev", "noatime"), LIVE) == {"ro", "nodev", "noatime"}
    assert core.flags_after(("rw", "strictatime"), LIVE) == {"rw"}


def test_a_file_system_that_is_read_only_itself_is_changed_first() -> None:
    commands = core.remount_commands(("rw",), with_options("ro", without="rw"))
    assert [command[command.index("--options") + 1].split(",")[:2] for command in commands] == [
        ["remount", "rw"],
        ["remount", "bind"],
    ]


def test_one_attempt_to_mount() -> None:
    command = core.mount_command(DEFAULT, SOURCE, "/srv/www")
    assert command == [
        "mount",
        "--types",
        "nfs4",
        "--options",
        "rw,vers=4.2,hard,_netdev,nofail,nodev,nosuid,fg,retry=0",
        SOURCE,
        "/srv/www",
    ]


def test_what_may_go_away_by_itself() -> None:
    assert core.is_temporary("mount.nfs4: Connection refused for 192.0.2.21:/srv/www on /mnt\n")
    assert not core.is_temporary("mount.nfs4: access denied by server while mounting 192.0.2.31:/srv/www\n")


def test_the_last_one_counts() -> None:
    assert core.access_of(("rw", "ro")) == "ro"
    assert core.version_of(("vers=4.2", "nfsvers=3")) == "3"
    assert core.fstype_of(("v3",)) == "nfs"
