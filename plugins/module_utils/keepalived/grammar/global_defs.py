# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The grammar of global_defs, in the order of its subjects."""

from __future__ import annotations

from collections.abc import Iterator

from .arguments import ADDRESS, INTERFACE, TEXT, UINT, Shape, choice, integer, pattern, seconds
from .spec import NAMES, Spec, at_start, block, entries, flag, former_flag, options, script, switch, value

MONTH = 31 * 86400
"""The longest timeout of IPVS that keepalived sets, in seconds."""

COUNT = integer(0, UINT)
HOST = pattern("an IPv4 or IPv6 address or a host name", r"[0-9A-Za-z_.:%-]+")
OCTAL = pattern(
    "an octal number such as 022, or permissions such as IWGRP | IWOTH", r"0?[0-7]{1,4}|0x[0-9A-Fa-f]+|[IRWXUSGOTHP_|]+"
)
PRIORITY_OF_NFTABLES = integer(-(2**31), 2**31 - 1)

SYNC_DAEMON = {
    "id": (integer(0, 255),),
    "maxlen": (integer(1, 65507),),
    "port": (integer(1, 65535),),
    "ttl": (integer(1, 255),),
    "group": (ADDRESS,),
}

NAMES_AND_FILES = (
    value("router_id", TEXT),
    flag("process_names", since="2.0.16"),
    value("process_name", TEXT, optional=1, since="2.0.16"),
    value("vrrp_process_name", TEXT, optional=1, since="2.0.16"),
    value("checker_process_name", TEXT, optional=1, since="2.2.0"),
    value("lvs_process_name", TEXT, optional=1, since="2.0.16"),
    value("bfd_process_name", TEXT, optional=1, since="2.0.16"),
    switch("use_symlink_paths", since="2.3.0"),
    # It is in no release yet.
    switch("set_supplementary_groups", since="2.4.4"),
    value("umask", OCTAL, many=True, since="2.0.9"),
    value("random_seed", COUNT, since="2.0.15"),
    value("config_save_dir", TEXT, since="2.2.3"),
    at_start(value("tmp_config_directory", TEXT, since="2.2.0")),
    switch("data_use_instance", since="2.2.3"),
    value("json_version", choice("1", "2"), since="2.2.8"),
    value("state_dump_file", TEXT, since="2.3.3"),
    value("stats_dump_file", TEXT, since="2.3.3"),
    value("json_dump_file", TEXT, since="2.3.3"),
    value("iproute_usr_dir", TEXT, since="2.3.2"),
    value("iproute_etc_dir", TEXT, since="2.3.2"),
)

MAIL = (
    value("notification_email_from", TEXT),
    entries("notification_email", NAMES),
    value("smtp_server", HOST, integer(1, 65535), optional=1),
    value("smtp_helo_name", TEXT),
    value("smtp_connect_timeout", integer(0, 4294)),
    switch("smtp_alert"),
    switch("smtp_alert_vrrp"),
    switch("smtp_alert_checker"),
    flag("no_email_faults"),
    switch("no_checker_emails"),
)

SCRIPTS = (
    value("script_user", TEXT, TEXT, optional=1),
    flag("enable_script_security"),
    script("startup_script", since="2.1.0"),
    value("startup_script_timeout", integer(1, 1000), since="2.1.0"),
    script("shutdown_script", since="2.1.0"),
    value("shutdown_script_timeout", integer(1, 1000), since="2.1.0"),
    script("notify_fifo"),
    script("notify_fifo_script"),
    script("vrrp_notify_fifo"),
    script("vrrp_notify_fifo_script"),
    script("lvs_notify_fifo"),
    script("lvs_notify_fifo_script"),
    switch("vrrp_notify_priority_changes", since="2.0.16"),
    flag("fifo_write_vrrp_states_on_reload", since="2.2.5"),
    switch("rs_init_notifies"),
)

RELOAD = (
    value("reload_check_config", TEXT, optional=1, since="2.2.0"),
    value("reload_time_file", TEXT, since="2.1.0"),
    flag("reload_repeat", since="2.1.0"),
    value("reload_file", TEXT, optional=1, since="2.2.0"),
    value("include_check", TEXT, many=True, since="2.2.0"),
)

IPVS = (
    options(
        "lvs_timeouts",
        tcp=(integer(0, MONTH),),
        tcpfin=(integer(0, MONTH),),
        udp=(integer(0, MONTH),),
    ),
    flag("lvs_flush"),
    value("lvs_flush_on_stop", choice("VS"), optional=1, since="2.2.0"),
    value("lvs_flush_onstop", choice("VS"), optional=1, since="2.0.15"),
    Spec(
        "lvs_sync_daemon",
        (
            Shape((INTERFACE,), options={"inst": (TEXT,), **SYNC_DAEMON}),
            # The older way to name the instance.
            Shape((INTERFACE, TEXT), options=SYNC_DAEMON),
        ),
        repeats=False,
    ),
    switch("checker_log_all_failures", since="2.0.11"),
    value("snmp_vs_stats_update_interval", seconds(0.001, 30), since="2.3.0"),
    value("snmp_rs_stats_update_interval", seconds(0.001, 30), since="2.3.0"),
)

