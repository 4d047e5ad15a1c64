"""`Plant`: what connects the virtual board's outputs to its inputs.

A plant is a compiled function that computes the input levels from the output words for a number of cycles. It
has parameters, which may be changed while the board runs, and a state. The FPGA's compiled loop calls it once
for many cycles, and a memoryless plant only while a module reads an input.
"""

from __future__ import annotations

import math
from copy import copy
from typing import Any, ClassVar

import numpy as np

from ..fpga.state import HISTORY

COUNTS_PER_VOLT = 8192.0
"""Counts of inputs and outputs per volt."""

CYCLE = 8e-9
"""The duration of a cycle, in s."""

DELAY = 27
"""The usual delay of converters, filters and cables, in cycles: 0.2 us. Together with ADDER_LATENCY it is 32
cycles, which the compiled loop computes fast."""

LONGEST_DELAY = HISTORY - 16
"""Longest delay from an output to an input, in cycles."""

POSITIVE = (1e-12, math.inf)
"""The limits of a parameter that must be positive."""

NOT_NEGATIVE = (0.0, math.inf)
"""The limits of a parameter that must not be negative."""

SHARE = (0.0, 1.0)
"""The limits of a share."""


class Plant:
    """Parameters and state of a plant, and the address of its compiled function.

    The parameters are attributes, which `names` lists. A new value takes effect with the next cycle that is
    computed, except that a new delay needs `fpga.plant = plant` again. Every plant has two: `delay`, the
    cycles from an output word to the input words that show it, converters included, and `noise_lsb`, the rms
    noise of each input in counts.
    """

    names: tuple[str, ...] = ("delay", "noise_lsb")
    limits: ClassVar[dict[str, tuple[float, float]]] = {
        "delay": (0, LONGEST_DELAY),
        "noise_lsb": NOT_NEGATIVE,
    }
    """The lowest and the highest value of each parameter that has limits."""

    states = 1
    """The number of float64 values in the state; all are 0 at the start."""

    memoryless = False
    """Whether the inputs depend only on the outputs of the last LONGEST_DELAY cycles, and noise."""

    function: Any = None
    """A `Part`, or a `cfunc`, of signature plant_call.SIGNATURE."""

    parameters: np.ndarray
    """The parameters' values, float64, in the order of `names`."""

    state: np.ndarray
    """The state, float64 (states,)."""

    def __init__(self, **parameters: float):
        object.__setattr__(self, "parameters", np.zeros(len(self.names)))
        object.__setattr__(self, "state", np.zeros(self.states))
        for name in self.names:
            setattr(self, name, parameters[name])

    @property
    def address(self) -> int:
        """Address of the compiled function."""
        return self.function.address

    def __getattr__(self, name: str) -> float:
        if name in type(self).names:
            return float(self.parameters[self.names.index(name)])
        raise AttributeError(
            f"{type(self).__name__} has no parameter {name!r}; it has {', '.join(self.names)}"
        )

    def __setattr__(self, name: str, value: float) -> None:
        self.require(name, value)
        self.parameters[self.names.index(name)] = value

    def copy(self) -> Plant:
        """A plant of its own with the same parameters and state."""
        other = copy(self)
        object.__setattr__(other, "parameters", self.parameters.copy())
        object.__setattr__(other, "state", self.state.copy())
        return other

    def require(self, name: str, value: float) -> None:
        """Raise AttributeError for an unknown parameter, ValueError for a value that it does not take."""
        if name not in self.names:
            raise AttributeError(
                f"{type(self).__name__} has no parameter {name!r}; it has {', '.join(self.names)}"
            )
        if name == "delay" and not (0 <= value <= LONGEST_DELAY and value == int(value)):
            raise ValueError(f"a delay of 0 to {LONGEST_DELAY} whole cycles is possible, not {value}")
        low, high = self.limits.get(name, (-math.inf, math.inf))
        if not (math.isfinite(value) and low <= value <= high):
            raise ValueError(f"{name} of {type(self).__name__} {_allowed(low, high)}, not {value!r}")


def _allowed(low: float, high: float) -> str:
    if math.isinf(high):
        return "must be finite" if math.isinf(low) else f"must be {'positive' if low else 'at least 0'}"
    return f"must be {low:g} to {high:g}"
