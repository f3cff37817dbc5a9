# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies of shared data: the same everywhere, never half-written, refused to strangers, and of a known age."""

from __future__ import annotations

import json
import time

import pytest
from copied import (
    ALL,
    DOCS,
    LIVE,
    PAGES,
    READERS,
    SOURCE,
    WWW,
    Data,
    age,
    assert_same,
    clients_read,
    converge,
    fails,
    generations,
    is_same,
    pull,
    read_pages,
    refusal,
    wait_until_same,
    write_pages,
)
from lab import Lab, report, wait_until

COUNT = 1000
SECRETS = "/etc/lvs-cluster/rsync/secrets /etc/lvs-cluster/rsync/passwords /etc/lvs-cluster/rsync/keys"


def test_copies_are_there_after_the_first_run(lab: Lab) -> None:
    for data in ALL:
        for reader in data.readers:
            complete = lab.host(reader).file(f"/var/lib/lvs-cluster/copies/{data.name}")
            assert complete.mode == 0o644
            assert lab.host(reader).file(data.path).mode == 0o755


def test_the_module_of_somebody_else_is_as_it_was(lab: Lab) -> None:
    conf = lab.host(SOURCE).file("/etc/rsyncd.conf")
    foreign = "# of somebody else\n[ old  things ]\npath = /srv/old\nhosts allow = 192.0.2.99\n"
    assert conf.content_string.startswith(foreign + "# BEGIN lvs.cluster rsync_server [www]\n")
    assert conf.mode == 0o640


def test_a_thousand_changes_while_clients_read(lab: Lab) -> None:
    write_pages(lab, WWW, COUNT, "first")
    wait_until_same(lab, WWW, 300)
    with clients_read(lab, WWW, COUNT) as seen:
        start = time.monotonic()
        write_pages(lab, WWW, COUNT, "second")
        written = time.monotonic() - start
        lab.host(SOURCE).check_output(f"rm {WWW.path}/9/page9.html; ln -s ../1/page1.html {WWW.path}/9/page9.html")
        waited = wait_until_same(lab, WWW, 300)
    report(
        f"rsync, pull: {COUNT} files changed in {written:.0f} s, the same on {len(WWW.readers)} readers {waited:.0f} s"
        f" later; {seen.requests} reads meanwhile, {len(seen.torn)} of half a file, {len(seen.failed)} failed"
    )
    assert seen.requests > 100
    assert (seen.torn, seen.failed) == ([], [])


def test_a_generation_is_never_mixed(lab: Lab) -> None:
    """A reader whose marker is the same before and after has exactly the files of that generation."""
    marker = lab.host(SOURCE).file(f"{WWW.path}/.lvs-cluster-generation")
    old = marker.content_string.strip()
    lab.host(SOURCE).check_output(
        f"nohup lvs-rsync publish {WWW.path} -- python3 {PAGES} write {WWW.path} {COUNT} third > /tmp/publish 2>&1 &"
    )

    def is_published() -> bool:
        now = marker.content_string.strip()
        before, after, *found = generations(lab, "web1", WWW)
        if before != after or before.startswith("changing"):
            return False
        assert len(found) == 1, found
        return now != old and (before, found) == (now, ["third"])

    wait_until(is_published, 300, "the whole third generation on web1")
    wait_until_same(lab, WWW, 120)


@pytest.mark.parametrize("stranger", ["client1", "store1"])
def test_the_daemon_refuses_strangers(lab: Lab, stranger: str) -> None:
    """store1 is in the cluster, and no reader."""
    asked = lab.host(stranger).check_output(f"python3 {PAGES} ask 192.0.2.31 www")
    assert asked == "@ERROR: Unknown module 'www'"
    pushed = lab.host("client1").check_output(f"python3 {PAGES} ask 192.0.2.21 live")
    assert pushed == "@ERROR: Unknown module 'live'"
    assert "www" not in lab.host(stranger).check_output(f"python3 {PAGES} ask 192.0.2.31 '#list'")


def test_a_reader_needs_the_secret(lab: Lab) -> None:
    asked = lab.host("web1").check_output(f"python3 {PAGES} ask 192.0.2.31 www")
    assert asked.startswith("@RSYNCD: AUTHREQD ")
    fetched = "RSYNC_PASSWORD=wrong rsync rsync://lvs-cluster@192.0.2.31/www/"
    assert "auth failed on module www" in lab.host("web1").run(fetched).stderr


