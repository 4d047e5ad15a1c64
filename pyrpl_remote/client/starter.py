"""Starts a board's daemon, as `connect(name)` does on this machine: the process that a gate runs.

It prints one JSON object a line: `progress`, then `ready` with the entry of the daemon, or `error`.
"""

from __future__ import annotations

import dataclasses
import json
import sys
from typing import Any

from .. import lab_file
from ..environment import require_environment
from ..error_data import describe
from ..errors import PyrplRemoteError
from ..names import directory

FIRST_CLIENT_SECONDS = 10.0
"""The daemon waits at least so long for the client that asked for it, which has still to connect."""


def main() -> None:
    """Start the board that the first argument names. Its daemon then waits for a client as any other does."""
    name = sys.argv[1]
    try:
        require_environment()
        from .connect import connect
        from .finding.elsewhere import HERE

        grace = max(lab_file.grace_seconds(name), FIRST_CLIENT_SECONDS)
        with connect(name, on=HERE, grace=grace, progress=lambda step: _print(progress=step)):
            entry = next(entry for entry in directory.boards() if entry.name == name)
            _print(ready={**dataclasses.asdict(entry), "aliases": list(entry.aliases)})
    except PyrplRemoteError as error:
        _print(error=describe(error))
        sys.exit(1)


def _print(**report: Any) -> None:
    print(json.dumps(report), flush=True)


if __name__ == "__main__":
    main()
