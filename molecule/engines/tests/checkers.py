# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service for each kind of health check, and real servers that can be sick for each of them.

Only the directors are told of these services: no client asks for them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from cluster import DIRECTORS, VIPS, WEB, table
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from lab import Lab, at_once, report, wait_until

WEB_SERVICE = {
    "name": "web",
    "vip": list(VIPS),
    "port": 80,
    "forwarding": "dr",
    "scheduler": "wlc",
    "real_servers": "lvs_real_servers",
    "health_check": {"type": "http", "path": "/healthz", "status": 200},
}
"""What the inventory declares."""

CHECKED = Path(__file__).parents[1] / "checked.py"
SCRIPT = "/usr/local/bin/check {vip} {vport} {address} {port}"
PACE = {"delay_loop": 1, "connect_timeout": 2, "retry": 1, "delay_before_retry": 1}

KINDS: Mapping[str, Mapping[str, Any]] = {
    "http": {"port": 8001, "health_check": {"type": "http", "regex": "(?m)^well"}},
    "https": {"port": 8002, "health_check": {"type": "https", "virtualhost": "www.example.com"}},
    "tcp": {"port": 8003, "health_check": {"type": "tcp"}},
    "udp": {"port": 8004, "protocol": "udp", "health_check": {"type": "udp", "payload": "01", "require_reply": True}},
    "dns": {
        "port": 53,
        "protocol": "udp",
        "health_check": {"type": "dns", "name": "www.example.com", "record": "A"},
    },
    "ping": {"port": 8006, "health_check": {"type": "ping"}},
    "smtp": {"port": 25, "health_check": {"type": "smtp"}},
    "misc": {"port": 8008, "health_check": {"type": "misc", "script": SCRIPT, "user": "root"}},
    "file": {"port": 8009, "health_check": {"type": "file", "file": "/run/weights/{host}"}},
    "bfd": {"port": 8010, "health_check": {"type": "bfd", "min_rx": 500, "min_tx": 500, "multiplier": 4}},
    "sorry": {"port": 8011, "real_servers": ["web1"], "sorry_server": "web3", "health_check": {"type": "tcp"}},
    "kept": {"port": 8012, "inhibit_on_failure": True, "health_check": {"type": "tcp"}},
}
# ldirectord has a Perl process for each service: with all of them and a check every second, they would take nearly all
# of two processors. Its ping knows IPv4 alone in any case.
SLOWER = {"ldirectord": {"delay_loop": 3}}
IPV4_ALONE = {"ldirectord": ("dns", "misc", "ping", "smtp", "tcp")}
UNKNOWN = {"ldirectord": ("udp", "file", "bfd")}

CHECK = """#!/bin/sh
# Well, unless somebody says otherwise. ldirectord has brackets around IPv6 addresses.
! grep --quiet --line-regexp --fixed-strings "$(echo "$3" | tr --delete '[]')" /run/sick
"""

TRUSTED = "/usr/local/share/ca-certificates/checked.crt"

SESSION = "bfd_instance {name} {{\n    neighbor_ip {address}\n    min_rx 500\n    min_tx 500\n    multiplier 4\n}}\n"


def services(engine: str) -> list[dict[str, Any]]:
    """The services to declare for an engine."""
    return [
        WEB_SERVICE,
        *(
            {
                "name": kind,
                "vip": list(VIPS[:1] if kind in IPV4_ALONE.get(engine, ()) else VIPS),
                **options,
                "health_check": {**options["health_check"], **PACE, **SLOWER.get(engine, {})},
            }
            for kind, options in KINDS.items()
            if kind not in UNKNOWN.get(engine, ())
        ),
    ]


def extra(engine: str, folder: Path) -> tuple[str, ...]:
    """Arguments of a playbook for an engine with these services."""
    file = folder / f"{engine}.json"
    file.write_text(json.dumps({"lvs_director_engine": engine, "lvs_services": services(engine)}), encoding="utf-8")
    return "-e", f"@{file}"


def own_addresses(host: str) -> tuple[str, str]:
    number = {"lb": "1", "we": "2"}[host[:2]] + host[-1]
    return f"192.0.2.{number}", f"2001:db8::{number}"


