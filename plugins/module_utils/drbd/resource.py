# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The configuration of a replicated volume for DRBD 8.4, and the unit that takes it up at boot: pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ansible_collections.lvs.cluster.plugins.module_utils.network.address import canonical

MARK = "Managed by lvs.cluster"
NAME = re.compile(r"[a-z][a-z0-9_-]{0,11}")
"""With `lvs-` before it, it is the label of the file system, which has 16 characters at most."""

SECRET = re.compile(r'^(\s*shared-secret ").*(";)$', re.MULTILINE)


@dataclass(frozen=True)
class Volume:
    """A block device of two hosts that have the same contents."""

    name: str
    minor: int
    device: str
    addresses: Sequence[str]
    """Of the two hosts, the same order on both."""
    port: int
    secret: str = ""
    resync_rate: str = "100M"
    detection: int = 2
    """Seconds of silence after which a host asks whether its peer is still there."""
    handlers: Mapping[str, str] = field(default_factory=dict)

    @property
    def replicated(self) -> str:
        """Return the device that is mounted."""
        return f"/dev/drbd{self.minor}"

    @property
    def label(self) -> str:
        """Return the label of the file system, by which a device is known to be ours."""
        return f"lvs-{self.name}"


def problems_of(volume: Volume) -> list[str]:
    """Return what is wrong with it."""
    found = []
    if not NAME.fullmatch(volume.name):
        rule = "up to 12 lower-case letters, digits, '-' and '_', a letter first"
        found.append(f"name: '{volume.name}' is no name of a volume; write {rule}")
    if not volume.device.startswith("/dev/"):
        found.append(f"device: '{volume.device}' is no block device; write a path like /dev/vdb")
    found += [
        f"addresses: '{address}' is no IP address; write one like 192.0.2.31"
        for address in volume.addresses
        if canonical(address) is None
    ]
    if len(set(volume.addresses)) != 2:
        found.append(f"addresses: a pair has two different addresses, not {len(set(volume.addresses))}")
    if not 0 < volume.port < 65536:
        found.append(f"port: {volume.port} is no port; write one from 1 to 65535")
    if volume.secret and not re.fullmatch(r"[A-Za-z0-9]{16,64}", volume.secret):
        found.append("secret: it has to have 16 to 64 letters and digits")
    return found


def render(volume: Volume) -> str:
    """Return the text of its file in /etc/drbd.d."""
    hosts = [f"ipv6 [{address}]" if ":" in address else address for address in volume.addresses]
    lines = [
        f"# {MARK}. Changes made by hand are lost with the next run.",
        f"resource {volume.name} {{",
        f"    device {volume.replicated} minor {volume.minor};",
        f"    disk {volume.device};",
        "    meta-disk internal;",
        "    protocol C;",
        "    disk {",
        "        # A disk that fails is left: reads and writes go to the peer then.",
        "        on-io-error detach;",
        "        # Without the peer nothing is read or written until it is decided whether this host may go on alone.",
        "        fencing resource-and-stonith;",
        f"        c-max-rate {volume.resync_rate};",
        "        c-min-rate 4M;",
        "        c-fill-target 1M;",
        "    }",
        "    net {",
        "        # Seconds and tenths of them, until a silent peer is given up.",
        f"        ping-int {volume.detection};",
        f"        connect-int {volume.detection};",
        f"        timeout {volume.detection * 10 - 5};",
        "        ping-timeout 10;",
        "        # No version of the data is ever given up by itself if it has changes that the other has not.",
        "        after-sb-0pri discard-zero-changes;",
        "        after-sb-1pri consensus;",
        "        after-sb-2pri disconnect;",
        "        csums-alg sha256;",
        "        verify-alg sha256;",
        *_secret(volume.secret),
        "    }",
        *_handlers(volume.handlers),
        *(f"    floating {host}:{volume.port};" for host in hosts),
        "}",
    ]
    return "\n".join(lines) + "\n"


def _secret(secret: str) -> list[str]:
    return ["        cram-hmac-alg sha256;", f'        shared-secret "{secret}";'] if secret else []


def _handlers(handlers: Mapping[str, str]) -> list[str]:
    if not handlers:
        return []
    return ["    handlers {", *(f'        {name} "{command}";' for name, command in handlers.items()), "    }"]


def masked(text: str) -> str:
    """Return a configuration as a diff may show it."""
    return SECRET.sub(r"\1********\2", text)


def render_unit(volume: Volume) -> str:
    """Return the text of the unit that takes the volume up, as Secondary, and down."""
    return "\n".join(
        [
            f"# {MARK}.",
            "[Unit]",
            f"Description=Replicated volume {volume.name}",
            "Wants=network-online.target",
            "After=network-online.target",
            "Before=keepalived.service",
            "",
            "[Service]",
            "Type=oneshot",
            "RemainAfterExit=yes",
            f"ExecStart=/usr/sbin/drbdadm adjust {volume.name}",
            f"ExecStop=/usr/sbin/drbdadm down {volume.name}",
            "",
            "[Install]",
            "WantedBy=multi-user.target",
            "",
        ]
    )
