"""What a sweep of PyRPL's lockbox looks like: an input's signal, and the curve of the lockbox's model on it.

`measure` makes remote calls and returns a `Sweep`, which `pyrpl-remote demo --lock` and the panel show.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import BadValue, ModuleBusy, PyrplRemoteError

if TYPE_CHECKING:
    from .client.proxies.board_types import Pyrpl

SCOPE_OWNER = "lockbox sweep"
"""The name under which the scope is reserved while a sweep is measured."""

SWEEPING = "sweep"
"""PyRPL's state of a lockbox that sweeps its output."""

POINTS = 1000
"""To about how many points a trace is reduced: more are not seen."""

LONGEST_SECONDS = 10.0
"""How much longer than two periods a sweep may take to be measured. PyRPL's own default, 1 s in all, is too
short for a virtual board on a busy machine."""

SHORTEST = 16
"""The fewest points of a trace on which the model's curve may lie."""

WIDTHS, FINER_WIDTHS = 60, 41
"""How many widths of the model's curve are tried: from SHORTEST to the whole trace, then around the best."""

LEAST_QUALITY = 0.5
"""A model that explains less than this share of the signal's variance does not fit."""


@dataclass(frozen=True)
class Sweep:
    """One upward ramp of a swept output, and what an input showed meanwhile.

    `volts`: of the output `output`, in V and in equal steps, shape (n,); `signal`: of the input `input`, in
    V, shape (n,). `model_volts`, `model`: the curve that the lockbox's model expects, in the same units,
    shape (m,), where it fits the signal best; empty where PyRPL cannot compute it, or where it does not fit.
    `centre`: the output's voltage at the set point 0; `per_volt`: set point units per V of the output, as
    measured; both None without model. `unit`: of the set point.
    """

    input: str
    output: str
    volts: np.ndarray
    signal: np.ndarray
    model_volts: np.ndarray
    model: np.ndarray
    centre: float | None
    per_volt: float | None
    unit: str


def measure(p: Pyrpl, input_name: str) -> Sweep:
    """Acquire one sweep of the lockbox's default output, as the input `input_name` sees it.

    `p`: the board's proxy. The lockbox must be sweeping. The scope is reserved meanwhile, and is as before
    afterwards. Raises BadValue if the lockbox does not sweep until the end, ModuleBusy if somebody uses the
    scope, and PyRPL's errors.
    """
    lockbox = p.lockbox
    if lockbox.current_state != SWEEPING:
        raise BadValue(f"{lockbox!r} does not sweep", "start its sweep first: lockbox.sweep()")
    output_name = lockbox.default_sweep_output
    output, source = getattr(lockbox.outputs, output_name), getattr(lockbox.inputs, input_name)
    volts, signal = _acquire(p, source.signal(), output.pid.name)
    if lockbox.current_state != SWEEPING:
        raise BadValue(f"{lockbox!r} was ended while its sweep was measured", "sweep again")
    volts, signal = _upward(volts, signal)
    range_, expected = _model(source)
    fitted = fit(volts, signal, range_, expected)
    if fitted is None:
        nothing = np.empty(0)
        return Sweep(
            input_name, output_name, volts, signal, nothing, nothing, None, None, lockbox.setpoint_unit
        )
    centre, per_volt = fitted
    order = np.argsort(range_ / per_volt)
    model_volts, model = centre + (range_ / per_volt)[order], expected[order]
    return Sweep(
        input_name, output_name, volts, signal, model_volts, model, centre, per_volt, lockbox.setpoint_unit
    )


def calibrate(p: Pyrpl) -> list[str]:
    """Sweep, and let PyRPL calibrate all inputs; returns the names of those that are calibrated then.

    `p`: the board's proxy. PyRPL's `calibrate_all` only warns where it does not calibrate. Raises ModuleBusy
    if somebody uses the scope, PyrplRemoteError if an input has no calibration afterwards, and PyRPL's
    errors.
    """
    _require_free_scope(p)
    lockbox = p.lockbox
    # a user's own class may have another signature
    patient = "timeout_min" in inspect.signature(lockbox.calibrate_all).parameters
    lockbox.calibrate_all(**({"timeout_min": LONGEST_SECONDS} if patient else {}))
    inputs = list(lockbox.inputs.keys())  # iterating would yield the modules
    signals = {name: getattr(lockbox.inputs, name).input_signal or "" for name in inputs}
    # one that shows an output needs no calibration, and PyRPL does none
    names = [name for name, signal in signals.items() if signal and not signal.startswith("lockbox.outputs")]
    for name in names:
        found = getattr(lockbox.inputs, name).calibration_data.snapshot("min", "max")
        if found["min"] == found["max"]:
            raise PyrplRemoteError(
                f"{lockbox!r}: the input {name} was not calibrated, it shows {found['max']:g} V throughout",
                "see that it has a signal while the output is swept; the log of the daemon may say more",
            )
    return names


def _require_free_scope(p: Pyrpl) -> None:
    """Raise ModuleBusy if somebody uses the scope."""
    used = p.rp.scope.snapshot("owner", "running_state")
    if used["owner"] or used["running_state"] != "stopped":
        raise ModuleBusy(
            f"the scope is in use ({used['owner'] or used['running_state']}): no sweep can be measured",
            "stop the scope, or wait until it is free",
        )


