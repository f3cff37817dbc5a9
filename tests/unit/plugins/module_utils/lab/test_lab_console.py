# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.lab import console
from ansible_collections.lvs.cluster.plugins.module_utils.lab.console import (
    BootReport,
    last_report,
    tail,
    wait_for_boot,
)
from ansible_collections.lvs.cluster.plugins.module_utils.lab.model import LabError


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "console.log"


def no() -> bool:
    return False


def yes() -> bool:
    return True


def test_a_report_without_failures() -> None:
    assert last_report("kernel\nlvs-lab-boot: running \n") == BootReport("running")


def test_a_report_names_failed_units() -> None:
    text = "lvs-lab-boot: degraded nginx.service x.mount \n"
    assert last_report(text) == BootReport("degraded", ("nginx.service", "x.mount"))


def test_the_latest_boot_counts() -> None:
    text = "lvs-lab-boot: degraded a.service\nreboot: Restarting system\n"
    assert last_report(text) is None
    assert last_report(text + "lvs-lab-boot: running \n") == BootReport("running")


def test_a_report_is_found_behind_other_output_of_its_line() -> None:
    assert last_report("\x1b[!p\x1b]104lvs-lab-boot: running \r\n") == BootReport("running")


def test_no_report_yet() -> None:
    assert last_report("Welcome to Debian!\nlvs-lab-") is None


def test_the_tail_has_no_blank_lines_and_no_control_sequences() -> None:
    assert tail("one\n\n\x1b[1;32mtwo\x1b[0m\r\nthree\n", lines=2) == "two\nthree"


def test_a_machine_that_is_up(log: Path) -> None:
    log.write_text("lvs-lab-boot: running \n")
    wait_for_boot(log, yes, timeout=0)


def test_a_report_counts_though_the_machine_has_ended_since(log: Path) -> None:
    log.write_text("lvs-lab-boot: running \n")
    wait_for_boot(log, no, timeout=0)


def test_a_degraded_machine_is_an_error_with_its_units(log: Path) -> None:
    log.write_text("lvs-lab-boot: degraded nginx.service x.mount \n")
    with pytest.raises(LabError) as caught:
        wait_for_boot(log, yes, timeout=0)
    assert str(caught.value) == (
        "it is up, but systemd says degraded; failed units: nginx.service, x.mount. Log in and look at "
        f"'systemctl status nginx.service x.mount'; its console log is {log}"
    )


def test_a_machine_that_dies_shows_the_end_of_its_console(log: Path) -> None:
    log.write_text("Kernel panic - not syncing\n")
    with pytest.raises(LabError) as caught:
        wait_for_boot(log, no, timeout=60)
    assert str(caught.value) == (
        f"it stopped while it was booting. Its console log is {log}. The last lines:\nKernel panic - not syncing"
    )


def test_a_machine_that_never_answers_is_given_up(log: Path) -> None:
    with pytest.raises(LabError, match=rf"it did not come up within 0 s. Its console log is {log}. It is empty."):
        wait_for_boot(log, yes, timeout=0)


def test_it_waits_for_the_report(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    naps: list[float] = []

    def nap(seconds: float) -> None:
        naps.append(seconds)
        if len(naps) == 3:
            log.write_text("lvs-lab-boot: running \n")

    monkeypatch.setattr(console.time, "sleep", nap)
    wait_for_boot(log, yes, timeout=60)
    assert len(naps) == 3
