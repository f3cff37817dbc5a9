# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is special of ldirectord; the rest is that of a health checker, and shown by keepalived_config."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs import follow, netlink, table
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.model import (
    AddressKey,
    FullService,
    Server,
    ServerKey,
    Service,
)
from ansible_collections.lvs.cluster.plugins.modules import ldirectord_config
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.ipvs.simulated_kernel import SimulatedKernel

OURS = "# Managed by lvs.cluster.\nsupervised = yes\n"
SAMPLE = "# virtual = 192.0.2.100:80\n#     real = 192.0.2.21:80 gate\n"


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> SimulatedKernel:
    """What ldirectord makes of `wanted(21, 22)`."""
    key = AddressKey("tcp", ip_address("192.0.2.100"), 80)
    servers = tuple(Server(ServerKey(ip_address(f"192.0.2.{each}"), 80), "dr", 1, 0, 0, None) for each in (21, 22))
    kernel = SimulatedKernel(FullService(Service(key, "wlc", (), None, one_packet=False), servers))
    monkeypatch.setattr(table, "is_loaded", lambda: True)
    monkeypatch.setattr(netlink.socket, "socket", lambda *_: kernel)
    monkeypatch.setattr(follow, "OWN_CHANGES", 0)
    return kernel


@pytest.fixture
def path(host_root: Path, monkeypatch: pytest.MonkeyPatch, commands: Any, kernel: SimulatedKernel) -> Path:
    monkeypatch.setattr(ldirectord_config.AnsibleModule, "get_bin_path", lambda *_: "/usr/sbin/ldirectord")
    monkeypatch.setattr(ldirectord_config, "PID_FILE", host_root / "pid")
    commands.answers["systemctl is-active"] = (3, "", "")
    commands.answers["/usr/sbin/ldirectord /"] = (3, "", "")
    return host_root / "ldirectord.cf"


def wanted(path: Path, *numbers: int, content: str = OURS, **service: Any) -> dict[str, Any]:
    servers = [{"address": f"192.0.2.{number}"} for number in numbers]
    services = [{"vip": "192.0.2.100", "port": 80, "servers": servers, **service}]
    return {"path": str(path), "content": content, "services": services, "settle_timeout": 0}


def supervision(path: Path) -> Path:
    return path.parent / "units/ldirectord.service.d/lvs-cluster.conf"


def done(commands: Any) -> list[str]:
    """What was done; questions left out."""
    looks = (" is-", " status")
    return [line for line in commands.run if not any(word in line for word in looks)]


@pytest.fixture
def followed(run: Any, path: Path, commands: Any) -> Path:
    """An ldirectord that follows `wanted(21, 22)`."""
    run(ldirectord_config, **wanted(path, 21, 22))
    commands.answers["systemctl is-active"] = (0, "", "")
    commands.run.clear()
    return path


def test_present_needs_content_and_services(run: Any, path: Path) -> None:
    assert "content, services" in run(ldirectord_config, path=str(path))["msg"]


def test_check_mode_tests_and_changes_nothing(run: Any, path: Path, commands: Any) -> None:
    result = run(ldirectord_config, check=True, **wanted(path, 21, 22))
    assert (result["changed"], result["action"], result["found"]) == (True, "start", "none")
    assert any(line.startswith("/usr/sbin/ldirectord /") and line.endswith(".cf status") for line in commands.run)
    assert done(commands) == []
    assert not path.exists()
    assert not supervision(path).exists()


def test_it_is_supervised_and_started_after_one_that_runs_beside_its_unit(run: Any, path: Path, commands: Any) -> None:
    path.write_text(SAMPLE)
    assert run(ldirectord_config, **wanted(path, 21, 22))["found"] == "none"
    assert done(commands) == ["systemctl daemon-reload", "/usr/sbin/ldirectord stop", "systemctl start ldirectord"]
    assert "ExecStart=\nExecStart=/usr/sbin/ldirectord start\n" in supervision(path).read_text()
    assert path.read_text() == OURS
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_second_run_changes_nothing(run: Any, followed: Path, commands: Any) -> None:
    result = run(ldirectord_config, **wanted(followed, 21, 22))
    assert (result["changed"], result["action"]) == (False, "none")
    assert done(commands) == []


