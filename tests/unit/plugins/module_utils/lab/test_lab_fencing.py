# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.lab import fencing, fencing_service
from ansible_collections.lvs.cluster.plugins.module_utils.lab.fencing import Server, Switches, answer, signature
from ansible_collections.lvs.cluster.plugins.module_utils.lab.fencing_service import FencingService, FencingSpec, check
from ansible_collections.lvs.cluster.plugins.module_utils.lab.machine import Lab
from ansible_collections.lvs.cluster.plugins.module_utils.lab.model import LabError

AGENT = next(parent for parent in Path(fencing.__file__).resolve().parents if (parent / "roles").is_dir())
AGENT = AGENT / "roles" / "lab" / "files" / "fence_lvslab"
SPEC = FencingSpec("lan", "192.0.2.254/24", 7700)


class Power:
    """Stands in for the machines."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.state = "on"

    def __call__(self, action: str, machine: str) -> str:
        if machine == "nobody":
            raise LabError("lab 'demo' has no machine 'nobody'")
        self.done.append(f"{action} {machine}".strip())
        return {"status": self.state, "list": "web1 web2"}.get(action, "")


@pytest.fixture
def power() -> Iterator[Power]:
    act = Power()
    with Server("127.0.0.1", 0, "secret", act) as server:
        act.port = server.server_address[1]  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield act
        server.shutdown()


Agent = Callable[..., tuple[int, str, str]]


@pytest.fixture
def agent(power: Power, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Agent:
    """Return agent(*arguments, **options on standard input) -> exit code, output, complaints of the fence agent."""
    # By hand, since the name of a program has no .py.
    loader = SourceFileLoader("fence_lvslab", str(AGENT))
    spec = spec_from_loader(loader.name, loader)
    assert spec
    program = module_from_spec(spec)
    loader.exec_module(program)

    def call(*arguments: str, **options: Any) -> tuple[int, str, str]:
        defaults = {"ip": "127.0.0.1", "ipport": power.port, "passwd": "secret"}  # type: ignore[attr-defined]
        lines = "\n".join(f"{key}={value}" for key, value in {**defaults, **options}.items())
        monkeypatch.setattr("sys.argv", ["fence_lvslab", *arguments])
        monkeypatch.setattr("sys.stdin.read", lambda: lines, raising=False)
        capsys.readouterr()
        code = program.main()
        printed = capsys.readouterr()
        return code, "\n".join(line for line in printed.out.splitlines() if "127.0.0.1: " not in line), printed.err

    return call


def test_dlm_only_names_the_machine(agent: Agent, power: Power) -> None:
    assert agent(port="web1", node=1, fail_time=12) == (0, "", "")
    assert power.done == ["reboot web1"]


@pytest.mark.parametrize("action", ["off", "on", "reboot"])
def test_actions(agent: Agent, power: Power, action: str) -> None:
    assert agent(action=action, plug="web1")[0] == 0
    assert power.done == [f"{action} web1"]


@pytest.mark.parametrize(("state", "code"), [("on", 0), ("off", 2)])
def test_status(agent: Agent, power: Power, state: str, code: int) -> None:
    power.state = state
    assert agent(action="status", port="web1") == (code, state, "")


def test_list_and_monitor(agent: Agent) -> None:
    assert agent(action="list") == (0, "web1,\nweb2,", "")
    assert agent(action="monitor") == (0, "", "")


def test_options_on_the_command_line(agent: Agent, power: Power) -> None:
    port = str(power.port)  # type: ignore[attr-defined]
    assert agent("-o", "off", "--ip=127.0.0.1", "-u", port, "--plug", "web2", "-p", "secret")[0] == 0
    assert power.done == ["off web2"]


def test_metadata_needs_no_server(agent: Agent) -> None:
    code, output, _error = agent(action="metadata", ipport=1)
    assert code == 0
    assert '<resource-agent name="fence_lvslab"' in output


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"passwd": "wrong"}, "the secret is another one than that of this lab"),
        ({"port": "nobody"}, "lab 'demo' has no machine 'nobody'"),
        ({"ipport": 1}, "Connection refused"),
        ({"port": ""}, "missing: plug"),
        ({"ip": ""}, "missing: ip"),
        ({"action": "explode"}, "no action explode"),
    ],
)
def test_failures(agent: Agent, power: Power, options: dict[str, Any], complaint: str) -> None:
    code, _output, error = agent(**{"port": "web1", **options})
    assert code == 1
    assert complaint in error
    assert power.done == []


def test_the_secret_by_a_program(agent: Agent, power: Power, tmp_path: Path) -> None:
    script = tmp_path / "secret"
    script.write_text("#!/bin/sh\necho secret\n")
    script.chmod(0o755)
    assert agent(port="web1", passwd="", passwd_script=script)[0] == 0
    assert power.done == ["reboot web1"]


def test_a_request_counts_once() -> None:
    """What was listened to is worth nothing for another connection, nor for another machine."""
    proof = signature("secret", "nonce-1", "off web1")
    power = Power()
    assert answer("secret", "nonce-1", f"{proof} off web1\n", power) == "ok"
    assert answer("secret", "nonce-2", f"{proof} off web1\n", power).startswith("error the secret")
    assert answer("secret", "nonce-1", f"{proof} off web2\n", power).startswith("error the secret")
    assert answer("secret", "nonce-1", "\n", power).startswith("error the secret")
    assert power.done == ["off web1"]


def test_a_silent_client_does_not_hold_up_others(agent: Agent, power: Power) -> None:
    with socket.create_connection(("127.0.0.1", power.port)):  # type: ignore[attr-defined]
        assert agent(action="monitor")[0] == 0


@pytest.fixture
def switches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Switches, list[tuple[str, str, bool]]]:
    """The switches of a lab with one machine, and what they have asked the lab for."""
    asked: list[tuple[str, str, bool]] = []
    monkeypatch.setattr(Lab, "names", lambda _self: ["web1"])
    monkeypatch.setattr(
        fencing, "run", lambda request, check_mode: asked.append((request.name, request.state, request.force))
    )
    return Switches(tmp_path, "demo"), asked


@pytest.mark.parametrize(
    ("action", "states"), [("off", ["stopped"]), ("on", ["started"]), ("reboot", ["stopped", "started"])]
)
def test_switches(switches: Any, action: str, states: list[str]) -> None:
    own, asked = switches
    assert own.act(action, "web1") == ""
    assert asked == [("web1", state, True) for state in states]


def test_switches_of_nothing(switches: Any) -> None:
    own, asked = switches
    assert own.act("list", "") == "web1"
    assert own.act("monitor", "") == ""
    with pytest.raises(LabError, match="lab 'demo' has no machine 'lb9'"):
        own.act("off", "lb9")
    with pytest.raises(LabError, match="there is no action 'explode'"):
        own.act("explode", "web1")
    assert asked == []


@pytest.mark.parametrize(
    ("spec", "what"),
    [
        (FencingSpec("lan", "192.0.2.254", 7700), "the prefix length is missing"),
        (FencingSpec("lan", "lan/24", 7700), "is not an IPv4 address"),
        (FencingSpec("lan", "192.0.2.254/24", 0), "port 0 must be from 1 to 65535"),
    ],
)
def test_what_cannot_be(spec: FencingSpec, what: str) -> None:
    with pytest.raises(LabError, match=what):
        check(spec)


def test_the_mark_tells_labs_apart(tmp_path: Path) -> None:
    marks = [Lab(tmp_path, name).files.fencing_mark for name in ("a", "ab")]
    assert not marks[1].startswith(marks[0])


def test_an_address_of_a_machine_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fencing_service.process, "find", lambda _mark: None)
    monkeypatch.setattr(Lab, "address_owner", lambda *_: "web1")
    service = FencingService(Lab(tmp_path, "demo"))
    with pytest.raises(LabError, match=r"address 192.0.2.254 belongs to machine 'web1'; choose a free one"):
        service.start(SPEC, Path("program"))
    assert service.observe() is None
