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

from ..estimate import Estimate
from ..progress import Report, shown, unless_switched_off
from .control import ControlServer
from .options import BoardOptions
from .red_pitaya import Board
from .stdin import wait_for_end

SHOW_SECONDS = 1.0
"""How often it is shown how far the compilation of the FPGA's model is."""


def run_board(
    options: BoardOptions, json_line: bool = False, exit_with_stdin: bool = False, json_progress: bool = False
) -> int:
    """Run a board until SIGINT, SIGTERM or `shutdown now` in its shell; returns the exit code.

    Once SSH answers, the ports are printed on one line of stdout, as a JSON object if `json_line`. With
    `exit_with_stdin` the board also ends when stdin does. How far the compilation of the FPGA's model is, is
    shown on stderr; with `json_progress` it is printed on stdout instead, as JSON objects, one a line.
    """
    code, compiling = asyncio.run(_run(options, json_line, exit_with_stdin, json_progress))
    if compiling:
        sys.stderr.flush()
        # the thread that compiles cannot be interrupted, and Python would wait for its end
        os._exit(code)
    return code


async def _run(
    options: BoardOptions, json_line: bool, exit_with_stdin: bool, json_progress: bool
) -> tuple[int, bool]:
    """Run the board; returns the exit code, and whether the FPGA's model is still being compiled."""
    line = contextlib.ExitStack()
    show = line.enter_context(shown(False if json_progress else unless_switched_off(), "virtual board"))
    compilation = _Compilation(json_progress, show)
    board = Board(options, compilation.report)
    control = ControlServer(board)
    loop = asyncio.get_running_loop()
    _on_signals(lambda: loop.call_soon_threadsafe(board.finished.set))
    if exit_with_stdin:
        threading.Thread(target=_await_stdin, args=(loop, board.finished), name="stdin", daemon=True).start()
    starting = asyncio.create_task(board.start())
    ending = asyncio.create_task(board.finished.wait())
    try:
        with line:
            while not starting.done() and not ending.done():
                await asyncio.wait(
                    [starting, ending], timeout=SHOW_SECONDS, return_when=asyncio.FIRST_COMPLETED
                )
                compilation.show()
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


class _Compilation:
    """Shows how far the compilation of the FPGA's model is; see `run_board`."""

    def __init__(self, as_json: bool, show: Report):
        self._as_json = as_json
        self._show = show
        self._estimate: Estimate | None = None

    def report(self, compiled: int, functions: int) -> None:
        """So many functions of the model are compiled; called in any thread."""
        if self._as_json:
            print(json.dumps({"compiled": compiled, "functions": functions}), flush=True)
        self._estimate = self._estimate or Estimate()
        self._estimate.update(compiled, functions)
        self.show()

    def show(self) -> None:
        """Show how far it is, if it has begun."""
        if self._estimate is not None:
            self._show(f"compiling its FPGA, once ({self._estimate.text()})")


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
    wait_for_end()
    with contextlib.suppress(RuntimeError):  # the loop has already ended
        loop.call_soon_threadsafe(finished.set)
