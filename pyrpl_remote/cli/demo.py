"""`demo`: two client processes share a virtual Red Pitaya. It takes some seconds and needs no hardware.

`demo --lock` is in demo_lock.py.

The player process sets a generator and a PID, the reader process acquires with the scope. This process is no
client: it checks that the daemon starts with its first client and ends after its last one.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import math
import multiprocessing
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from .. import connect, settings
from ..client.finding import observer
from ..errors import BoardNameTaken, PyrplMissing
from ..machine import extras
from ..machine.running import runs
from ..names import directory
from ..progress import unless_switched_off
from . import demo_lock
from .marked_lines import MarkedLines, quiet
from .output import require_picture, require_writable

BOARD = "demo"
GRACE_SECONDS = 0.3
AMPLITUDE_VOLTS = 0.8
FREQUENCY_HERTZ = 1e3
SET_VOLTS = 0.25
START_VOLTS = -0.25
UNITY_GAIN_HERTZ = 2e3
TIMEOUT_SECONDS = 30.0

_p: Any = None
"""In a client process: its proxy of the board, kept from one step of the demonstration to the next."""


def demo(
    picture: Annotated[Path, typer.Option(help="File for the picture of the traces.")] = Path(
        "pyrpl-remote-demo.png"
    ),
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, for scripts.")] = False,
    lock: Annotated[
        bool, typer.Option("--lock", help="Lock a virtual cavity instead, and push it out of lock.")
    ] = False,
) -> None:
    """Let two processes share a virtual Red Pitaya: a sine, a PID loop, and a picture of both.

    With --lock a virtual cavity is swept, calibrated and locked, pushed out of lock, and taken again by the
    lock watch.

    Example: pyrpl-remote demo --picture traces.png
    """
    if lacking := extras.missing("daemon", "virtual") or extras.missing_module("matplotlib", "virtual"):
        message, _ = extras.needs("the demo", lacking)
        raise PyrplMissing(message, extras.install("virtual"))
    require_writable(picture)
    require_picture(picture)
    if any(entry.name == BOARD for entry in directory.boards()):
        raise BoardNameTaken(
            "another demo is running", "wait until it has ended, or `pyrpl-remote stop demo`"
        )
    say = MarkedLines(sys.stderr if as_json else sys.stdout).say
    if lock:
        result = demo_lock.run(say, BOARD, picture.resolve())
        worked = demo_lock.worked(result)
    else:
        result = _run(say, picture.resolve())
        worked = (
            _is_rms(result["sine_rms_volts"])
            and _is_set(result["pid_settled_volts"])
            and result["daemon_started"]
            and result["daemon_stopped"]
        )
    worked = worked and Path(result["picture"]).stat().st_size > 0
    if as_json:
        print(json.dumps(result))
    else:
        say("everything worked as expected" if worked else "NOT everything worked as expected", worked)
    raise typer.Exit(0 if worked else 1)


def _run(say: Callable[..., None], picture: Path) -> dict[str, Any]:
    """Run the demonstration; `say(text, worked)` prints a line. Returns what `--json` prints."""
    # Windows removes no file of a daemon that has not ended
    with tempfile.TemporaryDirectory(prefix="pyrpl-remote-demo-", ignore_cleanup_errors=True) as folder:
        # keeps the demonstration's PyRPL configuration out of the user's folder
        os.environ["PYRPL_USER_DIR"] = folder
        with _client_processes(folder) as (player, reader):
            say("player: connects; no daemon runs yet, so this starts one, with a virtual Red Pitaya")
            connecting = player.submit(_connect)
            _load_drawing()
            connecting.result()
            pid = observer.status(observer.find(BOARD))["daemon"]["pid"]
            started = runs(pid)
            say(f"player: connected; the daemon runs (pid {pid}), name server {directory.uri()}", started)
            player.submit(_play).result()
            say(
                f"player: asg0 puts out {AMPLITUDE_VOLTS} V, {FREQUENCY_HERTZ:g} Hz on out1, "
                "which is connected to in1",
                True,
            )
            reader.submit(_connect).result()
            times, sine = reader.submit(_read_sine).result()
            periods = math.floor(times[-1] * FREQUENCY_HERTZ) / FREQUENCY_HERTZ
            rms = float(np.sqrt(np.mean(sine[times < periods] ** 2)))
            say(
                f"reader: in1 shows {rms:.4f} V rms; "
                f"{AMPLITUDE_VOLTS} V / sqrt(2) = {AMPLITUDE_VOLTS / math.sqrt(2):.4f} V",
                _is_rms(rms),
            )
            settling = reader.submit(_watch_settling)
            player.submit(_hold).result()
            settling_times, settled = settling.result()
            volts = reader.submit(_read_in2).result()
            say(
                f"player: pid0 keeps in2 at {SET_VOLTS} V through out2; the reader measures {volts:.4f} V",
                _is_set(volts),
            )
            for process in (player, reader):
                process.submit(_report).result()
            for client in observer.status(observer.find(BOARD))["clients"]:
                say(f"status: {client['program']} (pid {client['pid']}) holds {', '.join(client['modules'])}")
            for process in (player, reader):
                process.submit(_close).result()
        say(f"both clients have left; the daemon ends after its grace period of {GRACE_SECONDS:g} s")
        # while the daemon waits
        _draw(picture, times, sine, settling_times, settled)
        say(f"picture: {picture}", True)
        stopped = _ended(pid)
        say("the daemon has ended" if stopped else f"the daemon (pid {pid}) has NOT ended", stopped)
    return {
        "sine_rms_volts": rms,
        "pid_set_volts": SET_VOLTS,
        "pid_settled_volts": volts,
        "daemon_started": started,
        "daemon_stopped": stopped,
        "picture": str(picture),
    }


def _is_rms(volts: float) -> bool:
    return abs(volts - AMPLITUDE_VOLTS / math.sqrt(2)) < 0.01


def _is_set(volts: float) -> bool:
    return abs(volts - SET_VOLTS) < 0.005


@contextlib.contextmanager
def _client_processes(folder: str) -> Iterator[tuple[ProcessPoolExecutor, ProcessPoolExecutor]]:
    """Two new processes, one for each client, started in `folder` and moved to the present one.

    multiprocessing imports its first modules with the working folder first in the path: `folder` has no files
    of the user, which could replace them.
    """
    before = os.getcwd()
    context = multiprocessing.get_context("spawn")
    player, reader = (ProcessPoolExecutor(1, context, initializer=_end_with_demo) for _ in range(2))
    with player, reader:
        os.chdir(folder)
        try:
            moved = [process.submit(os.chdir, before) for process in (player, reader)]
            for done in moved:
                done.result()
        finally:
            os.chdir(before)
        yield player, reader


def _end_with_demo() -> None:
    """Let this process end with the demo, also if that is killed: the pool would wait for ever.

    Ctrl-C in a terminal reaches this process, too: it ends it without a traceback.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    demo = multiprocessing.parent_process()
    assert demo is not None, "a client is a process that the demo has started"

    def end() -> None:
        demo.join()
        os._exit(1)

    threading.Thread(target=end, name="end with the demo", daemon=True).start()


