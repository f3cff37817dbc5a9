# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Take single collections out of the `ansible` package of the Python package index.

    fetch_collections.py 'ansible~=12.0' FOLDER ansible.posix ansible.utils

They are the same files that Galaxy serves. Galaxy itself is not asked: package indexes are mirrored nearly everywhere
and Galaxy is not, and one way that always works beats two of which one is seldom tried.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path


def download_wheel(requirement: str, folder: Path) -> Path:
    """Return the wheel that pip finds for the requirement; pip's own cache makes the second time quick."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--dest", folder, requirement]
    subprocess.run(command, check=True)
    return next(folder.glob("*.whl"))


def unpack(wheel: Path, collection: str, target: Path) -> None:
    """Unpack one collection (`namespace.name`) of the wheel as target/namespace/name."""
    inside = f"ansible_collections/{collection.replace('.', '/')}/"
    with zipfile.ZipFile(wheel) as archive:
        members = [member for member in archive.infolist() if member.filename.startswith(inside)]
        if not members:
            sys.exit(f"{wheel.name} has no collection {collection}")
        for member in members:
            member.filename = member.filename.removeprefix("ansible_collections/")
            archive.extract(member, target)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description="Take single collections out of the ansible package")
    parser.add_argument("requirement", help="version of the ansible package, as pip takes it")
    parser.add_argument("target", type=Path, help="the ansible_collections folder to put them in")
    parser.add_argument("collections", nargs="+", metavar="namespace.name")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        wheel = download_wheel(arguments.requirement, Path(folder))
        for collection in arguments.collections:
            unpack(wheel, collection, arguments.target)


if __name__ == "__main__":
    main()
