# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.lvs.cluster.plugins.filter.real_server_commands import real_server_commands
from ansible_collections.lvs.cluster.plugins.plugin_utils.real_server.commands import SYSTEMS

VIPS = {"vips": ["192.0.2.100", "2001:db8::100"]}
NAT = {"vips": [], "gateways": [{"gateway": "198.51.100.1", "ports": ["80"]}, {"gateway": "198.51.100.1", "ports": []}]}


@pytest.mark.parametrize(
    ("system", "first"),
    [
        ("freebsd", ["ifconfig lo0 inet 192.0.2.100 netmask 255.255.255.255 alias",
                     'sysrc ifconfig_lo0_alias0="inet 192.0.2.100 netmask 255.255.255.255"']),
        ("openbsd", ["printf '%s\\n' 'inet alias 192.0.2.100 255.255.255.255' 'inet6 alias 2001:db8::100 128' "
                     "> /etc/hostname.lo1", "sh /etc/netstart lo1"]),
        ("netbsd", ["ifconfig lo0 inet 192.0.2.100 netmask 255.255.255.255 alias",
                    "echo 'inet 192.0.2.100 netmask 255.255.255.255 alias' >> /etc/ifconfig.lo0"]),
        ("solaris", ["ipadm create-addr -T static -a 192.0.2.100/32 lo0/lvs0",
                     "ipadm create-addr -T static -a 2001:db8::100/128 lo0/lvs1"]),
        ("aix", ["chdev -l lo0 -a alias4=192.0.2.100,255.255.255.255", "chdev -l lo0 -a alias6=2001:db8::100,128"]),
        ("macos", ["ifconfig lo0 inet 192.0.2.100 netmask 255.255.255.255 alias",
                   "ifconfig lo0 inet6 2001:db8::100 prefixlen 128 alias"]),
        ("windows", ['netsh interface ipv4 set interface "Ethernet" weakhostreceive=enabled',
                     'netsh interface ipv4 set interface "LVS" weakhostreceive=enabled weakhostsend=enabled']),
    ],
)  # fmt: skip
def test_vips_by_direct_routing(system: str, first: list[str]) -> None:
    assert real_server_commands(VIPS, system, "Ethernet")["set_up"][:2] == first


@pytest.mark.parametrize("system", SYSTEMS)
def test_everything_has_its_way_back(system: str) -> None:
    commands = real_server_commands({**VIPS, "gateways": ["198.51.100.1"]}, system, "Ethernet")
    for words in (commands["set_up"], commands["remove"]):
        assert any("198.51.100.1" in line for line in words)
    # OpenBSD removes the device with all its addresses, Solaris removes addresses by their names.
    assert any("2001:db8::100" in line or "lo1 destroy" in line or "lo0/lvs1" in line for line in commands["remove"])


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_gateway_is_set_once(system: str) -> None:
    commands = real_server_commands(NAT, system, "Ethernet")["set_up"]
    assert len(commands) in (1, 2)
    assert not any("alias" in line for line in commands)


def test_all_mistakes_at_once() -> None:
    with pytest.raises(AnsibleFilterError) as caught:
        real_server_commands({"vips": ["web"], "gateways": ["gw"]}, "beos")
    assert str(caught.value).splitlines() == [
        "real_server_commands: os: 'beos' is none of windows, freebsd, openbsd, netbsd, solaris, aix, macos; "
        "on Linux run the role",
        "vips[0]: 'web' is no IP address; write one like 192.0.2.100",
        "gateways[0]: 'gw' is no IP address; write one like 192.0.2.100",
    ]


@pytest.mark.parametrize(
    ("server", "system", "message"),
    [
        (VIPS, "windows", "interface: it is not set"),
        ({"tunnels": [{"type": "ipip"}]}, "freebsd", "tunnels are for Linux; serve freebsd hosts by dr or nat"),
        ([], "freebsd", "takes a mapping with vips and gateways, not list"),
    ],
)
def test_what_cannot_be(server: object, system: str, message: str) -> None:
    with pytest.raises(AnsibleFilterError, match=message):
        real_server_commands(server, system)
