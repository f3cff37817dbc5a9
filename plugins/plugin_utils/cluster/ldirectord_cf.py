# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The services of a plan as ldirectord.cf. What ldirectord cannot do has been refused (`preflight_ldirectord`)."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.lvs.cluster.plugins.plugin_utils.ldirectord.model import Virtual
from ansible_collections.lvs.cluster.plugins.plugin_utils.ldirectord.parse import parse
from ansible_collections.lvs.cluster.plugins.plugin_utils.ldirectord.render import render
from ansible_collections.lvs.cluster.plugins.plugin_utils.ldirectord.values import Fallback, Real

Dict = Mapping[str, Any]

HEADER = "# Managed by lvs.cluster. Changes made by hand are lost with the next run.\n"

METHODS = {"dr": "gate", "tun": "ipip", "nat": "masq", "fullnat": "masq"}
"""What ldirectord calls a forwarding method."""

OWN: Mapping[str, Any] = {
    # systemd runs it, and its messages go to the journal.
    "supervised": True,
    # A process for each service: a server that hangs delays the checks of its own service alone.
    "fork": True,
    # It is told when to read the file, and once.
    "autoreload": False,
    "cleanstop": True,
    # Otherwise a server that is out gets its weight for a moment whenever ldirectord starts or reads the file.
    "readdquiescent": True,
}
"""The global options that the collection sets."""


def ldirectord_cf(services: Iterable[Dict], lines: Sequence[str] = ()) -> str:
    """The file, with the user's own global `lines`, which have been checked."""
    own = parse("\n".join(lines))
    virtuals = tuple(_virtual(service) for service in services)
    return f"{HEADER}\n{render(dataclasses.replace(own, **OWN, virtuals=virtuals))}"


def _virtual(service: Dict) -> Virtual:
    persistence = service["persistence"] or {}
    identity = (
        {"host": service["vip"], "port": service["port"], "protocol": service["protocol"]}
        if service["fwmark"] is None
        else {"fwmark": service["fwmark"]}
    )
    return Virtual(
        **identity,
        family=service["family"],
        scheduler=service["scheduler"],
        schedflags=",".join(service["scheduler_flags"]) or None,
        persistent=persistence.get("timeout"),
        netmask=_netmask(persistence),
        ops=service["one_packet"] or None,
        real=tuple(_real(server) for server in service["real_servers"]),
        fallback=_fallback(service),
        quiescent=service["inhibit_on_failure"],
        **_check(service["health_check"]),
    )


def _netmask(persistence: Dict) -> str | None:
    netmask, prefix = persistence.get("netmask"), persistence.get("prefix")
    return netmask or (str(prefix) if prefix else None)


def _real(server: Dict) -> Real:
    return Real(
        host=server["address"],
        port=server["port"],
        forward=METHODS[server["forwarding"]],
        weight=server["weight"],
        lower=server["lower_threshold"] or None,
        upper=server["upper_threshold"] or None,
    )


def _fallback(service: Dict) -> Fallback | None:
    sorry = service["sorry_server"]
    return sorry and Fallback(sorry["address"], sorry["port"] or None, METHODS[sorry["forwarding"]])


def _check(check: Dict | None) -> dict[str, Any]:
    """The options of a health check. ldirectord makes no further tries of its own: the next checks are those."""
    if check is None:
        return {"checktype": "on"}
    return {
        **_kind(check),
        "checkport": check["port"],
        "checkinterval": check["delay_loop"],
        "failurecount": check["retry"] + 1,
    }


def _kind(check: Dict) -> dict[str, Any]:
    kind, timeout = check["type"], check["connect_timeout"]
    if kind in ("tcp", "ping"):
        return {"checktype": {"tcp": "connect"}.get(kind, kind), "checktimeout": timeout}
    if kind == "misc":
        seconds = check["script_timeout"] or check["delay_loop"]
        return {"checktype": "external", "checkcommand": check["script"].split()[0], "checktimeout": seconds}
    asked: dict[str, Any] = {}
    if kind == "dns":
        # It takes only answers that match; each address does.
        asked = {"request": f"/{check['name']}", "receive": "."}
    elif kind in ("http", "https"):
        (page,) = check["pages"]
        host = page["virtualhost"] or check["virtualhost"]
        asked = {"request": page["path"], "receive": page["regex"], "virtualhost": host}
    return {"checktype": "negotiate", "service": kind, "negotiatetimeout": timeout, **asked}
