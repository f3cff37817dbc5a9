# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of one host by itself: its kernel, its programs, its firewall."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from ansible_collections.lvs.cluster.plugins.plugin_utils.preflight.cluster import Finding, Host

SMALLEST_CONNTRACK = 65536
MOST_IN_A_BUCKET = 8
MOST_BITS = 20
RESIZABLE_SINCE = (7, 1)
"""The release of Linux since which the connection table of IPVS grows by itself."""
OLDEST_KEEPALIVED = (2, 2)
SORRY_SERVER_FIXED = (2, 3, 4)
TUNNELS_SINCE = {"gue": (5, 2), "gre": (5, 3)}
"""Kind of tunnel -> the release of Linux since which IPVS sends in it."""


def check_host(host: Host) -> Iterator[Finding]:
    """All findings on one host that need no other one."""
    if host.director:
        yield from _kernel_modules(host)
        yield from _kernel_settings(host)
        yield from _programs_of_director(host)
    if host.director or host.real_server:
        yield from _system(host)
    yield from _firewall(host)


def _kernel_modules(host: Host) -> Iterator[Finding]:
    release, states = host.facts["kernel"], host.facts["modules"]
    absent = [name for name, state in states.items() if state == "missing"]
    if absent and not host.facts["modules_folder"]:
        what = f"/lib/modules has nothing for the running kernel, {release}"
        yield Finding("kernel-replaced", host.name, what, "reboot into the installed kernel")
    elif absent:
        what = f"{', '.join(absent)} is missing from the running kernel, {release}"
        fix = "install the package with the kernel's modules, or declare a scheduler that it has"
        yield Finding("kernel-module-missing", host.name, what, fix)
    for name in (name for name, state in states.items() if state == "blocked"):
        fix = f"take its line 'install {name} ...' out of /etc/modprobe.d"
        yield Finding("kernel-module-blocked", host.name, f"{name} is blocked", fix)


def _kernel_settings(host: Host) -> Iterator[Finding]:
    facts, director = host.facts, host.director
    release, limit = facts["kernel"], facts["conntrack_max"]
    tunnels = {service["tunnel"]["type"] for service in director["services"] if service["tunnel"]}
    for kind in sorted(tunnels & TUNNELS_SINCE.keys()):
        since = TUNNELS_SINCE[kind]
        if version(release) < since:
            what = f"Linux {release} is older than {'.'.join(map(str, since))}, which {kind} needs"
            yield Finding("kernel-too-old", host.name, what, "update the kernel, or write tunnel: {type: ipip}")
    for name in facts["unknown_sysctls"]:
        what = f"Linux {release} has no {name}"
        yield Finding("unknown-sysctl", host.name, what, "take it out of lvs_sysctl")
    declared = director["sysctls"].get("net.netfilter.nf_conntrack_max")
    buckets = facts["connection_buckets"]
    if declared and buckets and version(release) < RESIZABLE_SINCE and int(declared) > MOST_IN_A_BUCKET * buckets:
        what = f"{buckets} buckets for {declared} connections"
        bits = min(MOST_BITS, math.ceil(math.log2(int(declared) / MOST_IN_A_BUCKET)))
        fix = f"write 'options ip_vs conn_tab_bits={bits}' into a file in /etc/modprobe.d, and reboot"
        yield Finding("small-connection-table", host.name, what, fix)
    if director["masquerades"] and not declared and limit is not None and limit < SMALLEST_CONNTRACK:
        what = f"conntrack holds {limit} connections"
        yield Finding("small-conntrack", host.name, what, "set lvs_conntrack_max, such as 262144")


def _programs_of_director(host: Host) -> Iterator[Finding]:
    owner = host.facts["ipvs_owner"]
    if owner and not owner.startswith("keepalived") and not host.plan["take_over"]:
        fix = f"stop {owner} there, or take the host out of the directors"
        yield Finding("ipvs-owner", host.name, f"{owner} holds the IPVS table", fix)
    for path, state in host.facts["programs"].items():
        if state != "executable":
            what = f"{path}, the program of a health check, is {state}"
            fix = (
                f"install {path} there"
                if state == "missing"
                else f"make it a program that may be run: chmod 755 {path}"
            )
            yield Finding("check-program", host.name, what, fix)
    installed = host.facts["keepalived"]
    if installed is None:
        return
    if version(installed) < OLDEST_KEEPALIVED:
        fix = "update it to 2.2 or newer"
        yield Finding("keepalived-old", host.name, f"keepalived {installed} is installed", fix)
    sorry = [service["name"] for service in host.director["services"] if service["sorry_server"]]
    if sorry and version(installed) < SORRY_SERVER_FIXED:
        what = f"keepalived {installed} runs {sorry[0]}, which has a sorry server"
        fix = "update it to 2.3.4 or newer, or restart it when you remove the sorry server"
        yield Finding("keepalived-sorry-server", host.name, what, fix)


def _system(host: Host) -> Iterator[Finding]:
    if not host.facts["systemd"]:
        yield Finding("no-systemd", host.name, "it does not run systemd", "use a host that does")
    for link in host.links:
        if not link["monitored"]:
            fix = f"set miimon (such as 100) for {link['name']}"
            yield Finding("bond-unmonitored", host.name, f"the bond {link['name']} has no link monitoring", fix)


def _firewall(host: Host) -> Iterator[Finding]:
    for packet in host.facts["blocked"]:
        fix = "let it pass there, before that rule"
        yield Finding(packet["check"], host.name, f"{packet['what']}: dropped by {packet['by']}", fix)
    for name in host.facts["firewalls"]:
        fix = f"allow in {name} what docs/forwarding.md and docs/preflight.md name, or stop it"
        yield Finding("firewall-manager", host.name, f"{name} is active", fix)
    needs_tables = host.director.get("marks") or host.director.get("masquerades")
    if host.facts["flushes_nftables"] and needs_tables:
        fix = "write 'destroy table' for your own tables in place of 'flush ruleset', or disable nftables.service"
        yield Finding("nftables-flush", host.name, "nftables.service begins with 'flush ruleset'", fix)


def version(text: str) -> tuple[int, ...]:
    """The numbers at the start of a version: `6.12.57+deb13-amd64` is (6, 12, 57)."""
    found = re.match(r"\d+(?:\.\d+)*", text)
    return tuple(int(number) for number in found[0].split(".")) if found else ()
