# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.lvs.cluster.plugins.module_utils.rsync import secrets

FILE = "# Managed by lvs.cluster.\na:one\nb:t:wo\n"


def test_round_trip() -> None:
    assert secrets.parse(FILE) == {"a": "one", "b": "t:wo"}
    assert secrets.render({"b": "t:wo", "a": "one"}) == FILE


def test_the_first_line_of_a_user_counts() -> None:
    assert secrets.parse("a:1\na:2\n#b:3\nc\n") == {"a": "1"}


def test_given_then_existing_then_new_ones() -> None:
    made = secrets.completed(["a", "b", "c"], {"a": "given"}, {"a": "old", "b": "kept", "z": "gone"})
    assert (made["a"], made["b"]) == ("given", "kept")
    assert len(made["c"]) > 40
    assert list(made) == ["a", "b", "c"]
    assert secrets.completed(["c"], {}, {}) != secrets.completed(["c"], {}, {})


def test_a_diff_shows_who_but_not_what() -> None:
    shown = secrets.masked(FILE, FILE.replace("one", "two"))
    assert shown == "# Managed by lvs.cluster.\na: (hidden, another one)\nb: (hidden)\n"
    assert secrets.masked(None, FILE) == ""


def test_wrong_secrets_are_not_shown() -> None:
    problems = secrets.problems_of("modules[0].secrets", ["a", "b"], {"a": "x\ny", "b": "", "c": "fine"})
    assert problems == [
        "modules[0].secrets: 'c' is not in auth_users",
        "modules[0].secrets.a: a secret is one line of 1 to 512 characters",
        "modules[0].secrets.b: a secret is one line of 1 to 512 characters",
    ]
