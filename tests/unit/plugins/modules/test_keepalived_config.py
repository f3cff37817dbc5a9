# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs import drain, follow, netlink, table
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.model import (
    AddressKey,
    FullService,
    Server,
    ServerKey,
    Service,
)
from ansible_collections.lvs.cluster.plugins.module_utils.keepalived import vrrp_process
from ansible_collections.lvs.cluster.plugins.modules import keepalived_config
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.ipvs.simulated_kernel import SimulatedKernel

OURS = "# Managed by lvs.cluster.\nvrrp_instance a {\n    auth_pass secret99\n}\n"
FOREIGN = "vrrp_instance theirs {\n}\n"


@pytest.fixture
def path(host_root: Path, monkeypatch: pytest.MonkeyPatch, commands: Any) -> Path:
    monkeypatch.setattr(keepalived_config.AnsibleModule, "get_bin_path", lambda *_: "/usr/sbin/keepalived")
    commands.answers["systemctl is-active"] = (3, "", "")
    commands.answers["systemctl is-enabled"] = (0, "", "")
    return host_root / "keepalived.conf"


def done(commands: Any) -> list[str]:
    """What was done to the service; questions left out."""
    looks = (" is-", " show ", " daemon-reload")
    return [line for line in commands.run if line.startswith("systemctl ") and not any(word in line for word in looks)]


def test_present_needs_content(run: Any, path: Path) -> None:
    assert "content" in run(keepalived_config, path=str(path))["msg"]


@pytest.mark.parametrize("content", ["", "global_defs {\n}\n"])
def test_content_has_to_bear_the_mark(run: Any, path: Path, content: str) -> None:
    assert "Managed by lvs.cluster" in run(keepalived_config, path=str(path), content=content)["msg"]


def test_check_mode_tests_and_changes_nothing(run: Any, path: Path, commands: Any) -> None:
    result = run(keepalived_config, check=True, path=str(path), content=OURS)
    assert (result["changed"], result["action"], result["found"]) == (True, "start", "none")
    assert any(line.startswith("/usr/sbin/keepalived --config-test") for line in commands.run)
    assert done(commands) == []
    assert not path.exists()


def test_check_mode_before_keepalived_is_installed(run: Any, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keepalived_config.AnsibleModule, "get_bin_path", lambda *_: None)
    assert run(keepalived_config, check=True, path=str(path), content=OURS)["changed"]
    assert "install its package first" in run(keepalived_config, path=str(path), content=OURS)["msg"]


