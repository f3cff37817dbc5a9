# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check that a built collection has what its users need, all of it and nothing else.

    check_tarball.py lvs-cluster-0.1.0.tar.gz

Prints one line per file that is too many or missing and ends with status 1 if there is one.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
from pathlib import Path

FOLDERS = ("docs/", "examples/", "meta/", "playbooks/", "plugins/", "roles/")
FILES = {"CHANGELOG.rst", "LICENSE", "README.md", "requirements.txt"}
MADE_BY_BUILD = {"FILES.json", "MANIFEST.json"}


def tracked_files() -> set[str]:
    """Return the files of the checkout that git knows or would add, as they stand on disk."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\0")
    return {name for name in names if name and Path(name).exists()}


def main() -> int:
    """Compare the tarball with the checkout in the current folder."""
    with tarfile.open(sys.argv[1]) as archive:
        packed = {member.name.removeprefix("./") for member in archive.getmembers() if not member.isdir()}
    wanted = {name for name in tracked_files() if name.startswith(FOLDERS) or name in FILES} | MADE_BY_BUILD
    problems = [f"{name} is in the tarball: add it to build_ignore in galaxy.yml" for name in sorted(packed - wanted)]
    problems += [f"{name} is missing in the tarball" for name in sorted(wanted - packed)]
    print("\n".join(problems) or f"{len(packed)} files, as wanted")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