def certificate(name: str) -> tuple[str, str]:
    """Return a key and a certificate that it signed itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    # The clocks of machines may differ from ours by a little.
    begin = datetime.now(timezone.utc) - timedelta(days=1)
    signed = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=30))
        .sign(key, hashes.SHA256())
    )
    formats = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return key.private_bytes(*formats).decode(), signed.public_bytes(serialization.Encoding.PEM).decode()


def prepare(lab: Lab) -> None:
    """Start what the checks ask, and bring what they look at."""
    key, signed = certificate("www.example.com")
    program = CHECKED.read_text(encoding="utf-8")
    sessions = "".join(
        SESSION.format(name=address, address=address) for name in DIRECTORS for address in own_addresses(name)
    )

    def real_server(name: str) -> None:
        host = lab.host(name)
        for path, text in (("checked.py", program), ("checked.pem", key + signed), ("bfd.conf", sessions)):
            host.check_output(f"cat > /run/{path} <<'END'\n{text}\nEND")
        host.check_output("apt-get install --yes --no-install-recommends keepalived")
        host.check_output("systemd-run --unit=checked-sick python3 /run/checked.py sick /run/checked.pem")
        recover(lab, name)

    def director(name: str) -> None:
        host = lab.host(name)
        # ldirectord on Debian 13 takes only certificates that the host trusts.
        host.check_output("apt-get install --yes --no-install-recommends ca-certificates")
        host.check_output(f"cat > {TRUSTED} <<'END'\n{signed}END\nupdate-ca-certificates")
        host.check_output(f"cat > /usr/local/bin/check <<'END'\n{CHECK}END\nchmod 755 /usr/local/bin/check")
        host.check_output("touch /run/sick; mkdir -p /run/weights")
        host.check_output("; ".join(f"echo 0 > /run/weights/{server}" for server in WEB))

    at_once(director, DIRECTORS)
    at_once(real_server, WEB)


def sicken(lab: Lab, name: str) -> None:
    """Make a real server fail every check, each in the way of its kind."""
    lab.host(name).check_output(
        "touch /run/sick; systemctl stop checked-plain checked-bfd;"
        " sysctl --quiet --write net.ipv4.icmp_echo_ignore_all=1 net.ipv6.icmp.echo_ignore_all=1"
    )
    for director in DIRECTORS:
        listed = "\\n".join(own_addresses(name))
        lab.host(director).check_output(f"printf '{listed}\\n' > /run/sick; echo -254 > /run/weights/{name}")


def recover(lab: Lab, name: str) -> None:
    """Make it well again."""
    lab.host(name).check_output(
        "rm --force /run/sick; systemd-run --unit=checked-plain python3 /run/checked.py plain;"
        " systemd-run --unit=checked-bfd keepalived --dont-fork --use-file=/run/bfd.conf;"
        " sysctl --quiet --write net.ipv4.icmp_echo_ignore_all=0 net.ipv6.icmp.echo_ignore_all=0"
    )
    for director in DIRECTORS:
        lab.host(director).check_output(f": > /run/sick; mkdir -p /run/weights; echo 0 > /run/weights/{name}")


def clean(lab: Lab) -> None:
    """Leave the real servers as they were."""

    def real_server(name: str) -> None:
        lab.host(name).check_output(
            "systemctl stop checked-sick checked-plain checked-bfd; rm /run/checked.* /run/bfd.conf;"
            " apt-get purge --yes --autoremove keepalived"
        )

    def director(name: str) -> None:
        lab.host(name).check_output(
            f"rm -r /run/sick /run/weights /usr/local/bin/check {TRUSTED}; update-ca-certificates"
        )

    at_once(real_server, WEB)
    at_once(director, DIRECTORS)


def in_rotation(lab: Lab, director: str) -> dict[str, set[str]]:
    """The real servers that get connections, by kind of check and family, such as `http IPv4`."""
    kinds = {options["port"]: kind for kind, options in KINDS.items()}
    found: dict[str, set[str]] = {}
    for line in table(lab, director):
        words = line.split()
        endpoint = words[2]
        port = int(endpoint.rpartition(":")[2])
        if port not in kinds:
            continue
        servers = found.setdefault(f"{kinds[port]} {'IPv6' if '[' in endpoint else 'IPv4'}", set())
        if words[0] == "-a" and words[-1] != "0":
            servers.add(f"web{words[4].rpartition(':')[0].strip('[]')[-1]}")
    return found


def expected(engine: str, sick: str | None = None) -> dict[str, set[str]]:
    """What `in_rotation` shows if nobody is sick, or this server is."""
    well = {
        f"{each['name']} {'IPv6' if ':' in vip else 'IPv4'}": set(each.get("real_servers", WEB))
        for each in services(engine)[1:]
        for vip in each["vip"]
    }
    if sick is None:
        return well
    return {kind: servers - {sick} or {"web3"} for kind, servers in well.items()}


def wait_for(lab: Lab, engine: str, sick: str | None = None, seconds: float = 60) -> float:
    """Wait until both directors have in rotation who should be."""
    wanted = expected(engine, sick)

    def differences() -> dict[str, dict[str, set[str]]]:
        return {
            name: {kind: found.get(kind, set()) for kind in wanted if found.get(kind) != wanted[kind]}
            for name, found in ((name, in_rotation(lab, name)) for name in DIRECTORS)
        }

    try:
        return wait_until(lambda: not any(differences().values()), seconds, f"all checks find {sick or 'nobody'} sick")
    except AssertionError as error:
        raise AssertionError(f"{error}; otherwise: {differences()}") from None


def out_and_back(lab: Lab, engine: str) -> None:
    """Show that each kind of check takes a server out and brings it back, on both directors."""
    wait_for(lab, engine)
    sicken(lab, "web1")
    try:
        out = wait_for(lab, engine, "web1")
        kept = {line for line in table(lab, DIRECTORS[0]) if ":8012 -r" in line and line.endswith("-w 0")}
        assert len(kept) == len(VIPS)
    finally:
        recover(lab, "web1")
    back = wait_for(lab, engine)
    report(
        f"{engine}: {len(expected(engine))} services with checks of each kind: out in {out:.1f} s, back in {back:.1f} s"
    )