VRRP = (
    value("vrrp_version", choice("2", "3")),
    value("vrrp_mcast_group4", ADDRESS),
    value("vrrp_mcast_group6", ADDRESS),
    value("default_interface", INTERFACE),
    value("dynamic_interfaces", choice("allow_if_changes"), optional=1),
    at_start(flag("disable_local_igmp", since="2.2.0")),
    flag("v3_checksum_as_v2", since="2.2.8"),
    value("vrrp_garp_master_delay", integer(0, 4294)),
    value("vrrp_garp_master_repeat", COUNT),
    value("vrrp_garp_master_refresh", COUNT),
    value("vrrp_garp_master_refresh_repeat", COUNT),
    value("vrrp_garp_lower_prio_delay", integer(0, 4294)),
    value("vrrp_garp_lower_prio_repeat", COUNT),
    value("vrrp_garp_interval", seconds(0)),
    value("vrrp_gna_interval", seconds(0)),
    switch("vrrp_min_garp", since="2.0.12"),
    value("vrrp_garp_extra_if", TEXT, many=True, since="2.2.3"),
    value("vrrp_vmac_garp_intvl", TEXT, many=True, since="2.2.0", instead="vrrp_garp_extra_if"),
    value("vrrp_down_timer_adverts", integer(1, 100), since="2.2.3"),
    switch("vrrp_lower_prio_no_advert"),
    switch("vrrp_higher_prio_send_advert"),
    flag("vrrp_check_unicast_src"),
    former_flag("vrrp_skip_check_adv_addr", switch_since="2.3.0"),
    former_flag("vrrp_strict", switch_since="2.3.0"),
    switch("vrrp_owner_ignore_adverts", since="2.3.3"),
    value("vrrp_startup_delay", seconds(0.001), since="2.0.14"),
    value("vrrp_delay_after_boot", seconds(0.001), since="2.4.0"),
    flag("log_unknown_vrids", since="2.0.16"),
    value("max_auto_priority", integer(-1, 99), since="2.1.0"),
    value("min_auto_priority_delay", integer(1, 10_000_000), since="2.1.0"),
    value("vrrp_rx_bufs_policy", TEXT, many=True, since="2.0.3"),
    value("vrrp_rx_bufs_multiplier", integer(1, UINT), since="2.0.3"),
    value("vmac_prefix", TEXT, since="2.2.0"),
    value("vmac_addr_prefix", TEXT, since="2.2.0"),
)

FIREWALL = (
    value("vrrp_iptables", TEXT, TEXT, optional=2),
    value("vrrp_ipsets", TEXT, many=True),
    at_start(value("nftables", TEXT, optional=1, since="2.0.11")),
    value("nftables_priority", PRIORITY_OF_NFTABLES, since="2.0.11"),
    flag("nftables_ifindex", since="2.0.11"),
    flag("nftables_counters", since="2.0.11"),
    at_start(value("nftables_ipvs", TEXT, optional=1, since="2.2.2")),
    value("nftables_ipvs_priority", PRIORITY_OF_NFTABLES, since="2.2.2"),
    value("nftables_ipvs_start_fwmark", integer(1, UINT), since="2.2.2"),
)

SNMP_AND_DBUS = (
    value("snmp_socket", TEXT, optional=1),
    flag("enable_traps"),
    flag("enable_snmp_vrrp"),
    flag("enable_snmp_keepalived"),
    flag("enable_snmp_rfc"),
    flag("enable_snmp_rfcv2"),
    flag("enable_snmp_rfcv3"),
    flag("enable_snmp_checker"),
    flag("enable_dbus"),
    value("dbus_service_name", TEXT),
    value("dbus_no_interface_name", TEXT, since="2.3.0"),
)


def _processes() -> Iterator[Spec]:
    """How the processes of VRRP, of the checkers and of BFD are scheduled."""
    for process in ("vrrp", "checker", "bfd"):
        yield value(f"{process}_priority", integer(-20, 19))
        yield flag(f"{process}_no_swap")
        yield value(f"{process}_rt_priority", integer(1, 99))
        yield value(f"{process}_cpu_affinity", integer(0, 1023), many=True, since="2.0.17")
        yield value(f"{process}_rlimit_rttime", integer(1, UINT), since="2.1.0")
        yield value(f"{process}_rlimit_rtime", integer(1, UINT))


def _buffers() -> Iterator[Spec]:
    """The sizes of receive buffers, in bytes."""
    for socket, since in (
        ("vrrp_netlink_cmd", ""),
        ("vrrp_netlink_monitor", ""),
        ("lvs_netlink_cmd", ""),
        ("lvs_netlink_monitor", ""),
        ("process_monitor", "2.0.11"),
    ):
        yield value(f"{socket}_rcv_bufs", COUNT, since=since)
        yield switch(f"{socket}_rcv_bufs_force", since=since)


GLOBAL_DEFS = block(
    "global_defs",
    holds=(
        *NAMES_AND_FILES,
        *MAIL,
        *SCRIPTS,
        *RELOAD,
        *IPVS,
        *VRRP,
        *FIREWALL,
        *SNMP_AND_DBUS,
        *_processes(),
        *_buffers(),
    ),
)
