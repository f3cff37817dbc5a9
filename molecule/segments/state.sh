#!/bin/sh
# Prints what a cluster changes on a host, in an order that stays: after a teardown it is what it was before.
set -eu

# An interface that is down does nothing; tunnels' own ones stay with their kernel modules.
ip -oneline link show up | sed 's/^[0-9]*: //; s/ mtu .*//' | sort
ip -oneline address show up | sed 's/^[0-9]*: //; s/valid_lft.*//' | sort
for family in -4 -6; do
    ip "$family" rule show
    ip "$family" route show table all | grep -v linkdown | sort
    ip "$family" fou show 2>/dev/null || true
done
nft list ruleset 2>/dev/null || true
ipvsadm --save --numeric 2>/dev/null || true

sysctl --all 2>/dev/null | grep --extended-regexp \
    -e '^net\.(ipv4\.ip_forward|ipv6\.conf\.all\.forwarding)' \
    -e '^net\.ipv4\.conf\.(all|default|eth[0-9])\.(arp_announce|arp_ignore|rp_filter|send_redirects|accept_local)'
find /etc /run/systemd /usr/local /var/lib/lvs-cluster \( -name '*lvs*' -o -path /etc/keepalived/keepalived.conf \) 2>/dev/null | sort
getent passwd | grep lvs || true
systemctl list-units --plain --no-legend 'lvs*' keepalived.service | cut -d ' ' -f 1
