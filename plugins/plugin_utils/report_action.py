# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the actions share that report on all hosts of a play on one screen."""

from __future__ import annotations

from collections.abc import Iterable

from ansible import constants
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.lvs.cluster.plugins.plugin_utils.screen import Line

display = Display()

COLOURS = {
    "title": constants.COLOR_HIGHLIGHT,
    "plain": None,
    # how it is
    "well": constants.COLOR_OK,
    "wrong": constants.COLOR_ERROR,
    "open": constants.COLOR_WARN,
    # what would change
    "comes": constants.COLOR_DIFF_ADD,
    "goes": constants.COLOR_DIFF_REMOVE,
    "changes": constants.COLOR_CHANGED,
}
"""Tone of a line -> its colour."""


class ReportAction(ActionBase):
    """Runs once for all hosts of the play, and on the controller."""

    BYPASS_HOST_LOOP = True
    TRANSFERS_FILES = False
    _requires_connection = False


def show(lines: Iterable[Line]) -> None:
    """Print a screen. Display leaves the colour out where the output is no terminal."""
    for line in lines:
        display.display(line.text, color=COLOURS[line.tone])
