# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs on the machine of the benchmark: makes tables of a size in every way there is, and measures.

    PYTHONPATH=collection.zip:pyroute2 python3 bench_on_node.py SERVICES SERVERS_EACH ROUNDS > result.json

Expects measured_module.py beside itself. Every figure is the best of the rounds, in seconds. What takes a process or a
system call for each entry is measured for some and extrapolated.

Each round of each way has a network namespace of its own: the kernel keeps deleted servers for two minutes, and looks
through all of them whenever one is added. A second way in the same namespace would pay for what the first one deleted.
"""

from __future__ import annotations

import json
import os
import platform
import struct
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils.ipvs import codec, encode, uapi
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.declared import read_table
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.model import FullService, ServiceKey
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.netlink import (
    BATCH_REQUESTS,
    NLM_F_ACK,
    NLM_F_DUMP,
    NLM_F_REQUEST,
    NLMSG_DONE,
    GenericNetlink,
    pack_message,
    unpack_attributes,
    unpack_messages,
)
from pyroute2 import IPVS, IPVSDest, IPVSService

HERE = Path(__file__).parent
PROCESSES = 200
"""Processes of ipvsadm, one for each entry, that are measured; the rest is extrapolated."""
PYROUTE2_ENTRIES = 2000
"""Entries that pyroute2 adds; the rest is extrapolated."""
GENERIC_HEADERS = 20

Table = list[dict[str, Any]]


def make_table(services: int, servers: int, heavier: int = 0) -> Table:
    """Return a declaration; the first server of every hundredth of all is heavier where `heavier` is given."""
    count = 0
    table: Table = []
    for number in range(services):
        members = []
        for member in range(servers):
            weight = 1 + (heavier if count % 100 == 0 else 0)
            members.append({"address": str(IPv4Address("10.0.0.1") + member + number % 7), "weight": weight})
            count += 1
        vip = str(IPv4Address("172.16.0.1") + number // 50)
        table.append({"vip": vip, "port": 1000 + number % 50, "scheduler": "wlc", "servers": members})
    return table


class Floor:
    """Requests that were encoded before, through one socket: no client written in Python can be quicker."""

    def __init__(self, table: Iterable[FullService], changed: Iterable[FullService]) -> None:
        self.kernel = GenericNetlink(uapi.FAMILY_NAME)
        self.socket = self.kernel._socket
        self.sequence = 1000
        table, changed = list(table), list(changed)
        self.add = self.batches(self.additions(table))
        self.change = self.batches(self.changes(table, changed))
        self.delete = self.batches(
            (uapi.CMD_DEL_SERVICE, encode.encode_service_key(full.service.key)) for full in table
        )
        self.keys: list[ServiceKey] = [full.service.key for full in table]
        self.dumps = [self.request(uapi.CMD_GET_SERVICE, b"", NLM_F_DUMP)]
        self.dumps += [self.request(uapi.CMD_GET_DEST, encode.encode_service_key(key), NLM_F_DUMP) for key in self.keys]
        self.answers: list[list[bytes]] = []

    @staticmethod
    def additions(table: Iterable[FullService]) -> Iterator[tuple[int, bytes]]:
        for full in table:
            yield uapi.CMD_NEW_SERVICE, encode.encode_service(full.service)
        for full in table:
            key = encode.encode_service_key(full.service.key)
            for server in full.servers:
                yield uapi.CMD_NEW_DEST, key + encode.encode_server(server)

    @staticmethod
    def changes(table: Iterable[FullService], changed: Iterable[FullService]) -> Iterator[tuple[int, bytes]]:
        for before, after in zip(table, changed):
            for old, new in zip(before.servers, after.servers):
                if old != new:
                    key = encode.encode_service_key(after.service.key)
                    yield uapi.CMD_SET_DEST, key + encode.encode_server(new)

    def request(self, command: int, attributes: bytes, flags: int = 0) -> bytes:
        self.sequence += 1
        return pack_message(self.kernel._family, NLM_F_REQUEST | flags, self.sequence, command, attributes)

    def batches(self, requests: Iterable[tuple[int, bytes]]) -> list[tuple[bytes, int]]:
        """Return what one system call each sends, and the number of its last request, the only one that is answered."""
        waiting = list(requests)
        batches = []
        for start in range(0, len(waiting), BATCH_REQUESTS):
            part = waiting[start : start + BATCH_REQUESTS]
            messages = [self.request(*each, NLM_F_ACK if each is part[-1] else 0) for each in part]
            batches.append((b"".join(messages), self.sequence))
        return batches

    def send(self, batches: Iterable[tuple[bytes, int]]) -> None:
        for data, last in batches:
            self.socket.send(data)
            answer = self.socket.recv(65536)
            sequence, code = struct.unpack_from("=8xI4xi", answer)
            assert (sequence, code) == (last, 0), f"request {sequence} failed with {code}"

    def read(self) -> None:
        """Read the whole table as bytes. The end of a dump is a message of its own at the end of the last read."""
        self.answers = []
        for request in self.dumps:
            self.socket.send(request)
            parts: list[bytes] = []
            while not parts or struct.unpack_from("=4xH", parts[-1], len(parts[-1]) - GENERIC_HEADERS) != (NLMSG_DONE,):
                parts.append(self.socket.recv(65536))
            self.answers.append(parts)

    def decode(self) -> int:
        """Decode what was read, as the module does; return how many servers there are."""
        servers = 0
        for number, parts in enumerate(self.answers):
            for part in parts:
                for message in unpack_messages(part):
                    if message.kind == NLMSG_DONE:
                        continue
                    attributes = unpack_attributes(message.payload[4:])
                    if number == 0:
                        codec.decode_service_config(attributes)
                    else:
                        codec.decode_server_config(attributes, self.keys[number - 1])
                        servers += 1
        return servers


def seconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def ipvsadm(*arguments: str, text: str = "") -> None:
    subprocess.run(["ipvsadm", *arguments], input=text, text=True, check=True, stdout=subprocess.DEVNULL)


def module(table: Table, *options: str) -> dict[str, Any]:
    """Run the module as a process of its own; add its time on the clock to what it says."""
    with tempfile.TemporaryDirectory(dir=HERE) as folder:
        parameters, result = Path(folder, "parameters.json"), Path(folder, "result.json")
        parameters.write_text(json.dumps({"services": table, "purge": "all"}), encoding="utf-8")
        script = [sys.executable, HERE / "measured_module.py", parameters, result, *options]
        whole = seconds(lambda: subprocess.run(script, check=True))
        answer: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
    assert not answer["result"].get("failed"), answer["result"]
    return {**answer, "whole": whole}


def measure_floor(table: Table, changed: Table) -> dict[str, float]:
    floor = Floor(read_table(table), read_table(changed))
    found = {
        "apply": seconds(lambda: floor.send(floor.add)),
        "dump": seconds(floor.read),
        "decode": seconds(floor.decode),
        "change": seconds(lambda: floor.send(floor.change)),
        "purge": seconds(lambda: floor.send(floor.delete)),
    }
    assert floor.decode() == sum(len(service["servers"]) for service in table)
    return found


def measure_module(table: Table, changed: Table, *options: str) -> dict[str, Any]:
    found = {
        "apply": module(table, *options),
        "no-op": module(table, *options),
        "change": module(changed, *options),
        "purge": module([], *options),
    }
    assert [each["result"]["changed"] for each in found.values()] == [True, False, True, True]
    return found


def measure_system_calls(table: Table, changed: Table) -> dict[str, dict[str, float]]:
    """Return for each operation the system calls' part of each phase, from a run that looks at the clock more often."""
    found = measure_module(table, changed, "--system-calls")
    return {operation: each["kernel"] for operation, each in found.items()}


