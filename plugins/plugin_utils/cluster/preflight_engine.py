# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a director engine does not do, and is asked for."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.declaration import Declaration
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.preflight_keepalived import lines_of
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.preflight_ldirectord import (
    check_lines,
    check_service,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.problems import Problems
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.schema import ClusterVariables
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster.schema_service import Service

CHECKING = ("keepalived", "ldirectord")
"""Engines that check real servers."""


def check_engine(declaration: Declaration, problems: Problems) -> None:
    """Check the cluster's variables and its services against its engine."""
    _check_variables(declaration.variables, problems)
    engine = declaration.variables.director_engine
    for service in declaration.services:
        _check_service(engine, service, problems)
    for lines in lines_of(declaration):
        if engine != "keepalived" and lines.block in ("virtual_server", "real_server"):
            problems.add(lines.where, f"with the engine {engine} keepalived.conf has no {lines.block}", "leave it out")


def _check_variables(variables: ClusterVariables, problems: Problems) -> None:
    engine = variables.director_engine
    if variables.keep_weights and engine != "static":
        fix = "leave it out, or write lvs_director_engine: static"
        problems.add("lvs_keep_weights", f"the engine {engine} sets the weights by its own checks", fix)
    if engine == "ldirectord":
        check_lines(variables.ldirectord_lines, problems)
    elif variables.ldirectord_lines:
        problems.add("lvs_ldirectord_lines", f"with the engine {engine} there is no ldirectord.cf", "leave it out")


def _check_service(engine: str, service: Service, problems: Problems) -> None:
    if engine == "keepalived":
        _check_anchors(service, problems)
    elif engine == "ldirectord":
        check_service(service, problems)
    else:
        for key in _needs_checks(service):
            what = f"the engine {engine} does not check real servers, so it would never come into force"
            problems.add(f"{service.where}.{key}", what, "leave it out, or write lvs_director_engine: keepalived")


def _check_anchors(service: Service, problems: Problems) -> None:
    """keepalived matches what it reads at once, which may have the headers before the page, or may not."""
    check = service.health_check
    regexes = (check.regex, *(page.regex for page in check.pages or ())) if check else ()
    for regex in regexes:
        if regex and regex.startswith("^"):
            what = "keepalived may match it with the headers before the page, so ^ holds at one time and not at another"
            problems.add(f"{service.where}.health_check.regex", what, "write (?m)^ for the beginning of any line")


def _needs_checks(service: Service) -> Iterator[str]:
    if service.sorry_server is not None:
        yield "sorry_server"
    if service.quorum > 1:
        yield "quorum"
    if service.inhibit_on_failure:
        yield "inhibit_on_failure"
