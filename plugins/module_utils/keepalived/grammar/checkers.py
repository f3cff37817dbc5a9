# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The grammar of the checkers of a real server."""

from __future__ import annotations

from .arguments import ADDRESS, HEX, INTERFACE, TEXT, UINT, any_case, choice, integer, pattern, seconds
from .spec import Spec, block, flag, script, switch, value

STATUS = pattern("an HTTP status or a range of them such as 200-299", r"[1-5]\d\d(-[1-5]\d\d)?")
REGEX_OPTION = choice(
    "allow_empty_class",
    "alt_bsux",
    "alt_circumflex",
    "alt_verbnames",
    "auto_callout",
    "caseless",
    "dollar_endonly",
    "dotall",
    "dupnames",
    "extended",
    "firstline",
    "match_unset_backref",
    "multiline",
    "never_backslash_c",
    "never_ucp",
    "never_utf",
    "no_auto_capture",
    "no_auto_possess",
    "no_dotstar_anchor",
    "no_start_optimize",
    "ucp",
    "ungreedy",
    "use_offset_limit",
    "utf",
)

CONNECTION = (
    value("connect_ip", ADDRESS),
    value("connect_port", integer(1, 65535)),
    value("bindto", ADDRESS),
    value("bind_port", integer(1, 65535)),
    value("bind_if", INTERFACE),
    value("connect_timeout", seconds(0.000001)),
    value("fwmark", integer(0, UINT)),
)
"""How a checker connects."""

PACE = (
    value("retry", integer(0, UINT)),
    value("delay_before_retry", seconds(0)),
    value("warmup", seconds(0)),
    value("delay_loop", seconds(0.000001)),
    switch("alpha"),
    switch("log_all_failures", since="2.0.11"),
)
"""How often a checker asks, and what it says."""

TLS = switch("tls_compliant", since="2.2.8")

URL = (
    value("path", TEXT),
    value("digest", pattern("an MD5 digest of 32 hexadecimal digits", r"[0-9A-Fa-f]{32}")),
    value("status_code", STATUS, many=True, repeats=True),
    value("virtualhost", TEXT),
    script("regex", since="2.0.7"),
    flag("regex_no_match", since="2.0.7"),
    value("regex_options", REGEX_OPTION, many=True, since="2.0.7", repeats=True),
    value("regex_min_offset", integer(0, UINT), since="2.0.7"),
    value("regex_max_offset", integer(0, UINT), since="2.0.7"),
    value("regex_stack", integer(0, UINT), integer(0, UINT), since="2.0.7"),
)

HTTP = (
    *CONNECTION,
    *PACE,
    value("nb_get_retry", integer(0, UINT), instead="retry"),
    value("virtualhost", TEXT),
    value("http_protocol", choice("1.0", "1.0C", "1.0c", "1.1"), since="2.0.17"),
    switch("fast_recovery", since="2.0.17"),
    switch("enable_sni"),
    # It is in no release yet.
    value("sni_name", TEXT, since="2.4.4"),
)

CHECKERS: tuple[Spec, ...] = (
    block("TCP_CHECK", holds=(*CONNECTION, *PACE)),
    block("HTTP_GET", holds=(*HTTP, block("url", holds=URL))),
    block("SSL_GET", holds=(*HTTP, TLS, block("url", holds=(*URL, TLS)))),
    block(
        "SMTP_CHECK",
        holds=(*CONNECTION, *PACE, value("helo_name", TEXT), block("host", holds=CONNECTION)),
    ),
    block(
        "DNS_CHECK",
        holds=(
            *CONNECTION,
            *PACE,
            value("type", any_case("A", "NS", "CNAME", "SOA", "MX", "TXT", "AAAA", "RRSIG", "DNSKEY")),
            value("name", TEXT),
        ),
    ),
    block(
        "MISC_CHECK",
        holds=(
            *PACE,
            script("misc_path"),
            value("misc_timeout", integer(0, UINT)),
            flag("misc_dynamic"),
            value("user", TEXT, TEXT, optional=1),
        ),
    ),
    block("PING_CHECK", holds=(*CONNECTION, *PACE), since="2.1.0"),
    block(
        "UDP_CHECK",
        holds=(
            *CONNECTION,
            *PACE,
            value("payload", HEX, many=True, since="2.2.0"),
            value("require_reply", HEX, optional=1, many=True),
            value("min_reply_length", integer(0, 65535), since="2.2.0"),
            value("max_reply_length", integer(0, 65535), since="2.2.0"),
        ),
        since="2.1.0",
    ),
    block(
        "FILE_CHECK",
        holds=(
            value("track_file", TEXT),
            value("weight", integer(-(2**31), 2**31), choice("reverse", "noreverse"), optional=1),
        ),
        since="2.1.0",
    ),
    block("BFD_CHECK", holds=(value("name", TEXT), switch("alpha"))),
)