def fit(
    volts: np.ndarray, signal: np.ndarray, range_: np.ndarray, expected: np.ndarray
) -> tuple[float, float] | None:
    """Where a model's curve fits a measured one best: the voltage of its set point 0, and set points per V.

    `volts` (in equal steps), `signal`: the measured curve in V, shape (n,). `range_`, `expected`: set points,
    and the voltages that the model expects there, shape (m,). Only the horizontal axis is fitted: position,
    scale and direction, by least squares. None if the model explains less than LEAST_QUALITY of the variance
    anywhere.
    """
    count, span = len(volts), float(np.ptp(range_)) if len(range_) else 0.0
    if count <= SHORTEST or not span or not np.all(np.isfinite(expected)) or np.ptp(expected) == 0:
        return None
    step = float(volts[-1] - volts[0]) / (count - 1)
    order = np.argsort(range_)
    setpoints, curve = range_[order], expected[order]
    best: tuple[float, float, float] = (LEAST_QUALITY, 0.0, 0.0)

    def attempt(width: int, best: tuple[float, float, float]) -> tuple[float, float, float]:
        for direction in (1, -1):
            model = np.interp(np.linspace(setpoints[0], setpoints[-1], width), setpoints, curve)[::direction]
            quality = _quality(signal, model)
            at = int(np.argmax(quality))
            if quality[at] > best[0]:
                per_volt = direction * span / ((width - 1) * step)
                first = setpoints[0] if direction > 0 else setpoints[-1]
                best = float(quality[at]), volts[0] + at * step - first / per_volt, per_volt
        return best

    for width in np.unique(np.geomspace(SHORTEST, count, WIDTHS).astype(int)):
        best = attempt(int(width), best)
    if best[2]:
        found = abs(span / best[2]) / step + 1
        ratio = (count / SHORTEST) ** (1 / WIDTHS)
        finer = np.linspace(found / ratio, min(found * ratio, count), FINER_WIDTHS)
        for width in np.unique(finer.round().astype(int)):
            best = attempt(int(width), best)
    return (best[1], best[2]) if best[2] else None


def _quality(signal: np.ndarray, model: np.ndarray) -> np.ndarray:
    """For each position of `model` on `signal`, which share of the signal's variance there it explains."""
    width = len(model)
    sums = np.concatenate([[0.0], np.cumsum(signal)])
    squares = np.concatenate([[0.0], np.cumsum(signal**2)])
    total, square = sums[width:] - sums[:-width], squares[width:] - squares[:-width]
    variance = np.maximum(square - total**2 / width, 1e-12)
    differences = square - 2 * np.correlate(signal, model, mode="valid") + float(np.sum(model**2))
    return 1 - differences / variance


def _acquire(p: Pyrpl, signal: str, drive: str) -> tuple[np.ndarray, np.ndarray]:
    """The voltage of the swept output, and the input's signal, over at least one period of the sweep."""
    _require_free_scope(p)
    generator = p.lockbox.asg
    period = 1 / generator.frequency
    with p.scopes.pop(SCOPE_OWNER) as scope:
        scope.setup(
            input1=signal,
            input2=drive,
            trigger_source=generator.name,
            trigger_delay=0,
            duration=period,
            ch1_active=True,
            ch2_active=True,
            average=True,
            trace_average=1,
            rolling_mode=False,
        )
        measured, volts = scope.single(timeout=2 * period + LONGEST_SECONDS)
    return volts, measured


def _upward(volts: np.ndarray, signal: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The points of the longest stretch in which the voltage rises, averaged to about POINTS points."""
    width = max(1, len(volts) // (2 * POINTS))
    count = len(volts) // width * width
    volts, signal = (curve[:count].reshape(-1, width).mean(axis=1) for curve in (volts, signal))
    # with the noise of a converter the voltage also falls while it rises: the trend decides
    smooth = np.convolve(volts, np.ones(9) / 9, mode="same")
    rising = np.concatenate([[False], np.diff(smooth) > 0, [False]])
    edges = np.flatnonzero(np.diff(rising.astype(int)))
    begins, ends = edges[::2], edges[1::2]
    if not len(begins):
        return volts, signal
    longest = int(np.argmax(ends - begins))
    part = slice(int(begins[longest]), int(ends[longest]))
    order = np.argsort(volts[part])
    steps = np.linspace(volts[part].min(), volts[part].max(), int(ends[longest] - begins[longest]))
    return steps, np.interp(steps, volts[part][order], signal[part][order])


def _model(source: Any) -> tuple[np.ndarray, np.ndarray]:
    """The set points over which PyRPL plots the model of an input, and the voltages that it expects there.

    Both are empty where PyRPL cannot compute them.
    """
    try:
        range_ = np.asarray(source.plot_range, dtype=float)
        # a copy: PyRPL's interferometer changes the array that it is passed
        return range_, np.asarray(source.expected_signal(range_.copy()), dtype=float)
    except PyrplRemoteError as error:
        if not isinstance(error, (ZeroDivisionError, NotImplementedError, AttributeError)):
            raise
        return np.empty(0), np.empty(0)
