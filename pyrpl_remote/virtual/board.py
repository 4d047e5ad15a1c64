"""The process of a virtual Red Pitaya: starts the board, prints its ports, ends it. `cli` calls it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import threading
from collections.abc import Callable

from .control import ControlServer
from .machine import Board
from .options import BoardOptions

_PROGRESS_SECONDS = 3.0
"""If the start takes longer than this, in s, a message says that the FPGA is being compiled."""


def run_board(options: BoardOptions, json_line: bool = False, exit_with_stdin: bool = False) -> int:
    """Run a board until SIGINT, SIGTERM or `shutdown now` in its shell; returns the exit code.

    Once SSH answers, the ports are printed on one line of stdout, as a JSON object if `json_line`. With
    `exit_with_stdin` the board also ends when stdin does.
    """
    code, compiling = asyncio.run(_run(options, json_line, exit_with_stdin))
    if compiling:
        sys.stderr.flush()
        # the thread that compiles cannot be interrupted, and Python would wait for its end
        os._exit(code)
    return code


async def _run(options: BoardOptions, json_line: bool, exit_with_stdin: bool) -> tuple[int, bool]:
    """Run the board; returns the exit code, and whether the FPGA's model is still being compiled."""
    board = Board(options)
    control = ControlServer(board)
    loop = asyncio.get_running_loop()
    _on_signals(lambda: loop.call_soon_threadsafe(board.finished.set))
    if exit_with_stdin:
        threading.Thread(target=_await_stdin, args=(loop, board.finished), name="stdin", daemon=True).start()
    starting = asyncio.create_task(board.start())
    ending = asyncio.create_task(board.finished.wait())
    try:
        done, _ = await asyncio.wait(
            [starting, ending], timeout=_PROGRESS_SECONDS, return_when=asyncio.FIRST_COMPLETED
        )
        if not done:
            print("compiling the FPGA's model; the next start will be fast", file=sys.stderr, flush=True)
            await asyncio.wait([starting, ending], return_when=asyncio.FIRST_COMPLETED)
        if not board.finished.is_set():
            starting.result()
            control_address = await control.start() if options.control else None
            print(_announcement(board, control_address, json_line), flush=True)
            await ending
    except OSError as error:
        print(f"the virtual board cannot listen on {options.host}: {error}", file=sys.stderr)
        return 1, False
    except RuntimeError as error:
        print(f"{error}: {error.__cause__}", file=sys.stderr)
        return 1, False
    finally:
        control.close()
        await board.stop()
    return 0, not board.clock.ready


def _announcement(board: Board, control_address: str | None, json_line: bool) -> str:
    facts: dict[str, str | int] = {
        "host": board.host,
        "ssh_port": board.ssh_port,
        "monitor_port": board.monitor_port,
    }
    if control_address is not None:
        facts["control"] = control_address
    if json_line:
        return json.dumps(facts)
    line = "virtual Red Pitaya on {host}: SSH port {ssh_port}, monitor port {monitor_port}".format(**facts)
    return line if control_address is None else f"{line}, control {control_address}"


def _on_signals(stop: Callable[[], object]) -> None:
    """Call `stop()` at SIGINT and SIGTERM, or at SIGBREAK, which Windows has in place of SIGTERM."""
    for name in ("SIGINT", "SIGTERM", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda number, frame: stop())


def _await_stdin(loop: asyncio.AbstractEventLoop, finished: asyncio.Event) -> None:
    """Set `finished` at the end of stdin."""
    # by file descriptor: a thread that waits in sys.stdin.read() would keep the process from exiting
    while os.read(0, 4096):
        pass
    with contextlib.suppress(RuntimeError):  # the loop has already ended
        loop.call_soon_threadsafe(finished.set)