def test_a_reader_cannot_write(lab: Lab) -> None:
    command = (
        "rsync --password-file=/etc/lvs-cluster/rsync/passwords/www /etc/hostname rsync://lvs-cluster@192.0.2.31/www/"
    )
    assert "read only" in lab.host("web1").run(command).stderr


@pytest.mark.parametrize(
    "command",
    [
        "ssh {ssh} id",
        "ssh {ssh} cat /etc/passwd",
        "ssh {ssh}",
        "ssh -N -o ExitOnForwardFailure=yes -R 2222:127.0.0.1:22 {ssh}",
        "rsync -e 'ssh {options}' /etc/hostname {who}:/",
        "rsync -e 'ssh {options}' {who}:/../www/0/page0.html /tmp/stolen",
        "rsync -e 'ssh {options}' {who}:/etc/passwd /tmp/stolen",
        "ssh -o PubkeyAuthentication=no {ssh} id",
    ],
)
def test_the_key_can_do_nothing_else(lab: Lab, command: str) -> None:
    etc = "/etc/lvs-cluster/rsync"
    options = f"-F /dev/null -i {etc}/keys/docs -o BatchMode=yes -o UserKnownHostsFile={etc}/known_hosts/docs"
    who = "lvs-rsync@192.0.2.31"
    line = command.format(ssh=f"{options} {who}", options=options, who=who)
    fails(lab, "web1", f"timeout 20 {line} < /dev/null")
    assert not lab.host("web1").file("/tmp/stolen").exists


def test_the_key_works_from_its_reader_only(lab: Lab) -> None:
    key = lab.host("web1").file("/etc/lvs-cluster/rsync/keys/docs").content_string
    lab.host("client1").check_output(f"umask 077; cat > /tmp/key <<'END'\n{key}END")
    options = "-F /dev/null -i /tmp/key -o BatchMode=yes -o StrictHostKeyChecking=no"
    fails(lab, "client1", f"timeout 20 ssh {options} lvs-rsync@192.0.2.31 rsync --server --sender . /")


def test_secrets_are_for_root(lab: Lab) -> None:
    for name in (SOURCE, *READERS):
        find = f"find {SECRETS} -type f ! -name '*.pub' ! -perm 0600 -o -type f ! -user root"
        assert lab.host(name).run(find).stdout == ""
        assert lab.host(name).run(f"find {SECRETS} -type f").stdout != ""


def test_no_secret_is_ever_shown(lab: Lab) -> None:
    # Made and handed over anew, with everything shown that Ansible can show.
    lab.host(SOURCE).check_output("rm /etc/lvs-cluster/rsync/secrets/www /etc/lvs-cluster/rsync/passwords/live@web1")
    run = converge(lab, "-vvv", "--diff")
    assert run.changed > 0
    for name in (SOURCE, *READERS):
        lines = lab.host(name).check_output(f"cat $(find {SECRETS} -type f ! -name '*.pub')").splitlines()
        words = [line.rpartition(":")[2] for line in lines if line and not line.startswith(("#", "-----"))]
        assert len(words) >= 2
        assert [word for word in words if word in run.output] == []
    wait_until_same(lab, LIVE, 60)
    pull(lab, "web1", WWW)


def test_nothing_changes_in_a_second_run(lab: Lab) -> None:
    assert converge(lab).changed == 0


def test_check_mode_says_what_would_change(lab: Lab) -> None:
    lab.host("web1").check_output(
        "rm /etc/systemd/system/lvs-rsync@www.timer; sed -i 's/read only = no/read only = yes/' /etc/rsyncd.conf"
    )
    run = converge(lab, "--check", "--diff")
    assert run.changed > 0
    assert "read only = no" in run.output
    assert not lab.host("web1").file("/etc/systemd/system/lvs-rsync@www.timer").exists
    assert converge(lab).changed > 0
    assert converge(lab, "--check").changed == 0


