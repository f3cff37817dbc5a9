# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.lab.layout import LabFiles
from ansible_collections.lvs.cluster.plugins.module_utils.lab.model import Disk, LabError

CACHE = Path("/home/me/.cache/lvs-cluster")


def test_all_files_of_a_lab_are_in_its_folder() -> None:
    lab = LabFiles(CACHE, "demo")
    machine = lab.machine("lb1")
    paths = [lab.machines, lab.ssh_config, lab.kernel, lab.image("trixie")]
    paths += [machine.spec, machine.overlay, machine.console, machine.ssh_config, machine.control_socket]
    assert all(lab.folder in path.parents for path in paths)
    assert len(set(paths)) == len(paths)


def test_the_lock_is_outside_of_the_labs_folder() -> None:
    lab = LabFiles(CACHE, "demo")
    assert lab.folder not in lab.lock.parents


def test_a_shared_disk_is_the_same_file_for_all() -> None:
    lab = LabFiles(CACHE, "demo")
    shared, private = Disk("data", 1, shared=True), Disk("data", 1)
    assert lab.disk("lb1", shared) == lab.disk("lb2", shared)
    assert lab.disk("lb1", private) != lab.disk("lb2", private)
    assert lab.disk("lb1", private) != lab.disk("lb1", shared)


def test_a_shared_disk_is_no_machine() -> None:
    lab = LabFiles(CACHE, "demo")
    assert lab.machines not in lab.disk("lb1", Disk("data", 1, shared=True)).parents


def test_two_labs_share_nothing_but_the_lock() -> None:
    one, other = LabFiles(CACHE, "one"), LabFiles(CACHE, "other")
    assert one.namespace != other.namespace
    assert one.folder not in other.folder.parents
    assert other.folder not in one.folder.parents


def test_a_lab_name_cannot_lead_out_of_the_cache() -> None:
    with pytest.raises(LabError, match=r"lab name '\.\.' must be"):
        LabFiles(CACHE, "..")


def test_a_machine_name_cannot_lead_out_of_the_lab() -> None:
    with pytest.raises(LabError, match=r"machine name '\.\./x' must be"):
        LabFiles(CACHE, "demo").machine("../x")


def test_socket_paths_that_are_too_long_are_refused() -> None:
    cache = Path("/home/" + "x" * 50)
    assert LabFiles(cache, "demo").machine("a")
    with pytest.raises(LabError, match=r"too long a name for unix sockets \(1\d\d characters, 107 are allowed\)"):
        LabFiles(cache, "demo").machine("a" * 30)
