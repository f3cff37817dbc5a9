# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A health checker of a director: the configuration file of ours that it reads, and its systemd service.

What is special of each program is in a subclass. The running program was told of a configuration whose fingerprint is
remembered in the state folder: a run that was cut off between installing and telling is completed by the next one.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from ansible.module_utils.basic import AnsibleModule

from . import boot_unit
from .files import read_state, read_text, replace_text, write_state

if TYPE_CHECKING:
    from .ipvs.drain import Drain
    from .ipvs.follow import Follower

MARK = "Managed by lvs.cluster"
"""A configuration whose first lines hold this text is ours."""


def is_ours(text: str | None) -> bool:
    """Tell whether this configuration bears our mark."""
    return any(MARK in line for line in (text or "").splitlines()[:5])


def says_nothing(text: str | None) -> bool:
    """Tell whether this is nobody's configuration: there is none, or it has nothing but comments, as a sample has."""
    return all(line.lstrip()[:1] in ("", "#", "!") for line in (text or "").splitlines())


def listed(problems: Sequence[str], limit: int = 20) -> str:
    """Return problems as lines of a message, the first ones if there are many."""
    rest = len(problems) - limit
    return "\n".join([*problems[:limit], *([f"and {rest} more"] if rest > 0 else [])])


class HealthChecker:
    """The file and the service that the options `path` and `service` of `module` name."""

    NAME: ClassVar[str]
    """The program, and what its state is remembered under."""
    HEALED_BY: ClassVar[tuple[str, str]]
    """What makes it put services into the kernel again that it believes to be there, and what that costs."""
    RESTARTS_FOR_DROP_IN: ClassVar[bool]
    """Whether one that runs has to be restarted for another `drop_in`."""

    def __init__(self, module: AnsibleModule) -> None:
        self.module = module
        self.path = Path(module.params["path"])
        self.backup = Path(f"{self.path}.before-lvs-cluster")
        self.service: str = module.params["service"]
        self.drop_in_path: Path = boot_unit.UNITS / f"{self.service}.service.d/lvs-cluster.conf"
        self.current = read_text(self.path)
        self.running = self.systemctl("is-active", "--quiet") == 0
        self.enabled = self.systemctl("is-enabled", "--quiet") == 0
        self.results: dict[str, Any] = {}
        """What the module returns beside the usual."""

    def run(self) -> None:
        """Do what the option `state` says, and end the module. Raises IpvsError."""
        state = self.module.params["state"]
        if state == "absent":
            self._uninstall()
        if state == "stopped":
            self._stop()
        content = self.module.params["content"]
        if not is_ours(content):
            self.module.fail_json(
                msg=f"content: one of the first five lines has to be a comment with '{MARK}': it marks the file as ours"
            )
        self._install(content)

    def test(self, content: str) -> None:
        """Have the program test a configuration. Fails if it does not accept it."""
        raise NotImplementedError

    def follower(self, content: str, replaces: bool) -> Follower | None:
        """Return who compares the configuration with the table; None for nothing to compare.

        It is asked before the program is told. If the configuration `replaces` one that the program follows, what the
        program is to remove is compared too.
        """
        raise NotImplementedError

    def leaving(self, content: str) -> Drain:
        """Return who leaves the table with this configuration."""
        raise NotImplementedError

    def give_back_weights(self, content: str) -> None:
        """Undo a drain that was cut off, as far as a reload does not."""

    def at_start(self, content: str) -> Mapping[str, str]:
        """Return what the program takes from a configuration only when it starts, by keywords."""
        return {}

    def restart(self) -> None:
        """Stop and start the service."""
        self.act("restart")

    def drop_in(self) -> str:
        """Return what systemd is told of the service beyond the unit of its package."""
        raise NotImplementedError

    def supervise(self) -> bool:
        """Install the drop-in; tell whether that changes anything. In check mode only tell."""
        wanted = self.drop_in()
        if read_text(self.drop_in_path) == wanted:
            return False
        if not self.module.check_mode:
            self._write_drop_in(wanted)
        return True

    def end(self) -> None:
        """Stop the service."""
        self.act("stop")

    def masked(self, text: str) -> str:
        """Return the configuration as a diff may show it."""
        return text

    def act(self, *action: str) -> None:
        """Have systemd do something with the service. Fails with its last messages."""
        if self.systemctl(*action):
            journal = self.module.run_command(
                ["journalctl", "--no-pager", "--lines=10", "--output=cat", "--unit", self.service]
            )[1]
            self.module.fail_json(
                msg=f"systemctl {' '.join(action)} {self.service} failed. Its last messages:\n{journal.strip()}"
            )

    def systemctl(self, *arguments: str) -> int:
        """Return the exit code of a systemctl command about the service."""
        code: int = self.module.run_command(["systemctl", *arguments, self.service])[0]
        return code

    def _install(self, content: str) -> None:
        """Make `content` the configuration that the running service follows."""
        self._refuse_foreign()
        rewrite = content != self.current
        if rewrite:
            self.test(content)
        fingerprint = hashlib.sha256(content.encode()).hexdigest()
        state = read_state(self.NAME)
        cut_off = bool(state.get("draining"))
        drained = self._drain(content, state) if cut_off or (rewrite and self.running) else {}
        supervised = self.supervise()
        followed = state.get("followed") == fingerprint and not cut_off
        values = {} if followed else self.at_start(content)
        unread = self._unread(values, state) if self.running and not followed else []
        restart = bool(unread) or (supervised and self.RESTARTS_FOR_DROP_IN)
        action = "start" if not self.running else "restart" if restart else "none" if followed else "reload"
        follower = self.follower(content, replaces=action in ("reload", "restart"))
        if not self.module.check_mode:
            if rewrite:
                self._keep_foreign()
                # Only root reads it: it may hold secrets.
                replace_text(self.path, content, 0o600)
            if action != "none":
                self._tell(action)
                write_state(self.NAME, {"followed": fingerprint, "at_start": values or self.at_start(content)})
            if not self.enabled:
                self.act("enable")
        changed = rewrite or supervised or action != "none" or not self.enabled
        found = {}
        if follower and (action == "none" or not self.module.check_mode):
            found = self._follow(follower, action)
        self._exit(action, content, changed or bool(found.get("repaired")), **drained, **found)

    def _tell(self, action: str) -> None:
        """Have the program follow the file."""
        if action == "restart":
            self.restart()
        else:
            self.act(action)

    def _unread(self, values: Mapping[str, str], state: Mapping[str, Any]) -> list[str]:
        """Return the keywords that a reload would not change to `values`, and say that they cost a restart."""
        before = state.get("at_start")
        if not isinstance(before, Mapping):
            before = self.at_start(self.current or "")
        names = [name for name in {**before, **values} if before.get(name) != values.get(name)]
        if names:
            self.results["restarted_for"] = names
            self.module.warn(
                f"{self.NAME} reads {', '.join(names)} only when it starts, so it is restarted{self.HEALED_BY[1]}"
            )
        return names

    def _drain(self, content: str, state: Mapping[str, Any]) -> dict[str, Any]:
        """Drain the servers that leave. Meanwhile the state says so, for a run after one that is cut off here."""
        timeout = self.module.params["drain_timeout"]
        if state.get("draining") and not self.module.check_mode:
            self.give_back_weights(content)
        leaving = self.leaving(content)
        if timeout is None or not leaving.needed:
            return {}
        if self.module.check_mode:
            return {"drained": leaving.report()}
        write_state(self.NAME, {**state, "draining": True})
        return {"drained": leaving.run(timeout)}

    def _follow(self, follower: Follower, action: str) -> dict[str, Any]:
        """Wait until the kernel has what the program makes of the configuration, and repair what that leaves stale."""
        timeout, wait_for_servers = self.module.params["settle_timeout"], self.module.params["wait_for_servers"]
        found = follower.settle(timeout, wait_for_servers)
        missing = ", ".join(map(str, found.missing))
        if missing and action == "none":
            command, cost = self.HEALED_BY
            self.module.fail_json(
                msg=f"the kernel has lost what {self.NAME} had put there: {missing}. {self.NAME} does not notice that;"
                f" run 'systemctl {command} {self.service}' on this host{cost}"
            )
        if missing:
            self.module.fail_json(
                msg=f"{timeout:g} seconds after its {action} {self.NAME} has not put into the kernel: {missing}."
                f" See 'journalctl -u {self.service}' on this host"
            )
        if wait_for_servers and found.empty:
            self.module.fail_json(
                msg=f"no real server has passed its health check within {timeout:g} seconds for:"
                f" {', '.join(map(str, found.empty))}. See why in 'journalctl -u {self.service}' on this host"
            )
        result: dict[str, Any] = {}
        if found.leftover:
            result["leftover"] = found.leftover
            self.module.warn(f"{self.NAME} has left in the kernel what is no longer declared: {listed(found.leftover)}")
        if found.stale:
            result.update(repaired=[str(operation) for operation in found.stale], kernel_diff=found.diff)
            if not self.module.check_mode:
                found.repair()
        return result

    def _stop(self) -> None:
        if self.running and not self.module.check_mode:
            self.end()
        self._exit("stop" if self.running else "none", self.current, self.running)

    def _uninstall(self) -> None:
        """Stop the service and remove our configuration; put back what was taken over."""
        if not is_ours(self.current):
            self._exit("none", self.current, False)
        action = "stop" if self.running else "none"
        restored = read_text(self.backup)
        if not self.module.check_mode:
            self.end()
            self.act("disable")
            self._write_drop_in(None)
            replace_text(self.path, restored, 0o600)
            replace_text(self.backup, None)
            write_state(self.NAME, {})
        self._exit(action, restored, True)

    def _write_drop_in(self, text: str | None) -> None:
        replace_text(self.drop_in_path, text)
        if text is None:
            with contextlib.suppress(OSError):  # others have something there
                self.drop_in_path.parent.rmdir()
        self.module.run_command(["systemctl", "daemon-reload"], check_rc=True)

    def _found(self) -> str:
        return "ours" if is_ours(self.current) else "none" if says_nothing(self.current) else "foreign"

    def _refuse_foreign(self) -> None:
        if self._found() == "foreign" and not self.module.params["take_over"]:
            self.module.fail_json(
                msg=f"{self.path} was not written by lvs.cluster, so it stays. Set lvs_take_over: true to replace it"
                f" (it is kept as {self.backup}), or move it away if nothing needs it"
            )

    def _keep_foreign(self) -> None:
        if self.current and not is_ours(self.current):
            replace_text(self.backup, self.current, 0o600)

    def _exit(
        self, action: str, after: str | None, changed: bool, kernel_diff: Mapping[str, Any] | None = None, **more: Any
    ) -> None:
        diff: Any = {
            "before_header": str(self.path),
            "after_header": f"{self.path} (service: {action})",
            "before": self.masked(self.current or ""),
            "after": self.masked(after or ""),
        }
        if kernel_diff:
            diff = [diff, kernel_diff]
        if self.backup.exists():
            more["backup"] = str(self.backup)
        self.module.exit_json(changed=changed, action=action, found=self._found(), diff=diff, **self.results, **more)