def test_a_push_is_there_at_once(lab: Lab) -> None:
    """A file written on the source, until all readers serve it."""

    def seconds(text: str) -> float:
        lab.host(SOURCE).check_output(f"echo {text} > {LIVE.path}/.new; mv {LIVE.path}/.new {LIVE.path}/now")
        start = time.monotonic()
        for reader in LIVE.readers:
            wait_until(lambda reader=reader: read_pages(lab, reader, "live/now") == text, 60, f"{text} on {reader}")
        return time.monotonic() - start

    took = [seconds(f"change-{number}") for number in range(5)]
    report(f"rsync, push: a change is on {len(LIVE.readers)} readers after {min(took):.1f} to {max(took):.1f} s")
    assert min(took) < 20


def test_a_thousand_changes_are_pushed_while_clients_read(lab: Lab) -> None:
    write_pages(lab, LIVE, COUNT, "first")
    wait_until_same(lab, LIVE, 300)
    with clients_read(lab, LIVE, COUNT) as seen:
        write_pages(lab, LIVE, COUNT, "second")
        lab.host(SOURCE).check_output(f"rm -r {LIVE.path}/now")
        waited = wait_until_same(lab, LIVE, 300)
    report(
        f"rsync, push: {COUNT} changed files the same on {len(LIVE.readers)} readers {waited:.0f} s after the last one;"
        f" {seen.requests} reads meanwhile, {len(seen.torn)} of half a file, {len(seen.failed)} failed"
    )
    assert (seen.torn, seen.failed) == ([], [])


def test_copies_by_ssh(lab: Lab) -> None:
    write_pages(lab, DOCS, 100, "first")
    wait_until_same(lab, DOCS, 120)


@pytest.mark.parametrize("data", [WWW, DOCS, LIVE], ids=str)
def test_a_source_without_its_volume_empties_nobody(lab: Lab, data: Data) -> None:
    source, reader = lab.host(SOURCE), lab.host("web1")
    before = reader.check_output(f"python3 {PAGES} sum {data.path}")
    source.check_output(f"mount -t tmpfs none {data.path}")
    try:
        if data is LIVE:
            source.check_output("systemctl restart lvs-lsyncd")
            wait_until(
                lambda: "is its volume mounted" in source.check_output("journalctl -u lvs-lsyncd --no-pager"),
                60,
                "a refusal",
            )
        else:
            assert "the source has no .lvs-cluster-generation" in refusal(lab, "web1", data)
        run = converge(lab, "--limit", "store1", code=2)
        assert "has lost its marker" in run.output
        assert reader.check_output(f"python3 {PAGES} sum {data.path}") == before
    finally:
        # Lazily, since a reader may be looking at it right now.
        source.check_output(f"umount --lazy {data.path}")
    if data is LIVE:
        source.check_output("systemctl restart lvs-lsyncd")
    assert_same(lab, data)


def test_a_copy_that_was_killed_heals(lab: Lab) -> None:
    reader = lab.host("web1")
    reader.check_output("systemctl stop lvs-rsync@www.timer")
    write_pages(lab, WWW, COUNT, "fourth")
    reader.check_output("systemctl start --no-block lvs-rsync@www.service")
    wait_until(
        lambda: reader.run(f"find {WWW.path} -name .~tmp~ | grep .").succeeded, 60, "files that wait for their place"
    )
    reader.check_output("systemctl kill --signal=KILL lvs-rsync@www.service")
    assert not is_same(lab, "web1", WWW)
    # What waits there now must not stay there.
    lab.host(SOURCE).check_output(f"rm {WWW.path}/0/page*")
    reader.check_output("systemctl reset-failed lvs-rsync@www.service; systemctl start lvs-rsync@www.timer")
    wait_until_same(lab, WWW, 120)
    assert reader.run(f"find {WWW.path} -name '.~tmp~' -o -name '.page*' | grep .").failed


def test_a_push_that_was_killed_heals(lab: Lab) -> None:
    source = lab.host(SOURCE)
    write_pages(lab, LIVE, COUNT, "third")
    source.check_output("systemctl kill --signal=KILL lvs-lsyncd")
    write_pages(lab, LIVE, 50, "fourth")
    source.check_output(f"rm {LIVE.path}/1/page1*")
    wait_until_same(lab, LIVE, 300)
    assert lab.host("web1").run(f"find {LIVE.path} -name '.~tmp~' | grep .").failed


