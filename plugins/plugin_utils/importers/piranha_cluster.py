# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What lvs.cf says beside its services: the directors, how they agree, and the gateway of the real servers."""

from __future__ import annotations

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import Problems
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.schema import VRRP
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.spec import INVALID, options
from ansible_collections.lvs.cluster.plugins.plugin_utils.config_file.keywords import is_address
from ansible_collections.lvs.cluster.plugins.plugin_utils.piranha.model import Configuration

from .piranha_words import Losses

METHODS = {None: "nat", "nat": "nat", "direct": "dr", "tunnel": "tun"}
"""The value of `network`, which is nat if it is not set -> the forwarding method."""

NOBODY = "0.0.0.0"  # noqa: S104
"""The backup that the web interface writes where there is none."""

VRRP_KEYS = (("keepalive", "advert_int"), ("syncd_id", "sync_id"))


def forwarding_of(configuration: Configuration) -> str:
    """The forwarding method of all services."""
    return METHODS[configuration.network]


def read_directors(configuration: Configuration, losses: Losses) -> list[str]:
    """The directors, the active one first: it has the higher priority."""
    hosts = [configuration.primary] if configuration.primary else []
    if configuration.backup and configuration.backup not in (NOBODY, *hosts):
        if configuration.backup_active:
            hosts.append(configuration.backup)
        else:
            losses.add(configuration, "backup", configuration.backup, "without backup_active = 1 it was not in use")
    if configuration.heartbeat is False and len(hosts) > 1:
        losses.add(configuration, "heartbeat", False, "two directors always watch each other, by VRRP")
    return hosts


def read_vrrp(configuration: Configuration, losses: Losses) -> dict[str, int]:
    """What directors agree on, as far as the declaration takes it."""
    if configuration.syncdaemon is False:
        losses.add(configuration, "syncdaemon", False, "directors always synchronise connections")
    found: dict[str, int] = {}
    for keyword, name in VRRP_KEYS:
        option, value = options(VRRP)[name], getattr(configuration, keyword)
        if value is None or value == option.default:
            continue
        if option.spec.read(value, "", Problems()) is INVALID:
            losses.add(configuration, keyword, value, f"lvs_vrrp.{name} has to be {option.spec.describe()}")
        else:
            found[name] = value
    return found


def read_gateway(configuration: Configuration, losses: Losses) -> str | None:
    """The address on the real servers' side, by which their answers come back."""
    router = configuration.nat_router
    if router is None:
        return None
    if forwarding_of(configuration) != "nat":
        losses.add(configuration, "nat_router", router, "the services are not forwarded by nat")
        return None
    if not is_address(router.host):
        losses.add(configuration, "nat_router", router, "its address is not known")
        return None
    reason = "the gateway is on the interface of lvs_address, without a label"
    losses.add(configuration, "nat_router", router.device, reason)
    return router.host
