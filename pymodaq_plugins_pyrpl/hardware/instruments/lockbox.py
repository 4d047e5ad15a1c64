"""What the lockbox plugins and the panel do with PyRPL's lockbox.

All functions but `state_text` make remote calls: call them through `ask`.

PyRPL reads the settings of a stage when it executes the stage. A set point that is written in the state
"lock_on" would therefore change nothing in the loop: `set_setpoint` closes the loop again at the new one.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pyrpl_remote.errors import BadValue, PyrplRemoteError

UNLOCKED, SWEEPING = -1, -2
"""The numbers of the states that are no stages."""

LOCKED = "lock_on"
"""PyRPL's state after the last stage of the sequence."""


BUTTONS = {
    "lock": ("Lock", "Execute all stages."),
    "unlock": ("Unlock", "Open the loop of each output, and reset it to 0 V."),
    "sweep": ("Sweep", "Unlock, and sweep the default output."),
    "calibrate": ("Calibrate", "Unlock, sweep, and measure the signal of each input."),
}
"""The label and the tip of each button, by its name."""


def state_text(state: Any, status: bool) -> str:
    """PyRPL's `current_state` and `lock_status` in words."""
    words = {LOCKED: "locked" if status else "lock lost", "unlock": "unlocked", "sweep": "sweeping"}
    return words.get(state, f"stage {state}")


def state_number(lockbox: Any) -> int:
    """The number of the present stage, UNLOCKED or SWEEPING."""
    state = lockbox.current_state
    if state == LOCKED:
        return len(lockbox.sequence) - 1
    return {"unlock": UNLOCKED, "sweep": SWEEPING}.get(state, state)


def enter_state(lockbox: Any, number: float) -> int:
    """Execute the stage of this number, unlock for UNLOCKED, or sweep for SWEEPING; returns the new number.

    Returns after the stage's duration. Raises BadValue if there is no such stage.
    """
    count = len(lockbox.sequence)
    wanted = round(number) if math.isfinite(number) else None
    if wanted == UNLOCKED:
        lockbox.unlock()
    elif wanted == SWEEPING:
        lockbox.sweep()
    elif wanted is not None and 0 <= wanted < count:
        lockbox.sequence[wanted].execute()
    else:
        raise BadValue(
            f"{lockbox!r} has no stage {number}; nothing was changed",
            f"its stages are 0 to {count - 1}; {UNLOCKED} unlocks, {SWEEPING} sweeps",
        )
    return state_number(lockbox)


def setpoint(lockbox: Any) -> float:
    """The set point of the last stage, at which the lockbox is locked in the end."""
    return lockbox.sequence[-1].setpoint


def set_setpoint(lockbox: Any, value: float) -> float:
    """Set the set point of the last stage; where it is locked, the loop follows at once.

    The outputs keep their voltage meanwhile: a lock is held, even where the stage resets the output at its
    start. Returns the new set point.
    """
    stage = lockbox.sequence[-1]
    stage.setpoint = value
    # while the last stage is executed, PyRPL executes it again by itself
    if lockbox.current_state == LOCKED:
        chosen = stage.snapshot("input", "setpoint", "gain_factor")
        for name in _names(lockbox.outputs):
            output = getattr(lockbox.outputs, name)
            if getattr(stage.outputs, name).lock_on and output.current_state == "lock":
                output.lock(offset=None, **chosen)
    return stage.setpoint


def offset(lockbox: Any, name: str) -> float:
    """The integrator of the output `name`, in V: the voltage at which it rests, or holds the lock now."""
    return getattr(lockbox.outputs, name).pid.ival


def set_offset(lockbox: Any, name: str, volts: float) -> float:
    """Set the voltage of the output `name`, from which the next lock starts unless a stage resets it.

    Returns the new voltage. Raises BadValue while the output is locked: the integrator holds the lock.
    """
    output = getattr(lockbox.outputs, name)
    if output.current_state == "lock":
        raise BadValue(
            f"{lockbox!r}: the output {name} is locked, and its integrator holds the lock; it was not moved",
            "unlock first (Home), or move the set point",
        )
    output.pid.ival = volts
    return output.pid.ival


@dataclass(frozen=True)
class Readings:
    """What a lockbox measures.

    `error`: of the input `locked_to`, from the voltage that the set point stands for, in V; NaN where PyRPL
    cannot compute it, as before some inputs are calibrated. `inputs`, `outputs`: mean voltages over 10 ms, by
    name; `saturated`: whether each output is; `stage`: see `state_number`; `locked`: see `is_locked`.
    """

    error: float
    locked_to: str
    inputs: dict[str, float]
    outputs: dict[str, float]
    saturated: dict[str, bool]
    stage: int
    locked: bool


def input_signals(lockbox: Any) -> dict[str, str]:
    """The signal of each input, as "in1" or "iq0", by the input's name; without those that have none."""
    inputs = {name: getattr(lockbox.inputs, name) for name in _names(lockbox.inputs)}
    return {name: one.signal() for name, one in inputs.items() if one.input_signal}


def output_channels(lockbox: Any) -> dict[str, str]:
    """The channel of each output, as "out1", by the output's name."""
    return {name: getattr(lockbox.outputs, name).output_channel for name in _names(lockbox.outputs)}


def read(lockbox: Any, inputs: Iterable[str], outputs: Iterable[str]) -> Readings:
    """Measure these inputs and outputs."""
    measured = {name: getattr(lockbox.outputs, name).snapshot("mean", "is_saturated") for name in outputs}
    voltages = {name: getattr(lockbox.inputs, name).mean for name in inputs}
    number = state_number(lockbox)
    error, locked_to = _error(lockbox, number, voltages)
    return Readings(
        error=error,
        locked_to=locked_to,
        inputs=voltages,
        outputs={name: output["mean"] for name, output in measured.items()},
        saturated={name: output["is_saturated"] for name, output in measured.items()},
        stage=number,
        locked=is_locked(lockbox),
    )


def is_locked(lockbox: Any) -> bool:
    """Whether the sequence is done and its last stage still holds the lock.

    PyRPL's own is_locked_and_final() compares a name with a stage, and is never true.
    """
    # PyRPL reports each of these checks in its log, by default as information for the user
    return lockbox.current_state == LOCKED and bool(lockbox.is_locked(loglevel=logging.DEBUG))


def _error(lockbox: Any, number: int, voltages: dict[str, float]) -> tuple[float, str]:
    """The error signal of the present stage, or of the last one, and the name of its input."""
    if not len(lockbox.sequence):
        return math.nan, ""
    stage = lockbox.sequence[max(number, -1)].snapshot("input", "setpoint")
    name = stage["input"]
    try:
        expected = getattr(lockbox.inputs, name).expected_signal(stage["setpoint"])
    except PyrplRemoteError as error:
        if isinstance(error, (ZeroDivisionError, NotImplementedError)):
            return math.nan, name
        raise
    return voltages.get(name, math.nan) - expected, name


def _names(modules: Any) -> list[str]:
    return list(modules.keys())  # iterating would yield the modules