def rules(table: Table) -> tuple[list[str], list[str]]:
    """Return the rules of services, and those of servers, without the command in front."""
    services = [f"-t {service['vip']}:{service['port']}" for service in table]
    servers = [
        f"{name} -r {server['address']}:{service['port']} -g -w {server['weight']}"
        for name, service in zip(services, table)
        for server in service["servers"]
    ]
    return services, servers


def measure_ipvsadm(table: Table, changed: Table) -> dict[str, float]:
    services, servers = rules(table)
    adds = [f"-A {name} -s wlc" for name in services] + [f"-a {server}" for server in servers]
    edits = [f"-e {new}" for new, old in zip(rules(changed)[1], servers) if new != old]

    def restore(lines: list[str]) -> float:
        return seconds(lambda: ipvsadm("--restore", text="\n".join(lines) + "\n"))

    found = {"apply": restore(adds), "no-op": seconds(lambda: ipvsadm("--save", "--numeric"))}
    found["change"] = restore(edits)
    found["purge"] = restore([f"-D {name}" for name in services])
    return found


def measure_processes(table: Table, changed: Table) -> dict[str, float]:
    """One ipvsadm for each entry, started by a shell: from some of them to all of them."""
    services, servers = rules(table)
    few = [f"ipvsadm -A {name} -s wlc" for name in services[:1]]
    few += [f"ipvsadm -a {server}" for server in servers if server.startswith(f"{services[0]} ")]
    few += [f"ipvsadm -A {name} -s wlc" for name in services[1:PROCESSES]]
    few = few[:PROCESSES]
    each = seconds(lambda: subprocess.run(["sh", "-e"], input="\n".join(few), text=True, check=True)) / len(few)
    edits = sum(old != new for old, new in zip(servers, rules(changed)[1]))
    return {"apply": each * (len(services) + len(servers)), "change": each * edits, "purge": each * len(services)}


