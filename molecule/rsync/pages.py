# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs on machines of the lab: writes pages that carry their own checksum, reads them by HTTP, compares folders.

pages.py write FOLDER COUNT GENERATION [PAUSE]   each page is replaced in one step, PAUSE seconds apart
pages.py read URL COUNT                          until SIGTERM; prints what was seen, as JSON
pages.py sum FOLDER                              a checksum of names, kinds, owners, modes, times and contents
pages.py generations FOLDER                      the generations of its pages, each once
pages.py ask ADDRESS MODULE                      what the daemon of rsync says to somebody without a secret
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import random
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

OURS = ".lvs-cluster-"


def name_of(number: int) -> str:
    return f"{number % 10}/page{number}.html"


def page(generation: str, number: int) -> bytes:
    chance = random.Random(f"{generation} {number}")
    body = f"{generation} {number} ".encode() + chance.randbytes(chance.randint(100, 20000)).hex().encode()
    return f"{hashlib.sha256(body).hexdigest()} {len(body)}\n".encode() + body


def is_whole(text: bytes) -> bool:
    head, _end, body = text.partition(b"\n")
    return head == f"{hashlib.sha256(body).hexdigest()} {len(body)}".encode()


def write(folder: Path, count: int, generation: str, pause: float) -> None:
    for number in range(count):
        target = folder / name_of(number)
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_name(f".{target.name}.tmp")
        temporary.write_bytes(page(generation, number))
        temporary.replace(target)
        time.sleep(pause)


def read(url: str, count: int) -> None:
    seen = {"requests": 0, "torn": [], "failed": []}
    going = [True]
    signal.signal(signal.SIGTERM, lambda *_: going.clear())
    while going:
        name = name_of(random.randrange(count))
        seen["requests"] += 1
        try:
            with urllib.request.urlopen(url + name, timeout=20) as answer:
                if not is_whole(answer.read()):
                    seen["torn"].append(name)
        except (OSError, urllib.error.HTTPError) as error:
            seen["failed"].append(f"{name}: {error}")
    print(json.dumps(seen))


def sum_of(folder: Path) -> str:
    total = hashlib.sha256()
    # While a copy is made, files and folders come and go.
    names = sorted(Path(each, name) for each, folders, files in os.walk(folder) for name in (*folders, *files))
    for path in names:
        if path.name.startswith(OURS):
            continue
        with contextlib.suppress(FileNotFoundError):
            total.update(repr([str(path.relative_to(folder)), *_contents(path)]).encode())
    return total.hexdigest()


def _contents(path: Path) -> list[object]:
    stat = path.lstat()
    what: list[object] = [stat.st_mode, stat.st_uid, stat.st_gid]
    if path.is_symlink():
        what.append(str(path.readlink()))
    elif path.is_file():
        what += [int(stat.st_mtime), hashlib.sha256(path.read_bytes()).hexdigest()]
    return what


def generations(folder: Path) -> list[str]:
    """The marker before and after, and what stands in the pages."""
    marker = folder / ".lvs-cluster-generation"
    before = marker.read_text()
    found = {path.read_bytes().partition(b"\n")[2].partition(b" ")[0].decode() for path in folder.glob("*/page*.html")}
    return [before.strip(), marker.read_text().strip(), *sorted(found)]


def ask(address: str, module: str) -> str:
    with socket.create_connection((address, 873), 10) as daemon:
        file = daemon.makefile("rwb")
        file.readline()
        file.write(b"@RSYNCD: 31.0 sha512 md5\n" + module.encode() + b"\n")
        file.flush()
        return file.readline().decode().strip()


def main(command: str, *arguments: str) -> None:
    if command == "write":
        write(Path(arguments[0]), int(arguments[1]), arguments[2], float(arguments[3]) if arguments[3:] else 0)
    elif command == "read":
        read(arguments[0], int(arguments[1]))
    elif command == "sum":
        print(sum_of(Path(arguments[0])))
    elif command == "generations":
        print(json.dumps(generations(Path(arguments[0]))))
    else:
        print(ask(*arguments))


if __name__ == "__main__":
    main(*sys.argv[1:])
