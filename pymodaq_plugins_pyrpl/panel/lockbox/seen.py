"""`Seen`: what a lockbox is like, read at once. These functions make remote calls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Stage:
    """A stage of the sequence: the input that it locks to, its set point, gain factor, and duration in s."""

    input: str
    setpoint: float
    gain_factor: float
    duration: float


@dataclass(frozen=True)
class Seen:
    """A lockbox: PyRPL's `current_state` and `lock_status`, its class, the unit of set points, and its parts.

    `signals`: the signal of the sampler, as "in1" or "pid2", for each input and output that has one, by name.
    """

    state: Any
    status: bool
    classname: str
    unit: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    stages: tuple[Stage, ...]
    signals: dict[str, str]


def look(p: Any) -> Seen:
    """Read the lockbox of a board."""
    lockbox = p.lockbox
    now = lockbox.snapshot("current_state", "lock_status", "classname", "setpoint_unit")
    inputs, outputs = tuple(lockbox.inputs.keys()), tuple(lockbox.outputs.keys())
    signals = {}
    for name in inputs:
        source = getattr(lockbox.inputs, name)
        if source.input_signal and (signal := source.signal()) != "off":
            signals[name] = signal
    for name in outputs:
        signals[name] = getattr(lockbox.outputs, name).pid.name
    stages = tuple(
        Stage(**lockbox.sequence[number].snapshot("input", "setpoint", "gain_factor", "duration"))
        for number in range(len(lockbox.sequence))
    )
    return Seen(
        now["current_state"],
        now["lock_status"],
        now["classname"],
        now["setpoint_unit"],
        inputs,
        outputs,
        stages,
        signals,
    )
