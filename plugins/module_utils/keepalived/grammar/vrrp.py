# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The grammar of VRRP: instances, groups, what they watch, and static addresses, routes and rules.

What stands in a route or rule are the words of iproute2; they are not judged here.
"""

from __future__ import annotations

from .arguments import ADDRESS, BOOLEAN, INTERFACE, NETWORK, TEXT, UINT, Argument, Shape, choice, integer, seconds
from .spec import NAMES, TRACKERS, Spec, block, entries, flag, script, switch, value

COUNT = integer(0, UINT)
WEIGHT = (integer(-254, 254), choice("reverse", "noreverse"))
BFD_MILLISECONDS = Argument(f"a number of milliseconds from 1 to {UINT // 1000}", seconds(1, UINT // 1000).accepts)

ADDRESS_OPTIONS: dict[str, tuple[Argument, ...]] = {
    "dev": (INTERFACE,),
    "scope": (TEXT,),
    "brd": (TEXT,),
    "broadcast": (TEXT,),
    "label": (TEXT,),
    "peer": (NETWORK,),
    "home": (),
    "-nodad": (),
    "mngtmpaddr": (),
    "noprefixroute": (),
    "autojoin": (),
    "no_track": (),
    "preferred_lft": (TEXT,),
}
STATIC_ADDRESS = Shape((NETWORK,), options={**ADDRESS_OPTIONS, "track_group": (TEXT,)})
VIRTUAL_ADDRESS = Shape((NETWORK,), options={**ADDRESS_OPTIONS, "use_vmac": ()})
PEER = Shape((ADDRESS,), options={"min_ttl": (integer(0, 255),), "max_ttl": (integer(0, 255),)})

NOTIFY = (
    script("notify_backup"),
    script("notify_master"),
    script("notify_fault"),
    script("notify_stop"),
    script("notify"),
    switch("smtp_alert"),
)

IDENTITY = (
    value("state", choice("MASTER", "BACKUP")),
    value("interface", INTERFACE),
    value("vrf", INTERFACE, since="2.2.5"),
    value("virtual_router_id", integer(1, 255)),
    value("priority", integer(0, 255)),
    value("version", choice("2", "3")),
    value("advert_int", seconds(0.01, 255)),
    flag("native_ipv6"),
    switch("v3_checksum_as_v2", since="2.2.8"),
    value("old_unicast_checksum", choice("never"), optional=1),
    value("use_vmac", TEXT, many=True, optional=1),
    flag("use_vmac_addr", since="2.2.0"),
    flag("vmac_xmit_base"),
    value("use_ipvlan", TEXT, many=True, optional=1, since="2.0.17"),
)

ADVERTS = (
    entries("unicast_peer", PEER),
    value("unicast_src_ip", ADDRESS),
    value("unicast_ttl", integer(0, 255), since="2.1.0"),
    flag("unicast_fault_no_peer", since="2.2.5"),
    flag("check_unicast_src", since="2.1.0"),
    value("mcast_src_ip", ADDRESS),
    value("mcast_dst_ip", ADDRESS, since="2.2.5"),
    flag("track_src_ip"),
    switch("skip_check_adv_addr"),
    switch("strict_mode"),
    value("down_timer_adverts", integer(1, 100), since="2.2.3"),
    switch("lower_prio_no_advert"),
    switch("higher_prio_send_advert"),
    switch("owner_ignore_adverts", since="2.3.3"),
    value("timer_expired_backup", integer(1, 254), optional=1, since="2.2.8"),
    flag("thread_timer_expired", since="2.3.2", instead="timer_expired_backup"),
    value("kernel_rx_buf_size", COUNT, since="2.0.3"),
)

MASTERSHIP = (
    flag("preempt"),
    flag("nopreempt"),
    value("preempt_delay", seconds(0, 1000)),
    flag("accept"),
    flag("no_accept"),
    flag("dont_track_primary"),
    flag("linkbeat_use_polling", instead="a linkbeat_interfaces block"),
    flag("promote_secondaries"),
    value("debug", integer(0, 4)),
    value("lvs_sync_daemon_interface", INTERFACE, instead="lvs_sync_daemon in global_defs"),
)

ADDRESSES = (
    entries("virtual_ipaddress", VIRTUAL_ADDRESS),
    entries("virtual_ipaddress_excluded", VIRTUAL_ADDRESS),
    flag("no_virtual_ipaddress", since="2.2.8"),
    entries("virtual_routes", NAMES),
    entries("virtual_rules", NAMES),
    value("garp_master_delay", integer(0, 4294)),
    value("garp_master_refresh", COUNT),
    value("garp_master_repeat", COUNT),
    value("garp_master_refresh_repeat", COUNT),
    value("garp_lower_prio_delay", integer(0, 4294)),
    value("garp_lower_prio_repeat", COUNT),
    value("garp_extra_if", TEXT, many=True, since="2.2.3"),
    value("vmac_garp_intvl", TEXT, many=True, since="2.2.0", instead="garp_extra_if"),
)

AUTHENTICATION = (
    block("authentication", holds=(value("auth_type", choice("PASS", "AH")), value("auth_pass", TEXT))),
    block(
        "auth_hmac",
        holds=(
            value("key", integer(1, 255), TEXT, many=True, repeats=True),
            value("active_key", integer(1, 255)),
            value("time_window", integer(1, 300)),
            value("anti_replay", choice("time", "monotonic")),
            value("mode", choice("enforce", "permissive", "receive-only")),
        ),
        since="2.4.0",
    ),
)

VRRP_INSTANCE = block(
    "vrrp_instance",
    TEXT,
    holds=(
        *IDENTITY,
        *ADVERTS,
        *MASTERSHIP,
        *ADDRESSES,
        *TRACKERS,
        *NOTIFY,
        script("notify_deleted", since="2.1.0"),
        script("notify_master_rx_lower_pri", since="2.0.6"),
        switch("notify_priority_changes", since="2.0.16"),
        *AUTHENTICATION,
    ),
)

VRRP_SYNC_GROUP = block(
    "vrrp_sync_group",
    TEXT,
    holds=(
        entries("group", NAMES),
        *TRACKERS,
        *NOTIFY,
        flag("global_tracking", instead="track_interface, track_script and track_file of the group"),
        flag("sync_group_tracking_weight"),
        switch("notify_priority_changes", since="2.2.0"),
    ),
)

VRRP_SCRIPT = block(
    "vrrp_script",
    TEXT,
    holds=(
        script("script"),
        value("interval", seconds(0, 4_294_967)),
        value("timeout", seconds(0, 4_294_967)),
        value("weight", *WEIGHT, optional=1),
        value("rise", integer(1, 2**31 - 1)),
        value("fall", integer(1, 2**31 - 1)),
        value("user", TEXT, TEXT, optional=1),
        flag("init_fail"),
    ),
)

TRACK_FILE = (
    value("file", TEXT),
    value("weight", *WEIGHT, optional=1),
    value("init_file", TEXT, many=True, optional=1),
)

TRACK_PROCESS = block(
    "vrrp_track_process",
    TEXT,
    holds=(
        script("process"),
        value("param_match", choice("initial", "partial"), optional=1, since="2.0.16"),
        value("weight", *WEIGHT, optional=1),
        value("quorum", integer(1, 65535)),
        value("quorum_max", integer(0, 65535), since="2.0.16"),
        value("delay", seconds(0, 3600)),
        value("terminate_delay", seconds(0, 3600), since="2.0.16"),
        value("fork_delay", seconds(0, 3600), since="2.0.16"),
        flag("full_command"),
    ),
    since="2.0.11",
)

BFD_INSTANCE = block(
    "bfd_instance",
    TEXT,
    holds=(
        value("source_ip", ADDRESS),
        value("neighbor_ip", ADDRESS),
        value("neighbour_ip", ADDRESS),
        value("min_rx", BFD_MILLISECONDS),
        value("min_tx", BFD_MILLISECONDS),
        value("idle_tx", BFD_MILLISECONDS),
        value("multiplier", integer(1, 255)),
        flag("passive"),
        value("ttl", integer(1, 255)),
        value("hoplimit", integer(1, 255)),
        value("max_hops", integer(-1, 255)),
        value("multihop", BOOLEAN, optional=1, since="2.2.8"),
        value("weight", integer(-253, 253), choice("reverse"), optional=1),
        flag("vrrp"),
        flag("checker"),
    ),
)

GARP_GROUP = block(
    "garp_group",
    holds=(
        value("garp_interval", seconds(0)),
        value("gna_interval", seconds(0)),
        value("interface", INTERFACE, repeats=True),
        entries("interfaces", NAMES),
    ),
)

VRRP: tuple[Spec, ...] = (
    VRRP_INSTANCE,
    VRRP_SYNC_GROUP,
    VRRP_SCRIPT,
    TRACK_PROCESS,
    BFD_INSTANCE,
    GARP_GROUP,
    block("track_file", TEXT, holds=TRACK_FILE, since="2.1.0"),
    block("vrrp_track_file", TEXT, holds=TRACK_FILE),
    block("track_group", TEXT, holds=(entries("group", NAMES),), since="2.0.3"),
    entries("static_ipaddress", STATIC_ADDRESS),
    entries("static_routes", NAMES),
    entries("static_rules", NAMES),
    entries("linkbeat_interfaces", Shape((INTERFACE, choice("MII", "ETHTOOL", "IOCTL")), optional=1), since="2.0.13"),
    entries(
        "interface_up_down_delays", Shape((INTERFACE, seconds(0, 255), seconds(0, 255)), optional=1), since="2.2.3"
    ),
)