def test_a_change_is_read_again(run: Any, followed: Path, commands: Any) -> None:
    changed = wanted(followed, 21, 22, content=f"{OURS}fork = yes\n")
    assert run(ldirectord_config, **changed)["action"] == "reload"
    assert done(commands) == ["systemctl reload ldirectord"]


def test_one_that_was_started_otherwise_is_restarted(run: Any, followed: Path, commands: Any) -> None:
    supervision(followed).unlink()
    assert run(ldirectord_config, **wanted(followed, 21, 22))["action"] == "restart"
    assert done(commands) == ["systemctl daemon-reload", "systemctl restart ldirectord"]


def test_what_ldirectord_does_not_accept(run: Any, followed: Path, commands: Any) -> None:
    commands.answers["/usr/sbin/ldirectord /"] = (2, "", "Error [7]: Unknown command frk\n")
    message = run(ldirectord_config, **wanted(followed, 21, 22, content=f"{OURS}frk = yes\n"))["msg"]
    assert message.endswith("so the old one stays in force:\nError [7]: Unknown command frk")
    assert followed.read_text() == OURS


def test_a_configuration_of_somebody_else(run: Any, path: Path) -> None:
    path.write_text("fork = yes\n")
    assert "lvs_take_over: true" in run(ldirectord_config, **wanted(path, 21, 22))["msg"]
    result = run(ldirectord_config, **wanted(path, 21, 22), take_over=True)
    assert (result["changed"], result["found"]) == (True, "foreign")
    assert Path(result["backup"]).read_text() == "fork = yes\n"


def test_secrets_are_masked(run: Any, path: Path) -> None:
    content = f'{OURS}virtual = 192.0.2.100:80\n    passwd = "secret99"\n    secret = "secret99"\n'
    result = run(ldirectord_config, **wanted(path, 21, 22, content=content))
    assert "secret99" not in str(result["diff"])
    assert "    passwd = ********\n" in result["diff"]["after"]


def test_who_leaves_is_drained(run: Any, followed: Path, kernel: SimulatedKernel) -> None:
    changed = {**wanted(followed, 21, content=f"{OURS}# 21\n"), "drain_timeout": 0}
    result = run(ldirectord_config, **changed)
    assert [each["server"] for each in result["drained"]] == ["192.0.2.22:80"]
    assert [server.weight for _service, servers in kernel.services.values() for server in servers.values()] == [1, 0]
    assert result["leftover"] == ["192.0.2.22:80 of tcp 192.0.2.100:80"]


def test_what_ldirectord_does_not_look_at_is_repaired(run: Any, followed: Path) -> None:
    stale = wanted(followed, 21, 22, persistence={"timeout": 60})
    expected = ["update service tcp 192.0.2.100:80"]
    assert run(ldirectord_config, check=True, **stale)["repaired"] == expected
    assert run(ldirectord_config, **stale)["repaired"] == expected
    assert not run(ldirectord_config, **stale)["changed"]


def test_a_service_that_the_kernel_has_lost(run: Any, followed: Path, kernel: SimulatedKernel) -> None:
    kernel.services.clear()
    assert run(ldirectord_config, **wanted(followed, 21, 22))["msg"] == (
        "the kernel has lost what ldirectord had put there: tcp 192.0.2.100:80. ldirectord does not notice that;"
        " run 'systemctl reload ldirectord' on this host"
    )


def test_a_declaration_that_is_wrong(run: Any, path: Path) -> None:
    assert "services[0].port" in run(ldirectord_config, **wanted(path, 21, port=70000))["msg"]


def test_stopped_leaves_the_configuration(run: Any, followed: Path, commands: Any) -> None:
    assert run(ldirectord_config, path=str(followed), state="stopped")["action"] == "stop"
    assert done(commands) == ["systemctl stop ldirectord"]
    assert followed.exists()


def test_absent_puts_everything_back(run: Any, path: Path, commands: Any) -> None:
    path.write_text(SAMPLE)
    run(ldirectord_config, **wanted(path, 21, 22))
    commands.answers["systemctl is-active"] = (0, "", "")
    commands.run.clear()
    assert run(ldirectord_config, path=str(path), state="absent")["action"] == "stop"
    assert done(commands) == ["systemctl stop ldirectord", "systemctl disable ldirectord", "systemctl daemon-reload"]
    assert path.read_text() == SAMPLE
    assert not supervision(path).exists()
    assert not run(ldirectord_config, path=str(path), state="absent")["changed"]
