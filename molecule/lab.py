# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab as the scenarios' tests see it: its hosts, its power switches, our playbooks, a client under load."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import testinfra
from testinfra.host import Host

PROJECT = Path(__file__).resolve().parent.parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lvs-cluster"
PROBE = PROJECT / "plugins" / "module_utils" / "probe" / "http.py"


@dataclass(frozen=True)
class Run:
    """A finished playbook run."""

    code: int
    output: str
    changed: int


@dataclass(frozen=True)
class Lab:
    """A running lab and the inventory that describes it."""

    name: str
    inventory: Path

    @property
    def ssh_config(self) -> Path:
        return CACHE / "labs" / self.name / "ssh_config"

    def host(self, name: str) -> Host:
        """Return a testinfra host; all of them share one ssh connection per machine."""
        return testinfra.get_host(f"ssh://{name}", ssh_config=str(self.ssh_config))

    def playbook(self, name: str, *arguments: str) -> Run:
        """Run a playbook of ours, such as `lvs.cluster.site`."""
        result = self._ansible(["ansible-playbook", name, *arguments])
        changed = sum(stats["changed"] for stats in result["stats"].values())
        return Run(result["code"], result["output"], changed)

    def module(self, host: str, module: str, *options: str, **parameters: Any) -> dict[str, Any]:
        """Run one module on one host and return its result; of several hosts (web1,web2) that of the first."""
        arguments = ["-a", json.dumps(parameters)] if parameters else []
        result = self._ansible(["ansible", host, "-m", module, *options, *arguments])
        answers: dict[str, dict[str, Any]] = result["plays"][0]["tasks"][0]["hosts"]
        assert not any(answer.get("failed") for answer in answers.values()), answers
        return answers[host.split(",")[0]]

    def _ansible(self, command: list[str]) -> dict[str, Any]:
        environment = {
            **os.environ,
            "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json",
            "ANSIBLE_LOAD_CALLBACK_PLUGINS": "true",
        }
        inventory = ["-i", str(self.inventory), "-e", f"lab_name={self.name}"]
        done = subprocess.run([*command, *inventory], env=environment, capture_output=True, text=True, check=False)
        start = done.stdout.find("{\n")
        assert start >= 0, done.stdout + done.stderr
        result: dict[str, Any] = json.loads(done.stdout[start:])
        return {**result, "code": done.returncode, "output": done.stdout + done.stderr}

    def power(self, state: str, *machines: str, force: bool = False) -> None:
        """Switch machines all at once."""
        switch = {"lab": self.name, "name": "{{ inventory_hostname }}", "state": state, "force": force}
        self.module(",".join(machines), "lvs.cluster.lab_machine", "--connection=local", **switch)

    def plug(self, *machines: str, cable: bool) -> None:
        """Plug the cables of machines into the segment `lan`, or out of it. They do not notice themselves.

        A tap device that is down would not do: a machine whose packets cannot be written never sends again.
        """
        segment = ["master", "lan"] if cable else ["nomaster"]
        for machine in machines:
            subprocess.run(
                ["ip", "-netns", f"lvslab-{self.name}", "link", "set", "dev", f"{machine}-eth0", *segment], check=True
            )

    def sync_daemons(self, director: str) -> set[str]:
        """The roles of the sync daemons that run on a director."""
        lines = self.host(director).check_output("ipvsadm --list --daemon").splitlines()
        return {line.split()[0] for line in lines}


class Clients:
    """Programs on a client that run until the end of the block and then print what they saw, as JSON.

    `results` has that by the name of the program.
    """

    def __init__(self, client: Host, programs: Mapping[str, str]) -> None:
        self.results: dict[str, dict[str, Any]] = {}
        self._client = client
        self._pids = f"/tmp/{type(self).__name__}-{id(self)}.pids"
        self._threads = [threading.Thread(target=self._run, args=each) for each in programs.items()]

    def _run(self, name: str, program: str) -> None:
        command = f"echo $$ >> {self._pids}; exec python3 {program}"
        self.results[name] = json.loads(self._client.check_output(command))

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        time.sleep(1)
        return self

    def __exit__(self, *_: object) -> None:
        # Some may have ended before; what they saw tells why.
        self._client.check_output(f"kill -TERM $(cat {self._pids}); rm {self._pids}")
        for thread in self._threads:
            thread.join()


class Load(Clients):
    """Clients, one for each URL, that open a new connection for a request every 20 ms; `results` is by URL.

    A request may take `timeout_ms`: short to measure a gap, long to tell a request that is lost from one that is slow on
    a busy machine.
    """

    def __init__(self, client: Host, *urls: str, timeout_ms: int = 250) -> None:
        options = f"--timeout {timeout_ms} --duration 300 --json"
        super().__init__(client, {url: f"/tmp/probe.py --url {url} {options}" for url in urls})

    def __enter__(self) -> Self:
        self._client.check_output(f"cat > /tmp/probe.py <<'END'\n{PROBE.read_text(encoding='utf-8')}\nEND")
        return super().__enter__()

    def total(self, count: str) -> int:
        """A count, such as failed_requests, of all clients together."""
        return sum(result[count] for result in self.results.values())


def at_once(function: Callable[[str], None], hosts: Iterable[str]) -> None:
    """Call a function for all hosts at the same time."""
    with ThreadPoolExecutor() as pool:
        list(pool.map(function, hosts))


def wait_until(
    condition: Callable[[], bool], seconds: float, what: str, shown: Callable[[], object] | None = None
) -> float:
    """Wait until the condition holds and return the seconds that took.

    Fail with `what` when it never does, and with what `shown` returns then.
    """
    start = time.monotonic()
    while not condition():
        assert time.monotonic() - start < seconds, (
            f"not within {seconds} s: {what}{f'; now: {shown()}' if shown else ''}"
        )
        time.sleep(0.2)
    return time.monotonic() - start


def report(line: str) -> None:
    """Show a measured figure, and leave it where `make test` prints it at the end."""
    print(line)
    if path := os.environ.get("LVS_REPORT"):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(line + "\n")
