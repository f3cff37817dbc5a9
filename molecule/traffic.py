# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two directors, two real servers and a client in segments: what clients get, and what the machines say of themselves."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from lab import PROJECT, Lab, Load, report, wait_until

STATE = PROJECT / "molecule" / "segments" / "state.sh"
STATE_BEFORE = "/var/tmp/state-before"
ANSWER = "/usr/local/lib/answer.py"
DIRECTORS = ("lb1", "lb2")
WEB = ("web1", "web2")

# The services that dr, nat, fullnat and tun declare.
RR, WRR, SOURCE_HASH, MAGLEV_HASH, PERSISTENT, ECHO = 80, 81, 82, 83, 84, 7


@dataclass(frozen=True)
class Side:
    """The addresses of one family: `clients` are client1's, `neighbour` is client2's; pairs are lb1 and lb2, web1 and web2."""

    version: int
    vip: str
    gateway: str
    clients: tuple[str, ...]
    neighbour: str
    front: tuple[str, str]
    back: tuple[str, str]
    back_web: tuple[str, str]
    far_web: tuple[str, str]

    @property
    def host(self) -> str:
        """The VIP as it stands in a URL."""
        return f"[{self.vip}]" if self.version == 6 else self.vip

    @property
    def url(self) -> str:
        return f"http://{self.host}/"

    def __str__(self) -> str:
        return f"IPv{self.version}"


def _side(version: int, front: str, back: str, far: str) -> Side:
    """The addresses in three networks, which begin like that."""
    return Side(
        version=version,
        vip=f"{front}100",
        gateway=f"{back}1",
        clients=tuple(f"{front}{number}" for number in range(41, 47)),
        neighbour=f"{back}42",
        front=(f"{front}11", f"{front}12"),
        back=(f"{back}11", f"{back}12"),
        back_web=(f"{back}21", f"{back}22"),
        far_web=(f"{far}21", f"{far}22"),
    )


IPV4 = _side(4, "192.0.2.", "198.51.100.", "203.0.113.")
IPV6 = _side(6, "2001:db8:1::", "2001:db8:2::", "2001:db8:3::")
SIDES = (IPV4, IPV6)


@dataclass(frozen=True)
class Answer:
    """Who answered, and whom it took for its client."""

    server: str
    client: str


def ask(
    lab: Lab, side: Side, port: int = RR, count: int = 1, source: str = "", machine: str = "client1"
) -> list[Answer]:
    """Send requests, each in a connection of its own, all of which have to be answered."""
    url = f"http://{side.host}:{port}/?[1-{count}]"
    curl = f"curl --silent --show-error --fail --max-time 5 --interface {source or side.clients[0]} '{url}'"
    lines = lab.host(machine).check_output(curl).splitlines()
    assert len(lines) == count, lines
    return [Answer(*line.split()) for line in lines]


def servers(answers: Iterable[Answer]) -> Counter[str]:
    """How many of the answers each server gave."""
    return Counter(answer.server for answer in answers)


def names(lab: Lab, side: Side, protocol: str, port: int, count: int) -> Counter[str]:
    """Who answered how often, where answer.py serves."""
    command = f"python3 {ANSWER} ask {protocol} {port} {side.vip} {count}"
    return Counter(lab.host("client1").check_output(command).split())


def is_active(lab: Lab, director: str) -> bool:
    shown = lab.host(director).check_output("ip address show eth0")
    return all(f" {side.vip}/" in shown for side in SIDES)


def active_and_standby(lab: Lab) -> tuple[str, str]:
    return DIRECTORS if is_active(lab, "lb1") else DIRECTORS[::-1]


def changes(lab: Lab, machine: str) -> list[str]:
    """What is different on a host from what it was before the cluster: lines of segments/state.sh after + and -."""
    host = lab.host(machine)
    before = host.file(STATE_BEFORE).content_string.splitlines()
    after = host.check_output(f"sh -s <<'END'\n{STATE.read_text(encoding='utf-8')}\nEND").splitlines()
    return [line for line in difflib.ndiff(before, after) if line[0] in "+-"]


def has_all_servers(lab: Lab, director: str) -> bool:
    """Tell whether all real servers of all services are in the director's rotation."""
    table = lab.host(director).run("ipvsadm --save --numeric").stdout.splitlines()
    services = sum(line.startswith("-A") for line in table)
    used = sum(line.startswith("-a") and not line.endswith("-w 0") for line in table)
    return used == services * len(WEB) > 0


def is_whole(lab: Lab) -> bool:
    return is_active(lab, "lb1") and all(has_all_servers(lab, name) for name in DIRECTORS)


def wait_until_whole(lab: Lab) -> None:
    wait_until(lambda: is_whole(lab), 90, "lb1 active, and all real servers in rotation on both directors")


def answers(lab: Lab) -> bool:
    client = lab.host("client1")
    return all(client.run(f"curl --silent --fail --max-time 2 {side.url}").succeeded for side in SIDES)


@contextmanager
def power_cut(lab: Lab, what: str) -> Iterator[None]:
    """Cut the power of the active director while clients of both families load it, and give it back after the block.

    Before the block the clients have seen a gap of less than 6 seconds.
    """
    victim, standby = active_and_standby(lab)
    try:
        with Load(lab.host("client1"), *(side.url for side in SIDES)) as load:
            lab.power("stopped", victim, force=True)
            wait_until(lambda: is_active(lab, standby), 30, "the VIPs on the other director")
            wait_until(lambda: answers(lab), 20, "an answer from the other director")
        gaps = {str(side): load.results[side.url]["gap_ms"] for side in SIDES}
        report(f"{what}, power cut of the active director: gaps {gaps} ms")
        assert max(gaps.values()) < 6000
        yield
    finally:
        lab.power("started", victim)
    wait_until_whole(lab)


class KeptConnection:
    """A connection of client1 to the echo service that is used once now and once again later."""

    def __init__(self, lab: Lab, side: Side) -> None:
        self._client = lab.host("client1")
        self._waits, self._heard = f"/tmp/kept{side.version}", f"/tmp/kept{side.version}.heard"
        script = (
            f"exec 3<>/dev/tcp/{side.vip}/{ECHO}; echo first >&3; read -t 5 -u 3 first; touch {self._waits}; "
            f"while [ -e {self._waits} ]; do sleep 0.1; done; echo second >&3; read -t 5 -u 3 second; echo $first $second"
        )
        self._client.check_output(f"rm -f {self._heard}; nohup bash -c '{script}' > {self._heard} 2>&1 &")
        wait_until(lambda: self._client.file(self._waits).exists, 30, f"an echo by {side}")
        known = f"ipvsadm --list --connection --numeric | grep -F ' {side.host}:{ECHO} '"
        directors = [lab.host(name) for name in DIRECTORS]
        wait_until(lambda: all(host.run(known).succeeded for host in directors), 30, "the connection known to both")

    def still_works(self) -> bool:
        """Use it again."""
        self._client.check_output(f"rm {self._waits}")
        heard = self._client.file(self._heard)
        wait_until(lambda: bool(heard.content_string), 30, "an echo, or none within 5 seconds")
        return heard.content_string == "first second\n"
