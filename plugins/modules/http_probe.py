#!/usr/bin/python
# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: http_probe
short_description: Ask a service by HTTP and measure the longest gap between answers
version_added: 0.1.0
description:
  - Sends HTTP GET requests on a fixed schedule, each on a new TCP connection, so that IPVS schedules each of them. The
    requests wait for their answers side by side, so a slow one delays no other.
  - A request has succeeded when it was answered completely, within O(timeout), with a status below 400.
  - Works without HTTPS and follows no redirections.
  - The same measurement runs without Ansible, for instance in the background of a test, from a copy of the collection's
    file C(plugins/module_utils/probe/http.py) on the host; see its C(--help).
author: lvs.cluster contributors (@lvs-cluster)
extends_documentation_fragment:
  - lvs.cluster.attributes.info
options:
  url:
    description:
      - What to ask, as in C(http://192.0.2.100:8080/path). An IPv6 address stands in brackets. A name is resolved once,
        before the first request.
    type: str
    required: true
  host:
    description:
      - The C(Host) header, for instance the name of a virtual host. The default is taken from O(url).
    type: str
  count:
    description:
      - How many requests to send. Give this or O(duration).
    type: int
  duration:
    description:
      - For how many seconds to send requests. Give this or O(count).
    type: float
  interval:
    description:
      - Milliseconds from the start of a request to the start of the next one.
    type: int
    default: 20
  timeout:
    description:
      - Milliseconds that a request may take from the first packet to the end of the answer.
    type: int
    default: 250
  server_header:
    description:
      - Header in which the application says which server answers, if it does.
    type: str
    default: X-Served-By
seealso:
  - module: lvs.cluster.arp_probe
  - module: lvs.cluster.verify_report
"""

EXAMPLES = r"""
- name: Send a hundred requests through the director
  lvs.cluster.http_probe:
    url: http://192.0.2.100/
    count: 100
  register: answers

- name: All of them must be answered, by more than one server
  ansible.builtin.assert:
    that:
      - answers.failed_requests == 0
      - answers.servers | length > 1

- name: Measure the gap of a failover that something else causes meanwhile
  lvs.cluster.http_probe:
    url: http://[2001:db8::100]/
    duration: 30
"""

RETURN = r"""
requests:
  description: Number of requests sent.
  returned: success
  type: int
  sample: 600
succeeded:
  description: Number of requests that succeeded.
  returned: success
  type: int
  sample: 457
failed_requests:
  description: Number of requests that did not.
  returned: success
  type: int
  sample: 143
statuses:
  description: Number of answers by HTTP status.
  returned: success
  type: dict
  sample: {"200": 457}
servers:
  description: Number of answers by what O(server_header) said; empty if the application sends no such header.
  returned: success
  type: dict
  sample: {"web1": 229, "web2": 228}
failures:
  description:
    - Failed requests by kind, with the milliseconds from the first request to the start of the first and of the last
      one of the kind.
    - Kinds are V(connect_timeout), V(answer_timeout), V(refused), V(reset), V(unreachable), V(malformed) (answers that
      were cut off or are no HTTP), V(status_503) and the like, and the names of other errors of the system.
  returned: success
  type: dict
  sample: {"connect_timeout": {"count": 143, "first_ms": 3020.1, "last_ms": 5860.0}}
gap_ms:
  description:
    - Longest interval in milliseconds between the starts of two consecutive successful requests, so O(interval) when
      nothing fails. Where the first or last requests fail it reaches to the first or last request. V(null) if no
      request succeeded.
  returned: success
  type: float
  sample: 2880.3
gap_began_ms:
  description: Milliseconds from the first request to the beginning of the gap.
  returned: success
  type: float
  sample: 3000.1
latency_ms:
  description: How long successful requests took, in milliseconds; empty if there were none.
  returned: success
  type: dict
  sample: {"p50": 1.1, "p90": 1.9, "p99": 4.2, "max": 12.0}
duration_ms:
  description: Milliseconds from the start of the first request to the start of the last one.
  returned: success
  type: float
  sample: 11980.2
began_at:
  description: When the first request started, in seconds since the epoch by the clock of the host.
  returned: success
  type: float
  sample: 1700000000.123
missed:
  description: Number of requests of the schedule that the host was too slow or too busy to start in time.
  returned: success
  type: int
  sample: 0
url:
  description: What was asked.
  returned: success
  type: str
  sample: http://192.0.2.100/
address:
  description: The address that was asked.
  returned: success
  type: str
  sample: 192.0.2.100
port:
  description: The port that was asked.
  returned: success
  type: int
  sample: 80
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils.probe.http import (
    INTERVAL_MS,
    SERVER_HEADER,
    TIMEOUT_MS,
    Schedule,
    parse_url,
    probe,
)


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "url": {"type": "str", "required": True},
            "host": {"type": "str"},
            "count": {"type": "int"},
            "duration": {"type": "float"},
            "interval": {"type": "int", "default": INTERVAL_MS},
            "timeout": {"type": "int", "default": TIMEOUT_MS},
            "server_header": {"type": "str", "default": SERVER_HEADER},
        },
        mutually_exclusive=[("count", "duration")],
        required_one_of=[("count", "duration")],
        supports_check_mode=True,
    )
    options = module.params
    try:
        target = parse_url(options["url"], options["host"])
        schedule = Schedule(options["count"], options["duration"], options["interval"], options["timeout"])
    except ValueError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, url=options["url"], **probe(target, schedule, options["server_header"]))


if __name__ == "__main__":
    main()
