# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action behind the module `import_report`: reads a file of other directors and prints it as variables."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.lvs.cluster.plugins.plugin_utils.importers.formats import (
    FORMATS,
    ImportFailedError,
    import_text,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils.importers.known import read_known
from ansible_collections.lvs.cluster.plugins.plugin_utils.importers.screen import render

display = Display()

ARGUMENTS = {
    "src": {"type": "str", "required": True},
    "format": {"type": "str", "choices": sorted(FORMATS)},
    "known": {"type": "dict", "default": {}},
}


class ActionModule(ActionBase):
    """Reads the file on the controller."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        _validation, options = self.validate_argument_spec(argument_spec=ARGUMENTS)
        path = options["src"]
        try:
            imported = import_text(_read(path), options["format"], read_known(options["known"]))
        except ImportFailedError as error:
            raise AnsibleActionFail(f"Cannot import {path or 'anything'}: {error}") from None
        display.display(render(imported, path))
        return {**result, "changed": False, **json.loads(json.dumps(asdict(imported)))}


def _read(path: str) -> str:
    """Return the text of a file. Raises ImportFailedError."""
    if not path:
        raise ImportFailedError("say which file, by -e lvs_import_file=PATH")
    try:
        content = Path(path).expanduser().read_bytes()
    except OSError as error:
        raise ImportFailedError(f"{error.strerror}; say a file that you can read on this machine") from None
    if b"\0" in content:
        raise ImportFailedError("it is not a text file")
    # Comments of old files may be in any encoding.
    return content.decode("utf-8-sig", errors="replace")
