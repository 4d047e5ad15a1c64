"""`OwnPlant`: makes a plant from a user's function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import carray, cfunc, njit

from ..fpga.plant_call import SIGNATURE
from .plant import COUNTS_PER_VOLT, DELAY, Plant


class OwnPlant(Plant):
    """A plant of a user's function `step(out1, out2, cycle, state) -> (in1, in2)`, called in every cycle.

    Levels are in volts. numba must be able to compile the function. state: float64 (states,), which the
    function may change; from outside it is `plant.state`. A board can be started with a subclass that takes
    no arguments, as `module:Class`.
    """

    def __init__(
        self,
        step: Callable[..., tuple[float, float]],
        states: int = 1,
        delay: int = DELAY,
        noise_lsb: float = 1.5,
    ):
        object.__setattr__(self, "states", states)
        object.__setattr__(self, "function", _own(step, states))
        super().__init__(delay=delay, noise_lsb=noise_lsb)


def _own(step: Callable[..., tuple[float, float]], states: int) -> Any:
    """The `cfunc` of a plant that calls `step` in every cycle."""
    compiled = njit(step)

    @cfunc(SIGNATURE)
    def run(out1, out2, in1, in2, n, cycle, seed, parameters, state):
        delay = np.int64(parameters[0])
        memory = carray(state, states)
        for i in range(n):
            volts1, volts2 = out1[i - delay] / COUNTS_PER_VOLT, out2[i - delay] / COUNTS_PER_VOLT
            level1, level2 = compiled(volts1, volts2, cycle + i, memory)
            in1[i] = level1 * COUNTS_PER_VOLT
            in2[i] = level2 * COUNTS_PER_VOLT

    return run
