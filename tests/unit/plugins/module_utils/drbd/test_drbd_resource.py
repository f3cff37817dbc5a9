# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.drbd.resource import (
    Volume,
    masked,
    problems_of,
    render,
    render_unit,
)

VOLUME = Volume("lvs", 0, "/dev/vdb", ("192.0.2.31", "192.0.2.32"), 7789)


def test_configuration() -> None:
    text = render(VOLUME)
    assert text.startswith("# Managed by lvs.cluster.")
    assert "    device /dev/drbd0 minor 0;\n    disk /dev/vdb;\n" in text
    assert "    floating 192.0.2.31:7789;\n    floating 192.0.2.32:7789;\n}\n" in text
    assert "protocol C;" in text
    assert "fencing resource-and-stonith;" in text
    assert "secret" not in text
    assert "handlers" not in text
    assert text.count("{") == text.count("}")


def test_no_policy_discards_changes() -> None:
    text = render(VOLUME)
    for policy in ("after-sb-0pri discard-zero-changes;", "after-sb-1pri consensus;", "after-sb-2pri disconnect;"):
        assert policy in text


def test_times_are_in_the_order_that_drbd_wants() -> None:
    text = render(replace(VOLUME, detection=3))
    assert "ping-int 3;\n        connect-int 3;\n        timeout 25;" in text


def test_ipv6() -> None:
    text = render(replace(VOLUME, addresses=("2001:db8::31", "2001:db8::32")))
    assert "floating ipv6 [2001:db8::31]:7789;" in text


def test_the_secret_is_masked() -> None:
    text = render(replace(VOLUME, secret="S" * 48))
    assert f'shared-secret "{"S" * 48}";' in text
    assert "SSS" not in masked(text)
    assert 'shared-secret "********";' in masked(text)


def test_handlers() -> None:
    text = render(replace(VOLUME, handlers={"fence-peer": "/x fence", "split-brain": "/x sb"}))
    assert '    handlers {\n        fence-peer "/x fence";\n        split-brain "/x sb";\n    }\n' in text


def test_unit() -> None:
    text = render_unit(VOLUME)
    assert "ExecStart=/usr/sbin/drbdadm adjust lvs\nExecStop=/usr/sbin/drbdadm down lvs\n" in text
    assert "Before=keepalived.service" in text


def test_label_fits_into_a_superblock() -> None:
    assert len(replace(VOLUME, name="a" * 12).label) == 16


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({}, []),
        (
            {"name": "Data"},
            [
                "name: 'Data' is no name of a volume; write up to 12 lower-case letters, digits, '-' and '_', a letter first"
            ],
        ),
        (
            {"name": "a" * 13},
            [
                f"name: '{'a' * 13}' is no name of a volume; write up to 12 lower-case letters, digits, '-' and '_', a letter first"
            ],
        ),
        ({"device": "vdb"}, ["device: 'vdb' is no block device; write a path like /dev/vdb"]),
        ({"addresses": ["192.0.2.31"]}, ["addresses: a pair has two different addresses, not 1"]),
        ({"addresses": ["192.0.2.31", "192.0.2.31"]}, ["addresses: a pair has two different addresses, not 1"]),
        ({"addresses": ["192.0.2.31", "x"]}, ["addresses: 'x' is no IP address; write one like 192.0.2.31"]),
        ({"port": 0}, ["port: 0 is no port; write one from 1 to 65535"]),
        ({"secret": "short"}, ["secret: it has to have 16 to 64 letters and digits"]),
        ({"secret": '"; evil "aaaaaaaaaaaaaaaa'}, ["secret: it has to have 16 to 64 letters and digits"]),
    ],
)
def test_problems(change: dict[str, Any], problem: list[str]) -> None:
    assert problems_of(replace(VOLUME, **change)) == problem
