"""The process of a working client: `python -m tests.campaigns.client KIND BOARD PARAMETERS PAUSE`.

It prints one line of JSON for each piece of work (when it began and ended, and its error), and obeys the
commands on its stdin: `pause`, `resume`, `settle`, `connect`. It ends with its stdin.
"""

from __future__ import annotations

import json
import logging
import queue
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any

from pyrpl_remote import connect, errors

from .kinds import KINDS, Asynchronous
from .numbered import Violation

EXPECTED = (
    errors.BoardGone,
    errors.DaemonSilent,
    errors.OutcomeUnknown,
    errors.BoardLinkLost,
    errors.AcquisitionCancelled,
    errors.ModuleBusy,
)
"""What a client may get while a fault lasts."""


def say(**values: Any) -> None:
    """Print a line for the campaign."""
    sys.__stdout__.write(json.dumps(values) + "\n")
    sys.__stdout__.flush()


def attempt(work: Callable[[], None], forget: Callable[[], None], what: str) -> None:
    """Do a piece of work, and report it."""
    began = time.time()
    say(begins=what, at=began)
    outcome: dict[str, Any] = {}
    try:
        work()
    except Violation as violation:
        outcome = {"violation": violation.kind, "text": str(violation)}
        forget()
    except EXPECTED as error:
        outcome = {"error": type(error).__name__, "text": str(error)}
    except Exception as error:  # noqa: BLE001 - boundary: the campaign counts it
        outcome = {"violation": "unexpected", "text": f"{error!r} at {_place(error)}"}
    say(work=what, began=began, ended=time.time(), **outcome)


def _place(error: Exception) -> str:
    return " < ".join(
        f"{f.name}:{f.lineno}" for f in reversed(traceback.extract_tb(error.__traceback__)[-4:])
    )


def main() -> None:
    """Connect, and work until stdin ends."""
    kind, board, parameters, pause = sys.argv[1:]
    sys.stdout = sys.stderr  # what libraries print is no line for the campaign
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")
    p = connect(board, **json.loads(parameters))
    client = KINDS[kind](p)
    commands: queue.Queue[str] = queue.Queue()

    def listen() -> None:
        for line in sys.stdin:
            commands.put(line.strip())
        commands.put("end")

    threading.Thread(target=listen, daemon=True).start()
    say(ready=True)
    paused = False
    while True:
        try:
            command = commands.get(timeout=None if paused else float(pause))
        except queue.Empty:
            attempt(client.turn, client.forget, "turn")
            if kind == Asynchronous.__name__:
                attempt(client.acquire, client.forget, "acquire")
            continue
        if command == "end":
            break
        if command == "settle":
            attempt(client.settle, client.forget, "settle")
        elif command == "connect":
            connect(board, **json.loads(parameters)).close()
        paused = command in ("pause", "settle")
        say(done=command)
    client.close()
    p.close()
    say(closed=True)


if __name__ == "__main__":
    main()