def test_a_keyword_that_the_version_to_be_installed_lacks(
    run: Any, path: Path, commands: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def find(_module: Any, name: str) -> str | None:
        return "/usr/bin/apt-cache" if name == "apt-cache" else None

    monkeypatch.setattr(keepalived_config.AnsibleModule, "get_bin_path", find)
    commands.answers["/usr/bin/apt-cache policy keepalived"] = (0, "keepalived:\n  Candidate: 1:2.2.7-1+b2\n", "")
    content = OURS.replace("auth_pass secret99", "auth_hmac sha256 secret99")
    result = run(keepalived_config, check=True, path=str(path), content=content)
    assert result["msg"].startswith("the keepalived that this host can install lacks what the configuration needs:\n")
    assert "auth_hmac: it needs keepalived 2.4.0, and 2.2.7 lacks it" in result["msg"]
    assert run(keepalived_config, check=True, path=str(path), content=OURS)["changed"]


def test_systemd_starts_it_again_if_it_fails(run: Any, path: Path, commands: Any) -> None:
    drop_in = path.parent / "units/keepalived.service.d/lvs-cluster.conf"
    run(keepalived_config, check=True, path=str(path), content=OURS)
    assert not drop_in.exists()
    run(keepalived_config, path=str(path), content=OURS)
    assert "Restart=on-failure" in drop_in.read_text()
    assert "systemctl daemon-reload" in commands.run

    # One that runs does not need to be told again.
    commands.answers["systemctl is-active"] = (0, "", "")
    drop_in.unlink()
    result = run(keepalived_config, path=str(path), content=OURS)
    assert (result["changed"], result["action"]) == (True, "none")

    run(keepalived_config, path=str(path), state="absent")
    assert not drop_in.parent.exists()
    assert commands.run[-1] == "systemctl daemon-reload"


def test_first_installation_starts(run: Any, path: Path, commands: Any) -> None:
    assert run(keepalived_config, path=str(path), content=OURS)["changed"]
    assert done(commands) == ["systemctl start keepalived"]
    assert path.read_text() == OURS
    assert path.stat().st_mode & 0o777 == 0o600


def test_second_run_changes_nothing(run: Any, path: Path, commands: Any) -> None:
    run(keepalived_config, path=str(path), content=OURS)
    commands.answers["systemctl is-active"] = (0, "", "")
    commands.run.clear()
    result = run(keepalived_config, path=str(path), content=OURS)
    assert (result["changed"], result["action"], result["found"]) == (False, "none", "ours")
    assert done(commands) == []


def in_namespace(name: str) -> str:
    return f"{OURS}net_namespace {name}\n"


@pytest.fixture
def warnings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the module warns of."""
    said: list[str] = []
    monkeypatch.setattr(keepalived_config.AnsibleModule, "warn", lambda _module, text: said.append(text))
    return said


def test_what_is_read_at_the_start_alone_costs_a_restart(
    run: Any, path: Path, commands: Any, warnings: list[str]
) -> None:
    """keepalived refuses such a reload and goes on with the configuration before."""
    run(keepalived_config, path=str(path), content=OURS)
    commands.answers["systemctl is-active"] = (0, "", "")
    commands.run.clear()
    wanted = {"path": str(path), "content": in_namespace("one")}
    dry = run(keepalived_config, check=True, **wanted)
    assert (dry["action"], dry["restarted_for"], done(commands)) == ("restart", ["net_namespace"], [])
    result = run(keepalived_config, **wanted)
    assert (result["action"], result["restarted_for"]) == ("restart", ["net_namespace"])
    assert done(commands) == ["systemctl stop keepalived", "systemctl start keepalived"]
    said = "keepalived reads net_namespace only when it starts, so it is restarted, which moves its VIPs for a moment"
    assert warnings.count(said) == 2
    again = run(keepalived_config, **wanted)
    assert (again["changed"], "restarted_for" in again) == (False, False)


@pytest.mark.usefixtures("warnings")
def test_a_restart_that_was_cut_off_is_made_up_for(run: Any, path: Path, commands: Any) -> None:
    """The file is that of the next start already; what the running keepalived has is remembered."""
    run(keepalived_config, path=str(path), content=in_namespace("one"))
    commands.answers["systemctl is-active"] = (0, "", "")
    path.write_text(in_namespace("two"))
    result = run(keepalived_config, path=str(path), content=in_namespace("two"))
    assert (result["action"], result["restarted_for"]) == ("restart", ["net_namespace"])
    path.write_text(OURS)
    assert run(keepalived_config, path=str(path), content=OURS)["restarted_for"] == ["net_namespace"]


def test_a_keepalived_that_does_not_run_is_started_whatever_it_reads(run: Any, path: Path) -> None:
    run(keepalived_config, path=str(path), content=in_namespace("one"))
    result = run(keepalived_config, path=str(path), content=in_namespace("two"))
    assert (result["action"], "restarted_for" in result) == ("start", False)


def test_a_change_reloads_and_never_restarts(run: Any, path: Path, commands: Any) -> None:
    run(keepalived_config, path=str(path), content=OURS)
    commands.answers["systemctl is-active"] = (0, "", "")
    commands.run.clear()
    assert run(keepalived_config, path=str(path), content=OURS + "# more\n")["action"] == "reload"
    assert done(commands) == ["systemctl reload keepalived"]


def test_a_run_cut_off_before_the_reload_is_completed(run: Any, path: Path, commands: Any) -> None:
    commands.answers["systemctl is-active"] = (0, "", "")
    path.write_text(OURS)
    result = run(keepalived_config, path=str(path), content=OURS)
    assert (result["changed"], result["action"]) == (True, "reload")


def test_a_disabled_service_is_enabled(run: Any, path: Path, commands: Any) -> None:
    commands.answers["systemctl is-enabled"] = (1, "", "")
    assert run(keepalived_config, path=str(path), content=OURS)["changed"]
    assert done(commands) == ["systemctl start keepalived", "systemctl enable keepalived"]


def test_a_refused_configuration_leaves_the_old_one(run: Any, path: Path, commands: Any) -> None:
    path.write_text(OURS)
    commands.answers["/usr/sbin/keepalived"] = (5, "", "Unknown keyword 'lbb'")
    message = run(keepalived_config, path=str(path), content=OURS + "lbb x\n")["msg"]
    assert "the old one stays in force: it would run, but ignores part" in message
    assert path.read_text() == OURS
    assert done(commands) == []


def test_a_refusal_is_explained(run: Any, path: Path, commands: Any) -> None:
    commands.answers["/usr/sbin/keepalived --config-test"] = (5, "", "Unknown keyword 'prority'")
    content = OURS.replace("auth_pass secret99", "prority 100")
    message = run(keepalived_config, path=str(path), content=content)["msg"]
    assert message.endswith(
        "Unknown keyword 'prority'\nWhat is wrong with it:\n"
        "line 3, vrrp_instance a / prority: there is no such keyword; did you mean priority?"
    )


def test_what_keepalived_passes_over_is_a_warning(
    run: Any, path: Path, commands: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    warnings: list[str] = []
    monkeypatch.setattr(keepalived_config.AnsibleModule, "warn", lambda _module, text: warnings.append(text))
    commands.answers["/usr/sbin/keepalived --version"] = (0, "", "Keepalived v2.2.7 (01/16,2022)\n")
    content = OURS.replace("auth_pass secret99", "auth_hmac {\n    }")
    result = run(keepalived_config, path=str(path), content=content)
    assert not result["failed"]
    (problem,) = result["problems"]
    assert problem == (
        "line 3, vrrp_instance a / auth_hmac: it needs keepalived 2.4.0, and 2.2.7 lacks it;"
        " remove it, or install a newer keepalived"
    )
    assert warnings == [f"{path} has problems that keepalived passes over:\n{problem}"]
    assert "problems" not in run(keepalived_config, path=str(path), content=content)


def test_the_user_may_accept_a_code(run: Any, path: Path, commands: Any) -> None:
    commands.answers["/usr/sbin/keepalived"] = (5, "", "deprecated")
    assert not run(keepalived_config, path=str(path), content=OURS, accepted_codes=[0, 5])["failed"]


def test_the_fault_of_2_2_7_warns(run: Any, path: Path, commands: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    warnings: list[str] = []
    monkeypatch.setattr(keepalived_config.AnsibleModule, "warn", lambda _module, text: warnings.append(text))
    commands.answers["/usr/sbin/keepalived"] = (-15, "", "")
    result = run(keepalived_config, path=str(path), content=OURS)
    assert not result["failed"]
    assert "2.2.7" in warnings[0]


def test_what_2_2_7_cannot_test_is_tested_with_scripts_of_root(
    run: Any, path: Path, commands: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(command: list[str]) -> tuple[int, str, str]:
        if "--use-file" not in command:
            return commands(None, command)
        return (5, "", "no real servers") if "script_user root" in Path(command[-1]).read_text() else (-15, "", "")

    monkeypatch.setattr(
        keepalived_config.AnsibleModule, "run_command", lambda _module, command, **_more: answer(command)
    )
    content = OURS + "global_defs {\n    script_user checks\n}\n"
    assert "no real servers" in run(keepalived_config, path=str(path), content=content)["msg"]


def test_a_foreign_configuration_stays(run: Any, path: Path, commands: Any) -> None:
    path.write_text(FOREIGN)
    message = run(keepalived_config, path=str(path), content=OURS)["msg"]
    assert message.startswith(f"{path} was not written by lvs.cluster, so it stays. Set lvs_take_over: true")
    assert path.read_text() == FOREIGN
    assert done(commands) == []


def test_taking_over_keeps_a_copy_and_absent_puts_it_back(run: Any, path: Path) -> None:
    path.write_text(FOREIGN)
    result = run(keepalived_config, path=str(path), content=OURS, take_over=True)
    assert result["found"] == "foreign"
    assert Path(result["backup"]).read_text() == FOREIGN
    assert run(keepalived_config, path=str(path), state="absent")["changed"]
    assert path.read_text() == FOREIGN
    assert not Path(result["backup"]).exists()


def test_absent_stops_and_removes(run: Any, path: Path, commands: Any, tmp_path: Path) -> None:
    run(keepalived_config, path=str(path), content=OURS)
    commands.answers["systemctl is-active"] = (0, "", "")
    commands.run.clear()
    assert run(keepalived_config, path=str(path), state="absent", check=True)["action"] == "stop"
    assert path.exists()
    assert run(keepalived_config, path=str(path), state="absent")["changed"]
    assert done(commands) == ["systemctl stop keepalived", "systemctl disable keepalived"]
    assert not path.exists()
    assert not (tmp_path / "state").exists()
    assert not run(keepalived_config, path=str(path), state="absent")["changed"]


def test_the_vips_leave_first(run: Any, path: Path, commands: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    path.write_text(OURS)
    commands.answers["systemctl is-active"] = (0, "", "")
    commands.answers["systemctl show --property=MainPID --value keepalived"] = (0, "700\n", "")
    monkeypatch.setattr(vrrp_process, "find", lambda main_pid: main_pid + 2)
    monkeypatch.setattr(vrrp_process, "end", lambda pid: commands.run.append(f"systemctl {pid} ends"))
    assert run(keepalived_config, check=True, path=str(path), state="stopped")["action"] == "stop"
    assert done(commands) == []
    result = run(keepalived_config, path=str(path), state="stopped")
    assert (result["changed"], result["action"]) == (True, "stop")
    assert done(commands)[-2:] == ["systemctl 702 ends", "systemctl stop keepalived"]
    assert path.read_text() == OURS
    commands.answers["systemctl is-active"] = (3, "", "")
    assert not run(keepalived_config, path=str(path), state="stopped")["changed"]


def test_absent_leaves_what_is_not_ours(run: Any, path: Path, commands: Any) -> None:
    path.write_text(FOREIGN)
    assert not run(keepalived_config, path=str(path), state="absent")["changed"]
    assert path.read_text() == FOREIGN


def test_secrets_do_not_show_in_the_diff(run: Any, path: Path) -> None:
    result = run(keepalived_config, path=str(path), content=OURS)
    assert "secret99" not in str(result["diff"])
    assert "auth_pass ********" in result["diff"]["after"]


def test_a_service_that_does_not_start_shows_its_journal(run: Any, path: Path, commands: Any) -> None:
    commands.answers["systemctl start"] = (1, "", "")
    commands.answers["journalctl"] = (0, "Unable to load module xyz\n", "")
    assert run(keepalived_config, path=str(path), content=OURS)["msg"] == (
        "systemctl start keepalived failed. Its last messages:\nUnable to load module xyz"
    )


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> SimulatedKernel:
    """A kernel with the service of `served(21, 22)`."""
    key = AddressKey("tcp", ip_address("192.0.2.100"), 80)
    servers = tuple(Server(ServerKey(ip_address(f"192.0.2.{each}"), 80), "dr", 1, 0, 0, None) for each in (21, 22))
    kernel = SimulatedKernel(FullService(Service(key, "wlc", (), None, one_packet=False), servers))
    monkeypatch.setattr(table, "is_loaded", lambda: True)
    monkeypatch.setattr(netlink.socket, "socket", lambda *_: kernel)
    monkeypatch.setattr(follow, "OWN_CHANGES", 0)
    return kernel


def served(*numbers: int) -> str:
    servers = "".join(f"    real_server 192.0.2.{number} 80 {{\n    }}\n" for number in numbers)
    return f"# Managed by lvs.cluster.\nvirtual_server 192.0.2.100 80 {{\n    lvs_method DR\n{servers}}}\n"


def weights(kernel: SimulatedKernel) -> list[int]:
    return [server.weight for _service, servers in kernel.services.values() for server in servers.values()]


@pytest.fixture
def followed(run: Any, path: Path, commands: Any, kernel: SimulatedKernel) -> dict[str, Any]:
    """Parameters for a running keepalived that follows `served(21, 22)`; the kernel is not waited for."""
    parameters = {"path": str(path), "settle_timeout": 0}
    run(keepalived_config, **parameters, content=served(21, 22))
    commands.answers["systemctl is-active"] = (0, "", "")
    return parameters


def test_who_leaves_is_drained_before_the_reload(run: Any, followed: dict[str, Any], kernel: SimulatedKernel) -> None:
    wanted = {**followed, "content": served(21), "drain_timeout": 0}
    drained = [{"service": "tcp 192.0.2.100:80", "server": "192.0.2.22:80", "connections": 0}]
    assert run(keepalived_config, check=True, **wanted)["drained"] == drained
    assert weights(kernel) == [1, 1]
    assert run(keepalived_config, **wanted)["drained"] == drained
    assert weights(kernel) == [1, 0]
    assert not run(keepalived_config, **wanted)["changed"]


def test_nobody_is_drained_unless_asked_for(run: Any, followed: dict[str, Any], kernel: SimulatedKernel) -> None:
    assert "drained" not in run(keepalived_config, **followed, content=served(21))
    assert weights(kernel) == [1, 1]


def test_a_drain_that_was_cut_off_and_is_wanted_no_more(
    run: Any, followed: dict[str, Any], kernel: SimulatedKernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(_self: drain.Drain, _timeout: float) -> None:
        table.apply(drain.quiesce(_self._going))
        raise SystemExit

    monkeypatch.setattr(drain.Drain, "run", killed)
    with pytest.raises(ValueError, match="Expecting value"):
        run(keepalived_config, **followed, content=served(21), drain_timeout=30)
    assert weights(kernel) == [1, 0]
    wanted = {**followed, "content": served(21, 22), "drain_timeout": 30}
    assert run(keepalived_config, check=True, **wanted)["changed"]
    assert weights(kernel) == [1, 0]
    assert run(keepalived_config, **wanted)["changed"]
    assert weights(kernel) == [1, 1]
    assert not run(keepalived_config, **wanted)["changed"]


def with_thresholds(upper: int) -> str:
    return served(21, 22).replace("80 {\n    }", f"80 {{\n        uthreshold {upper}\n    }}")


@pytest.mark.parametrize("after", [served(21, 22), with_thresholds(0)])
def test_what_somebody_changed_in_the_kernel_is_repaired(
    run: Any, followed: dict[str, Any], kernel: SimulatedKernel, after: str
) -> None:
    """In a run that changes nothing else, and after a reload."""
    key = next(iter(kernel.services))
    before = kernel.services[key]
    kernel.services[key] = (replace(before[0], scheduler="rr"), before[1])
    wanted = {**followed, "content": served(21, 22)}
    preview = run(keepalived_config, check=True, **wanted)
    assert (preview["changed"], preview["repaired"]) == (True, [f"update service {key}"])
    assert preview["diff"][1]["before"] == {str(key): {"scheduler": "rr"}}
    assert kernel.services[key][0].scheduler == "rr"
    result = run(keepalived_config, **{**wanted, "content": after})
    assert (result["changed"], result["repaired"]) == (True, [f"update service {key}"])
    assert kernel.services[key][0].scheduler == "wlc"
    assert not run(keepalived_config, **{**wanted, "content": after})["changed"]


def test_a_director_that_is_about_to_become_active_needs_servers(
    run: Any, followed: dict[str, Any], kernel: SimulatedKernel
) -> None:
    wanted = {**followed, "content": served(21, 22)}
    for _service, servers in kernel.services.values():
        servers.clear()
    assert not run(keepalived_config, **wanted)["failed"]
    result = run(keepalived_config, **wanted, wait_for_servers=True)
    assert result["failed"]
    assert "no real server has passed its health check within 0 seconds for: tcp 192.0.2.100:80." in result["msg"]


def test_thresholds_that_a_reload_does_not_write(run: Any, followed: dict[str, Any], kernel: SimulatedKernel) -> None:
    result = run(keepalived_config, **followed, content=with_thresholds(9))
    assert result["action"] == "reload"
    assert len(result["repaired"]) == 2
    assert [
        server.upper_threshold for _service, servers in kernel.services.values() for server in servers.values()
    ] == [9, 9]


def test_a_service_that_the_kernel_has_lost(run: Any, followed: dict[str, Any], kernel: SimulatedKernel) -> None:
    kernel.services.clear()
    message = run(keepalived_config, **followed, content=served(21, 22))["msg"]
    assert "lost what keepalived had put there: tcp 192.0.2.100:80" in message
    assert "systemctl restart keepalived" in message


def test_a_service_that_does_not_come(run: Any, followed: dict[str, Any], kernel: SimulatedKernel) -> None:
    more = served(21, 22) + served(23).replace("192.0.2.100", "192.0.2.101")
    message = run(keepalived_config, **followed, content=more)["msg"]
    assert message.startswith("0 seconds after its reload keepalived has not put into the kernel: tcp 192.0.2.101:80.")


def test_what_stays_although_it_is_no_longer_declared(run: Any, followed: dict[str, Any]) -> None:
    result = run(keepalived_config, **followed, content=served(21))
    assert result["leftover"] == ["192.0.2.22:80 of tcp 192.0.2.100:80"]
