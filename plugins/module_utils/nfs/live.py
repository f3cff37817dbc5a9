# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The export files of this host, its live export table, and what exportfs would make of other files.

That is tried in namespaces of its own, with another folder for the live table: the host's table, and the caches of its
kernel, know nothing of it. So wrong syntax is found before anything changes, and the live table can be compared with
all that exportfs puts into it, defaults included.

In a network namespace of its own it cannot ask a name server. If there is a name that only one knows, it is tried again
without; exportfs then has the kernel ask again who may mount what, which changes nothing.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.lvs.cluster.plugins.module_utils.commands import Run
from ansible_collections.lvs.cluster.plugins.module_utils.files import read_text, replace_text
from ansible_collections.lvs.cluster.plugins.module_utils.nfs.exports import Export, parse

ETC = Path("/etc")
STATE = Path("/var/lib/nfs")

CANNOT_TRY = 99
SCRIPT = f"""
for pair in "$@"; do
  mount --bind "${{pair%%|*}}" "${{pair#*|}}" || exit {CANNOT_TRY}
done
exec "$0" -ra
"""

_MISSING = re.compile(r"^exportfs: Failed to stat (?P<path>.*): No such file or directory$")
_UNRESOLVED = re.compile(r"^exportfs: Failed to resolve (?P<name>.*)$")


@dataclass(frozen=True)
class Trial:
    """What came of trying files: the table that exportfs made, its complaints, and names that it did not know."""

    exports: tuple[Export, ...]
    complaints: tuple[str, ...] = ()
    unknown_names: tuple[str, ...] = ()


def exports_folder() -> Path:
    """Return the folder of all export files but /etc/exports."""
    return ETC / "exports.d"


def export_files() -> list[Path]:
    """Return the files that exportfs reads."""
    return [ETC / "exports", *sorted(exports_folder().glob("*.exports"))]


def live_table() -> list[Export]:
    """Return the live export table of this host: what mountd answers the kernel from."""
    return parse(read_text(STATE / "etab") or "")


def can_try(files: Path | None = None) -> bool:
    """Tell whether there is a place where `files`, a further one, can stand in for the host's."""
    return STATE.is_dir() and (files is None or exports_folder().is_dir() or (ETC / "exports").is_file())


def attempt(run: Run, exportfs: str, file: Path, text: str | None) -> Trial:
    """Return what exportfs makes of this host's export files if `file` has this text; with None if it is not there."""
    trial = _attempt(run, exportfs, file, text, ["--mount", "--net"])
    return _attempt(run, exportfs, file, text, ["--mount"]) if trial.unknown_names else trial


def _attempt(run: Run, exportfs: str, file: Path, text: str | None, namespaces: Sequence[str]) -> Trial:
    with tempfile.TemporaryDirectory(prefix="lvs-cluster-") as name:
        folder = Path(name)
        state = folder / "nfs"
        state.mkdir()
        stands_in = {STATE: state, **_files(folder, file, text)}
        arguments = [f"{source}|{target}" for target, source in stands_in.items()]
        code, _out, error = run(["unshare", *namespaces, "sh", "-c", SCRIPT, exportfs, *arguments])
        exports = tuple(parse(read_text(state / "etab") or ""))
    if code == CANNOT_TRY:
        return Trial((), (error.strip(),))
    complaints, unknown = sort_complaints(error)
    return Trial(exports, tuple(complaints) if code else (), tuple(unknown))


def _files(folder: Path, file: Path, text: str | None) -> dict[Path, Path]:
    """Return what stands in for which export files of the host, written into `folder`."""
    if exports_folder().is_dir():
        copy = folder / "exports.d"
        copy.mkdir()
        for path in export_files()[1:]:
            shutil.copy(path, copy / path.name)
        replace_text(copy / file.name, text)
        return {exports_folder(): copy}
    if text is None:
        return {}
    # Without the folder there is nothing to put another one on.
    whole = folder / "exports"
    replace_text(whole, f"{read_text(ETC / 'exports') or ''}\n{text}")
    return {ETC / "exports": whole}


def sort_complaints(error: str) -> tuple[list[str], list[str]]:
    """Return what exportfs complains of, one line each, and the names that it could not resolve."""
    lines = list(dict.fromkeys(line.strip() for line in error.splitlines() if line.strip()))
    unknown = [match["name"] for match in map(_UNRESOLVED.match, lines) if match]
    return [line for line in lines if not _UNRESOLVED.match(line)], unknown


def without_missing(complaints: Sequence[str]) -> list[str]:
    """Leave out complaints of folders that are not there."""
    return [line for line in complaints if not _MISSING.match(line)]