def _connect() -> None:
    global _p
    quiet()
    _p = connect(BOARD, hostname=settings.VIRTUAL, grace=GRACE_SECONDS, progress=unless_switched_off())


def _play() -> None:
    _p.rp.asg0.setup(
        waveform="sin",
        frequency=FREQUENCY_HERTZ,
        amplitude=AMPLITUDE_VOLTS,
        output_direct="out1",
        trigger_source="immediately",
    )
    _p.rp.pid0.setup(input="in2", output_direct="out2", setpoint=SET_VOLTS, p=0, i=0)
    _p.rp.pid0.ival = START_VOLTS


def _read_sine() -> tuple[np.ndarray, np.ndarray]:
    scope = _p.rp.scope
    scope.setup(input1="in1", input2="in2", duration=1e-2, trigger_source="asg0", trigger_delay=0)
    in1, _ = scope.single(timeout=TIMEOUT_SECONDS)
    times = scope.times
    return times - times[0], in1


def _watch_settling() -> tuple[np.ndarray, np.ndarray]:
    """Acquire in2 while the player process closes the loop; the rising edge of in2 triggers the scope."""
    scope = _p.rp.scope
    scope.setup(
        trigger_source="ch2_positive_edge", threshold=0.0, duration=1e-3, trigger_delay=4e-4, trace_average=1
    )
    _, in2 = scope.single(timeout=TIMEOUT_SECONDS)
    return scope.times, in2


def _hold() -> None:
    deadline = time.monotonic() + TIMEOUT_SECONDS
    scope = _p.rp.scope
    while not (
        scope.trigger_source == "ch2_positive_edge"
        and scope.running_state == "running_single"
        and scope.pretrig_ok
    ):
        if time.monotonic() > deadline:
            raise TimeoutError("the reader's scope was not armed in time")
        time.sleep(0.01)
    # PyRPL's error signal is input - setpoint: with a plain cable as plant the gain must be negative
    _p.rp.pid0.i = -UNITY_GAIN_HERTZ


def _read_in2() -> float:
    scope = _p.rp.scope
    scope.trigger_source = "immediately"
    _, in2 = scope.single(timeout=TIMEOUT_SECONDS)
    return float(in2.mean())


def _report() -> None:
    # tells the daemon now which modules this process holds; else its next heartbeat does
    _p.status()


def _close() -> None:
    _p.close()


def _ended(pid: int) -> bool:
    """Whether the daemon ends and its name is removed, within 10 s after the grace period."""
    deadline = time.monotonic() + GRACE_SECONDS + 10
    while time.monotonic() < deadline:
        if not runs(pid) and not any(e.name == BOARD for e in directory.boards()):
            return True
        time.sleep(0.05)
    return False


def _load_drawing() -> None:
    """Import what `_draw` needs, while another process works."""
    importlib.import_module("matplotlib.figure")


def _draw(path: Path, times, sine, settling_times, settled) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 6), layout="constrained")
    above, below = figure.subplots(2, 1)
    above.plot(times * 1e3, sine, color="tab:blue")
    above.set(title="asg0: 0.8 V, 1 kHz on out1, seen on in1", xlabel="time (ms)", ylabel="in1 (V)")
    below.plot(settling_times * 1e3, settled, color="tab:orange")
    below.axhline(SET_VOLTS, color="gray", linestyle="--", label=f"set value {SET_VOLTS} V")
    below.set(title="pid0 takes in2 to its set value through out2", xlabel="time (ms)", ylabel="in2 (V)")
    below.legend()
    for axes in (above, below):
        axes.grid(alpha=0.3)
    figure.savefig(path, dpi=110)