def test_while_the_source_is_away_copies_get_old_and_somebody_hears_of_it(lab: Lab) -> None:
    reader = lab.host("web1")
    reader.check_output("rm -f /var/tmp/alarms")
    lab.power("stopped", SOURCE, force=True)
    start = time.monotonic()
    try:
        wait_until(
            lambda: all(
                f"lvs-rsync-fresh@{name}.service" in reader.run("cat /var/tmp/alarms").stdout
                for name in ("www", "live")
            ),
            240,
            "an alarm for a pulled and for a pushed copy",
        )
        report(
            f"rsync: both copies raised the alarm {time.monotonic() - start:.0f} s after the source was gone (max_age 60)"
        )
        assert age(lab, "web1", WWW) > 60
        journal = reader.check_output("journalctl -u lvs-rsync-fresh@www.service --no-pager")
        assert "s old; it may be 60 s; last error: rsync: " in journal
        assert [each["fresh"] for each in json.loads(reader.check_output("lvs-rsync status"))["copies"]] == [False] * 3
        # A run that cannot reach the source leaves its readers alone.
        assert converge(lab, "--limit", "web1").changed == 0
        assert reader.run("systemctl is-failed lvs-rsync-fresh@www.service").succeeded
    finally:
        lab.power("started", SOURCE)
    for data in ALL:
        wait_until(lambda data=data: age(lab, "web1", data) < 60, 180, f"{data} fresh again")
    wait_until(lambda: reader.run("systemctl is-failed lvs-rsync-fresh@www.service").failed, 90, "no alarm")


def test_info_on_both_sides(lab: Lab) -> None:
    copies = lab.module("web1", "lvs.cluster.rsync_copy_info")["copies"]
    assert [(each["name"], each["fresh"]) for each in copies] == [("docs", True), ("live", True), ("www", True)]
    pushes = lab.module(SOURCE, "lvs.cluster.rsync_copy_info")["pushes"]
    assert [(each["name"], each["last_error"]) for each in pushes] == [(f"live@{name}", "") for name in LIVE.readers]


def test_a_copy_that_is_no_longer_listed_goes_without_its_data(lab: Lab) -> None:
    run = converge(lab, "-e", '{"rsync_client_copies": []}', "--limit", "web2")
    assert run.changed > 0
    web2 = lab.host("web2")
    assert web2.run("ls /etc/systemd/system/lvs-rsync*@?*.timer /etc/lvs-cluster/rsync/copies/*.json").stdout == ""
    assert not web2.file("/etc/rsyncd.conf").exists
    assert not web2.service("rsync").is_running
    assert web2.file(f"{WWW.path}/1/page1.html").exists
    assert "@web2" not in lab.host(SOURCE).file("/var/lib/lvs-rsync/.ssh/authorized_keys").content_string
    assert converge(lab, "--limit", "web2").changed > 0
    for data in ALL:
        wait_until_same(lab, data, 120)


def test_absent_leaves_the_data_and_nothing_else(lab: Lab) -> None:
    before = {name: lab.host(name).check_output(f"python3 {PAGES} sum /srv") for name in (SOURCE, *READERS)}
    playbook = lab.inventory.parent.parent / "absent.yml"
    assert lab.playbook(str(playbook), "--check").changed > 0
    run = lab.playbook(str(playbook))
    assert run.code == 0, run.output
    assert lab.playbook(str(playbook)).changed == 0
    for name, data in before.items():
        host = lab.host(name)
        assert host.check_output(f"python3 {PAGES} sum /srv") == data
        # Those of the other roles are still there.
        names = r"-name '*lvs-rsync*' -o -name '*lvs-lsyncd*' -o -path '*/lvs-cluster/*rsync*' -o -path '*/lvs-cluster/copies/*'"
        left = host.check_output(
            rf"find /etc /var/lib /usr/local /srv -path /var/lib/apt -prune -o \( {names} \) -print"
        )
        assert left == ""
        units = host.run("systemctl list-units --all --plain --no-legend 'lvs-rsync*' 'lvs-lsyncd*'").stdout
        assert [line for line in units.splitlines() if "not-found" not in line] == []
    assert lab.host(SOURCE).file("/etc/rsyncd.conf").content_string.endswith("hosts allow = 192.0.2.99\n")
    assert lab.host(SOURCE).run("getent passwd lvs-rsync").failed
