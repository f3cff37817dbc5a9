# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import socket

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.probe.http import Schedule
from ansible_collections.lvs.cluster.plugins.modules import http_probe

URL = "http://192.0.2.100/"


@pytest.fixture
def asked(monkeypatch):
    """Probes that were made."""
    probes = []

    def probe(target, schedule, server_header):
        probes.append((target.address, schedule, server_header))
        return {"requests": 1, "failed_requests": 1, "gap_ms": None}

    monkeypatch.setattr(http_probe, "probe", probe)
    return probes


@pytest.mark.parametrize("check", [False, True])
def test_defaults(run, asked, check):
    result = run(http_probe, check=check, url=URL, count=10)
    assert not result["changed"]
    assert asked == [(("192.0.2.100", 80), Schedule(10, None, 20, 250), "X-Served-By")]


def test_failed_requests_do_not_fail_the_task(run, asked):
    result = run(http_probe, url=URL, count=10)
    assert not result["failed"]
    assert (result["failed_requests"], result["url"]) == (1, URL)


def test_every_option(run, asked):
    run(
        http_probe,
        url="http://[2001:db8::1]:81/",
        duration=1.5,
        interval=5,
        timeout=100,
        server_header="Server",
        host="x",
    )
    assert asked == [(("2001:db8::1", 81, 0, 0), Schedule(None, 1.5, 5, 100), "Server")]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"count": 1}, "missing required arguments: url"),
        ({"url": URL}, "one of the following is required: count, duration"),
        ({"url": URL, "count": 1, "duration": 1}, "parameters are mutually exclusive: count|duration"),
        ({"url": "https://192.0.2.100/", "count": 1}, "is no URL of the form http://ADDRESS[:PORT][/PATH]"),
        ({"url": URL, "count": 0}, "count: 0 is too small, it must be more than 0"),
        ({"url": URL, "count": 1, "interval": 0}, "interval: 0 is too small, it must be more than 0"),
    ],
)
def test_wrong_options(run, asked, options, message):
    result = run(http_probe, **options)
    assert result["failed"]
    assert message in result["msg"]
    assert asked == []


def test_no_key_means_something_else_to_ansible(run, serve_nothing):
    result = run(http_probe, url=serve_nothing, count=1)
    assert result["failed"] is False
    assert not {"skipped", "unreachable", "rc", "warnings", "exception"} & result.keys()


@pytest.fixture
def serve_nothing():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    return f"http://127.0.0.1:{port}/"