def measure_pyroute2(table: Table, _changed: Table) -> dict[str, float]:
    """Use pyroute2 where it can: it has no way to edit a server, and none to send more than one request at a time."""
    services, servers = pyroute2_objects(table)
    few_services, few_servers = services[:PYROUTE2_ENTRIES], servers[:PYROUTE2_ENTRIES]
    with IPVS() as client:
        for_services = seconds(lambda: [client.service("add", service=each) for each in few_services])
        for_servers = seconds(lambda: [client.dest("add", service=one, dest=other) for one, other in few_servers])
        reading = seconds(
            lambda: [list(client.service("dump")), *(list(client.dest("dump", service=each)) for each in few_services)]
        )
        deleting = seconds(lambda: [client.service("del", service=each) for each in few_services])
    of_services = len(services) / len(few_services)
    return {
        "apply": for_services * of_services + for_servers * len(servers) / len(few_servers),
        "no-op": reading * (len(services) + len(servers)) / (len(few_services) + len(few_servers)),
        "purge": deleting * of_services,
    }


def pyroute2_objects(table: Table) -> tuple[list[IPVSService], list[tuple[IPVSService, IPVSDest]]]:
    """Return the services, and each server with its service."""
    services, servers = [], []
    for declared in table:
        service = IPVSService(addr=declared["vip"], port=declared["port"], protocol=6, sched_name="wlc")
        services.append(service)
        for member in declared["servers"]:
            servers.append((service, IPVSDest(addr=member["address"], port=declared["port"], weight=1)))  # noqa: PERF401
    return services, servers


def in_own_namespace(measure: Callable[[Table, Table], dict[str, Any]], tables: tuple[Table, Table]) -> dict[str, Any]:
    """Call a function in a child process in a new network namespace, which ends with it."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.unshare(os.CLONE_NEWNET)
            # Without any address the kernel takes every other one for a broadcast address, and refuses it as a server.
            subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
            with os.fdopen(writer, "w", encoding="utf-8") as answer:
                json.dump(measure(*tables), answer)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as answer:
        found: dict[str, Any] = json.load(answer)
    os.waitpid(pid, 0)
    return found


def best(rounds: list[Any], weight: Callable[[Any], float] = float) -> Any:
    """Return the quickest of several rounds, for each operation by itself."""
    return {name: min((each[name] for each in rounds), key=weight) for name in rounds[0]}


def main() -> None:
    """Measure everything for one size."""
    services, servers, count = (int(argument) for argument in sys.argv[1:])
    tables = make_table(services, servers), make_table(services, servers, heavier=5)

    def measure(way: Callable[[Table, Table], dict[str, Any]], rounds: int = count) -> list[dict[str, Any]]:
        return [in_own_namespace(way, tables) for _round in range(rounds)]

    answer = {
        "floor": best(measure(measure_floor)),
        "module": best(measure(measure_module), lambda each: float(each["seconds"]["module"])),
        "system calls": measure(measure_system_calls, 1)[0],
        "ipvsadm": best(measure(measure_ipvsadm)),
        "processes": best(measure(measure_processes, 1)),
        "pyroute2": best(measure(measure_pyroute2, 1)),
        "python": platform.python_version(),
        "kernel": platform.release(),
    }
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
