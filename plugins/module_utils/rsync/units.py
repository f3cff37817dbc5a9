# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The systemd units of copies: pure, no I/O."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.lvs.cluster.plugins.module_utils.boot_unit import literal
from ansible_collections.lvs.cluster.plugins.module_utils.rsync.copies import LOCKED, Copy

PROGRAM = "/usr/local/sbin/lvs-rsync"
KINDS = ("lvs-rsync", "lvs-rsync-received", "lvs-rsync-fresh")

_PULL = f"""# Managed by lvs.cluster.
[Unit]
Description=Copies the shared data %i
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
ExecStart={PROGRAM} pull %i
# Another run was at work.
SuccessExitStatus={LOCKED}
"""

_RECEIVED = f"""# Managed by lvs.cluster.
[Unit]
Description=Notes that all of the shared data %i has come

[Service]
Type=oneshot
ExecStart={PROGRAM} received %i
"""

_FRESH = f"""# Managed by lvs.cluster.
# Fails, and says why, while the copy is too old. Hang an alarm on it by rsync_client_on_failure, or by a drop-in:
#   /etc/systemd/system/lvs-rsync-fresh@.service.d/alarm.conf
#   [Unit]
#   OnFailure=your-alarm@%n.service
[Unit]
Description=Tells whether the shared data %i is fresh
{{on_failure}}
[Service]
Type=oneshot
ExecStart={PROGRAM} check %i
"""

_PULL_TIMER = """# Managed by lvs.cluster.
[Unit]
Description=Copies the shared data {copy.name} every {copy.interval} s

[Timer]
OnBootSec=5
OnUnitInactiveSec={copy.interval}
# So that not all readers come at once.
RandomizedDelaySec={delay}
AccuracySec=1

[Install]
WantedBy=timers.target
"""

_RECEIVED_PATH = """# Managed by lvs.cluster.
[Unit]
Description=Waits for the marker that is pushed after the shared data {copy.name}

[Path]
PathChanged={marker}

[Install]
WantedBy=paths.target
"""

_FRESH_TIMER = """# Managed by lvs.cluster.
[Unit]
Description=Tells whether the shared data {copy.name} is fresh

[Timer]
OnBootSec={look}
OnUnitInactiveSec={look}
AccuracySec=1

[Install]
WantedBy=timers.target
"""


def services(on_failure: str) -> Mapping[str, str]:
    """Return the texts of the services that all copies share, by their names.

    `on_failure` is the unit that starts when a copy is found too old; empty for none.
    """
    alarm = f"OnFailure={on_failure}\n" if on_failure else ""
    return {f"{kind}@.service": text for kind, text in zip(KINDS, (_PULL, _RECEIVED, _FRESH.format(on_failure=alarm)))}


def starters(copy: Copy) -> Mapping[str, str]:
    """Return the texts of the units that start the services of a copy, by their names."""
    look = min(max(copy.max_age // 5, 5), 60)
    first = (
        {f"lvs-rsync@{copy.name}.timer": _PULL_TIMER.format(copy=copy, delay=copy.interval // 5)}
        if copy.direction == "pull"
        else {
            f"lvs-rsync-received@{copy.name}.path": _RECEIVED_PATH.format(copy=copy, marker=literal(str(copy.marker)))
        }
    )
    return {**first, f"lvs-rsync-fresh@{copy.name}.timer": _FRESH_TIMER.format(copy=copy, look=look)}


def wanted_by(unit: str) -> str:
    """Return the folder, in that of the units, with the link by which a unit is started at boot."""
    return f"{unit.rpartition('.')[2]}s.target.wants"


def instances(name: str) -> list[str]:
    """Return the services of a copy."""
    return [f"{kind}@{name}.service" for kind in KINDS]
