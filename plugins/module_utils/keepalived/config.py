# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `keepalived -t` says: pure, no I/O."""

from __future__ import annotations

from dataclasses import dataclass

SECRETS = ("auth_pass", "key", "password")
"""Keywords whose arguments nobody else may see."""

# keepalived.8 documents 3 to 5, the code returns these (keepalived issue 2457).
_MEANING = {
    4: "it cannot run with this configuration",
    5: "it would run, but ignores part of this configuration",
    6: "scripts would run without script security",
}
# Ended by SIGTERM, as Python says it and as a shell does.
_KILLED_BY_ITSELF = (-15, 143)


@dataclass(frozen=True)
class Verdict:
    """Outcome of a configuration test: what is wrong (empty when accepted) and what could not be tested (or empty)."""

    error: str = ""
    warning: str = ""


def judge(code: int, output: str, accepted: tuple[int, ...] = (0,)) -> Verdict:
    """Turn exit code and console output of `keepalived -t` into a verdict. `accepted` are the codes the user takes."""
    if code in accepted:
        return Verdict()
    if code in _KILLED_BY_ITSELF:
        # keepalived 2.2.7 (Debian 12) kills itself in -t when scripts have a user of their own (keepalived issue 2587).
        return Verdict(
            warning="keepalived -t ended itself (a fault of 2.2.7 with script users): the configuration is not tested"
        )
    meaning = _MEANING.get(code, f"keepalived -t ended with code {code}")
    return Verdict(error=f"{meaning}:\n{output.strip() or 'it gave no reason'}")
