# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What belongs to others is refused, and what belongs to the user stays when the cluster goes."""

from __future__ import annotations

import pytest
from lab import Lab
from shared_disk import DATA, NODES, ROLE, is_mounted, is_whole

DEVICE = "/dev/ubdb"
MARKER = "a line that the user has written"
LEFT = (
    "/etc/corosync/authkey /etc/corosync/corosync.conf /etc/dlm/dlm.conf /etc/systemd/system/*lvs-cluster-fs*"
    " /etc/systemd/system/*.d/lvs-cluster.conf /etc/systemd/system/srv-www.mount /usr/local/lib/lvs-cluster/cluster-fs-merge"
)
# A disk label of the old kind with one partition.
PARTITION = (
    "import sys; b = bytearray(512); b[446:462] = bytes.fromhex('000000008300000000080000e8030000');"
    " b[510:] = b'\\x55\\xaa'; open(sys.argv[1], 'r+b').write(b)"
)
ABSENT = ("-e", "cluster_fs_state=absent")


def refusal(lab: Lab, *arguments: str) -> str:
    """Return what the role says when it refuses; it has changed nothing."""
    run = lab.playbook(ROLE, "-l", ",".join(NODES), *arguments)
    assert run.code != 0
    assert run.changed == 0
    return run.output


def test_no_fencing_is_an_error_that_says_why(lab: Lab) -> None:
    output = refusal(lab, "-e", '{"cluster_fs_fencing": {}}')
    assert "cluster_fs_fencing is missing: without fencing a node that hangs" in output


def test_the_file_system_of_another_cluster(lab: Lab) -> None:
    output = refusal(lab, "-e", "cluster_fs_name=other")
    assert f"{DEVICE} is mounted at {DATA}" in output
    assert is_whole(lab)


def test_it_goes_and_the_data_stays(lab: Lab) -> None:
    lab.host("web1").check_output(f"echo '{MARKER}' > {DATA}/data && sync")
    run = lab.playbook(ROLE, *ABSENT)
    assert run.code == 0, run.output
    for name in NODES:
        host = lab.host(name)
        assert not is_mounted(host)
        assert not host.service("corosync").is_running
        assert not host.service("corosync").is_enabled
        assert host.run(f"ls {LEFT}").stdout == ""
    assert lab.host("web2").run(f'grep --quiet --text "{MARKER}" {DEVICE}').succeeded
    assert lab.playbook(ROLE, *ABSENT).changed == 0


def test_another_clusters_file_system_that_nobody_has_mounted(lab: Lab) -> None:
    output = refusal(lab, "-e", "cluster_fs_name=other")
    assert "file system 'lvs:www'" in output
    assert "it is another one than ours. Nothing was changed" in output


@pytest.mark.parametrize(
    ("prepare", "what"),
    [
        ("mkfs.ext4 -q -F -L precious {0}", "holds data of type ext4 (label or UUID: precious)"),
        (f'python3 -c "{PARTITION}" {{0}}', "has a partition table (dos)"),
        (
            "printf unknown | dd of={0} bs=1 seek=5000 conv=notrunc status=none",
            "holds data of an unknown kind (byte 5000",
        ),
    ],
    ids=["ext4", "partitions", "unknown"],
)
def test_foreign_data(lab: Lab, prepare: str, what: str) -> None:
    """This ends the file system of the tests before."""
    host = lab.host("web2")
    host.check_output(f"dd if=/dev/zero of={DEVICE} bs=1M count=256 conv=notrunc status=none; {prepare.format(DEVICE)}")
    assert f"{DEVICE} {what}" in refusal(lab)
    host.check_output(f"dd if=/dev/zero of={DEVICE} bs=1M count=256 conv=notrunc status=none")
