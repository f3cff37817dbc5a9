# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""With processes of this test in the place of keepalived's."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.keepalived import vrrp_process

IGNORES = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)"


@pytest.fixture
def child():
    """Start a process that goes on until it is ended, and reap it then, as keepalived does."""
    started = []

    def start(program="import time; print(flush=True); time.sleep(60)"):
        process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
        process.stdout.readline()
        threading.Thread(target=process.wait, daemon=True).start()
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.mark.parametrize("name", ["vrrp.pid", "keepalived/vrrp.pid", "mine_vrrp.pid"])
def test_it_is_found_by_its_pid_file(child, tmp_path, name):
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    process = child()
    file.write_text(f"{process.pid}\n")
    assert vrrp_process.find(os.getpid(), tmp_path) == process.pid
    assert vrrp_process.find(1, tmp_path) is None


def test_an_old_pid_file_counts_for_nothing(child, tmp_path):
    assert vrrp_process.find(os.getpid(), tmp_path) is None
    process = child()
    process.kill()
    process.wait()
    (tmp_path / "vrrp.pid").write_text(f"{process.pid}\n")
    assert vrrp_process.find(os.getpid(), tmp_path) is None


def test_its_end_is_waited_for(child):
    process = child()
    vrrp_process.end(process.pid)
    assert process.wait() == -signal.SIGTERM
    vrrp_process.end(process.pid)


def test_one_that_does_not_end_is_not_waited_for_long(child):
    process = child(IGNORES)
    slept = []
    vrrp_process.end(process.pid, clock=lambda: sum(slept), sleep=slept.append)
    assert sum(slept) == pytest.approx(vrrp_process.PATIENCE, abs=0.1)
    assert process.poll() is None
