"""`demo --lock`: a virtual cavity is swept, calibrated and locked, pushed out of lock, and locked again.

What is said of the lock is observed: by PyRPL's own criterion, and by the light that the cavity transmits.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from .. import virtual_cavity
from ..errors import JobError
from ..lock_history import RELOCKED
from ..lockbox_sweep import Sweep, calibrate, measure
from ..progress import unless_switched_off
from .marked_lines import quiet

GRACE_SECONDS = 1.0
LIMIT_SECONDS = 30.0
"""How long to wait for the end of a lock, and for the next one."""

LOOK_SECONDS = 0.02
"""How often the light is measured."""

PAUSE_SECONDS = 1.0
"""How long the picture shows the lock before the push, and after it."""

INPUTS = {"transmission": "Transmission", "reflection": "Reflection", "pdh": "Pound-Drever-Hall signal"}


def run(say: Callable[..., None], name: str, picture: Path) -> dict[str, Any]:
    """Run the demonstration on a board called `name`; `say(text, worked)` prints a message.

    Returns the results that `--json` prints.
    """
    with tempfile.TemporaryDirectory(prefix="pyrpl-remote-demo-", ignore_cleanup_errors=True) as folder:
        # keeps the demonstration's PyRPL configuration out of the user's folder
        os.environ["PYRPL_USER_DIR"] = folder
        quiet()
        with virtual_cavity.open_cavity(name, grace=GRACE_SECONDS, progress=unless_switched_off()) as p:
            say("a virtual Red Pitaya runs, with a Fabry-Perot cavity between its outputs and inputs", True)
            try:
                result, sweeps, light = _lock(say, p)
            finally:
                # without clients and without jobs the daemon ends
                with contextlib.suppress(JobError):  # it was not watched yet
                    p.unwatch_lock()
    _draw(picture, sweeps, light, result)
    say(f"picture: {picture}", True)
    return {**result, "picture": str(picture)}


def worked(result: dict[str, Any]) -> bool:
    """Whether the demonstration went as it should."""
    return result["locked"] and result["pushed_out"] and result["relocked"]


def _lock(say: Callable[..., None], p: Any) -> tuple[dict[str, Any], list[Sweep], Light]:
    """All steps on the connected board."""
    seconds: dict[str, float] = {}
    virtual_cavity.set_up(p)
    with _timed(seconds, "swept"):
        p.lockbox.sweep()
    say(f"swept: the piezo on out1 moves the mirror, PyRPL sweeps it ({seconds['swept']:.2f} s)", True)
    with _timed(seconds, "calibrated"):
        calibrate(p)
    data = p.lockbox.inputs.transmission.calibration_data
    say(
        f"calibrated: the transmission is {data.min:.3f} to {data.max:.3f} V ({seconds['calibrated']:.2f} s)",
        True,
    )
    sweeps = [measure(p, name) for name in INPUTS]
    with Light(p) as light:
        with _timed(seconds, "locked"):
            locked = p.lockbox.lock() and virtual_cavity.resonant(p)
        how = "by the reflection first, then by the Pound-Drever-Hall signal"
        say(_observed("locked", locked, seconds, how), locked)
        relocks: list[Any] = []
        subscription = p.on_lock(lambda event: relocks.append(event) if event.kind == RELOCKED else None)
        p.watch_lock(relock=True, attempts=3, pause=1.0)
        time.sleep(PAUSE_SECONDS)
        with _timed(seconds, "pushed_out"):
            virtual_cavity.push(p)
            pushed_out = _until(lambda: not virtual_cavity.resonant(p))
        say(
            _observed("pushed out", pushed_out, seconds, "the piezo was kicked half a resonance away"),
            pushed_out,
        )
        with _timed(seconds, "relocked"):
            relocked = _until(lambda: bool(relocks)) and virtual_cavity.resonant(p)
        say(_observed("relocked", relocked, seconds, "by the daemon's lock watch"), relocked)
        time.sleep(PAUSE_SECONDS)
        subscription.close()
    result = {"locked": locked, "pushed_out": pushed_out, "relocked": relocked}
    return {**result, **{f"{step}_seconds": round(took, 3) for step, took in seconds.items()}}, sweeps, light


def _observed(step: str, seen: bool, seconds: dict[str, float], how: str) -> str:
    took = seconds[step.replace(" ", "_")]
    return f"{step}: {how} ({took:.2f} s)" if seen else f"NOT {step} within {took:.2f} s"


def _until(condition: Callable[[], bool]) -> bool:
    """Whether `condition()` becomes true within LIMIT_SECONDS."""
    deadline = time.monotonic() + LIMIT_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(LOOK_SECONDS)
    return True


@contextmanager
def _timed(seconds: dict[str, float], step: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    seconds[step] = time.monotonic() - began


class Light:
    """Measures the transmitted light and the piezo's voltage, in a thread, within its `with` block.

    `rows`: time in s, transmission in V, output in V.
    """

    def __init__(self, p: Any) -> None:
        self.rows: list[tuple[float, float, float]] = []
        self._sampler = p.rp.sampler
        self._output = p.lockbox.outputs.piezo.pid.name
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._measure, daemon=True)

    def _measure(self) -> None:
        began = time.monotonic()
        while not self._ended.wait(LOOK_SECONDS):
            seen = self._sampler.snapshot("in2", self._output)
            self.rows.append((time.monotonic() - began, seen["in2"], seen[self._output]))

    def __enter__(self) -> Light:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join(LIMIT_SECONDS)


def _draw(path: Path, sweeps: list[Sweep], light: Light, result: dict[str, Any]) -> None:
    """The sweep with the model's curve for each input, and the light through lock, push and relock."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 7), layout="constrained")
    grid = figure.add_gridspec(2, len(sweeps))
    for column, sweep in enumerate(sweeps):
        axes = figure.add_subplot(grid[0, column])
        axes.plot(sweep.volts, sweep.signal, color="tab:blue", label="sweep")
        if len(sweep.model):
            axes.plot(
                sweep.model_volts, sweep.model, color="tab:orange", linestyle="--", label="PyRPL's model"
            )
        axes.set(title=INPUTS[sweep.input], xlabel=f"{sweep.output} (V)", ylabel="V" if column == 0 else "")
        axes.legend(loc="best", fontsize="small")
        axes.grid(alpha=0.3)
    axes = figure.add_subplot(grid[1, :])
    times, transmission, output = np.array(light.rows).T
    axes.plot(times, transmission, color="tab:blue", label="transmission")
    axes.plot(times, output, color="tab:gray", linewidth=1, label="piezo")
    locked = result["locked_seconds"]
    pushed = locked + PAUSE_SECONDS
    relocked = pushed + result["pushed_out_seconds"] + result["relocked_seconds"]
    for begin, end, text, colour in (
        (0, locked, "lock", "tab:orange"),
        (locked, pushed, "locked", "tab:green"),
        (pushed, relocked, "pushed out, relocking", "tab:red"),
        (relocked, times[-1], "locked again", "tab:green"),
    ):
        axes.axvspan(begin, end, color=colour, alpha=0.12, linewidth=0)
        axes.annotate(
            text, (begin, 1), xycoords=("data", "axes fraction"), xytext=(3, -12), textcoords="offset points"
        )
    axes.margins(x=0, y=0.15)
    axes.set(title="A push out of lock, and the lock watch", xlabel="time (s)", ylabel="V")
    axes.legend(loc="lower right", fontsize="small")
    axes.grid(alpha=0.3)
    figure.savefig(path, dpi=110)
