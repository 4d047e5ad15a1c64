"""Plants: what connects the virtual board's outputs to its inputs.

A plant is a compiled function that computes the input levels from the output words for a number of cycles. It
has parameters, which may be changed while the board runs, and a state. The FPGA's compiled loop calls it once
for many cycles, and a memoryless plant only while a module reads an input. `OwnPlant` makes a plant from a
user's function.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from copy import copy
from typing import Any, ClassVar

import numpy as np
from numba import carray, cfunc, njit

from .code_cache import kept
from .fpga.converters import noise
from .fpga.plant_call import SIGNATURE
from .fpga.state import HISTORY

COUNTS_PER_VOLT = 8192.0
"""Counts of inputs and outputs per volt."""

CYCLE = 8e-9
"""The duration of a cycle, in s."""

DELAY = 27
"""The usual delay of converters, filters and cables, in cycles: 0.2 us. Together with ADDER_LATENCY it is 32
cycles, which the compiled loop computes fast."""

LONGEST_DELAY = HISTORY - 16
"""Longest delay from an output to an input, in cycles."""

DRIFT_CYCLES = 256
"""Cycles between two steps of a slow drift."""

POSITIVE = (1e-12, math.inf)
"""The limits of a parameter that must be positive."""

NOT_NEGATIVE = (0.0, math.inf)
"""The limits of a parameter that must not be negative."""

SHARE = (0.0, 1.0)
"""The limits of a share."""

RESONANCE_HERTZ = (1e-3, 5e6)
"""The limits of the frequency of a resonance, in Hz. With those of its quality, `second_order` is stable."""

QUALITY = (0.2, 1e9)
"""The limits of the quality factor of a resonance."""


@njit
def second_order(position, velocity, target, frequency, quality):
    """Compute one cycle of a damped resonance driven to `target`; returns position and velocity (per cycle).

    frequency in Hz; quality: its quality factor.
    """
    omega = 2 * math.pi * frequency * CYCLE
    velocity += omega * omega * (target - position) - omega / quality * velocity
    return position + velocity, velocity


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
    """A `cfunc` of signature plant_call.SIGNATURE."""

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


@kept(cfunc, SIGNATURE)
def _loopback(out1, out2, in1, in2, n, cycle, seed, parameters, state):
    delay, gain, offset = np.int64(parameters[0]), parameters[2], parameters[3]
    for i in range(n):
        in1[i] = gain * out1[i - delay] + offset
        in2[i] = gain * out2[i - delay] + offset


class Loopback(Plant):
    """A cable from out1 to in1 and one from out2 to in2, with gain; the converters have an offset in counts.

    The default offset is too small to show without noise; with noise, it makes an integrator drift in one
    direction.
    """

    names = (*Plant.names, "gain", "offset_lsb")
    memoryless = True
    function = _loopback

    def __init__(
        self, gain: float = 1.0, delay: int = DELAY, noise_lsb: float = 1.5, offset_lsb: float = 0.25
    ):
        super().__init__(gain=gain, delay=delay, noise_lsb=noise_lsb, offset_lsb=offset_lsb)


@kept(cfunc, SIGNATURE)
def _low_pass(out1, out2, in1, in2, n, cycle, seed, parameters, state):
    delay, gain = np.int64(parameters[0]), parameters[2]
    share = -math.expm1(-2 * math.pi * parameters[3] * CYCLE)
    for i in range(n):
        state[0] += share * (gain * out1[i - delay] - state[0])
        state[1] += share * (gain * out2[i - delay] - state[1])
        in1[i] = state[0]
        in2[i] = state[1]


class LowPass(Plant):
    """A first-order low-pass filter from out1 to in1, and one from out2 to in2.

    cutoff: in Hz; gain: at low frequency.
    """

    names = (*Plant.names, "gain", "cutoff")
    limits: ClassVar = {**Plant.limits, "cutoff": POSITIVE}
    states = 2
    function = _low_pass

    def __init__(self, cutoff: float = 100e3, gain: float = 1.0, delay: int = DELAY, noise_lsb: float = 1.5):
        super().__init__(cutoff=cutoff, gain=gain, delay=delay, noise_lsb=noise_lsb)


@kept(cfunc, SIGNATURE)
def _resonator(out1, out2, in1, in2, n, cycle, seed, parameters, state):
    delay, gain, frequency, quality = np.int64(parameters[0]), parameters[2], parameters[3], parameters[4]
    for i in range(n):
        state[0], state[1] = second_order(state[0], state[1], gain * out1[i - delay], frequency, quality)
        state[2], state[3] = second_order(state[2], state[3], gain * out2[i - delay], frequency, quality)
        in1[i] = state[0]
        in2[i] = state[2]


class Resonator(Plant):
    """A damped resonance from out1 to in1, and one from out2 to in2.

    frequency: in Hz, up to some MHz; quality: the quality factor; gain: far below the resonance.
    """

    names = (*Plant.names, "gain", "frequency", "quality")
    limits: ClassVar = {**Plant.limits, "frequency": RESONANCE_HERTZ, "quality": QUALITY}
    states = 4
    function = _resonator

    def __init__(
        self,
        frequency: float = 50e3,
        quality: float = 20.0,
        gain: float = 0.1,
        delay: int = DELAY,
        noise_lsb: float = 1.5,
    ):
        super().__init__(frequency=frequency, quality=quality, gain=gain, delay=delay, noise_lsb=noise_lsb)


@njit
def _drifted(offset, seed, cycle, rate):
    """Compute one cycle of a random walk, whose rms grows by `rate` per square root of a second."""
    if cycle % DRIFT_CYCLES == 0:
        offset += rate * math.sqrt(DRIFT_CYCLES * CYCLE) * noise(seed, cycle, 2)
    return offset


@kept(cfunc, SIGNATURE)
def _cavity(out1, out2, in1, in2, n, cycle, seed, parameters, state):
    delay, level, depth = np.int64(parameters[0]), parameters[2] * COUNTS_PER_VOLT, parameters[3]
    range_volts, finesse, bandwidth, modulation = parameters[4], parameters[5], parameters[6], parameters[7]
    piezo_frequency, piezo_quality, offset, drift = (
        parameters[8],
        parameters[9],
        parameters[10],
        parameters[11],
    )
    share = 2 * math.pi * bandwidth * CYCLE
    piezo, velocity, walk = state[0], state[1], state[2]
    field = complex(state[3], state[4])
    for i in range(n):
        piezo, velocity = second_order(
            piezo, velocity, out1[i - delay] / COUNTS_PER_VOLT, piezo_frequency, piezo_quality
        )
        walk = _drifted(walk, seed, cycle + i, drift)
        fringes = (piezo - offset - walk) / range_volts
        # from the nearest resonance, in half linewidths
        detuning = 2 * finesse * (fringes - math.floor(fringes + 0.5))
        incident = complex(1.0, 0.0)
        if out2[i - delay] != 0:
            phase = modulation * out2[i - delay] / COUNTS_PER_VOLT
            incident = complex(math.cos(phase), math.sin(phase))
        # the field inside, in units of that on resonance (backward Euler, stable at any detuning)
        field = (field + share * incident) / complex(1 + share, share * detuning)
        reflected = incident - (1 - math.sqrt(1 - depth)) * field
        power = reflected.real * reflected.real + reflected.imag * reflected.imag
        inside = field.real * field.real + field.imag * field.imag
        in1[i] = level * power
        in2[i] = level * depth * inside
    state[0], state[1], state[2], state[3], state[4] = piezo, velocity, walk, field.real, field.imag


class Cavity(Plant):
    """A Fabry-Perot cavity with a phase modulator in front of it.

    out1 moves a mirror's piezo, out2 drives the modulator; in1 is the reflected light, in2 the transmitted.
    An iq that drives out2 and demodulates in1 measures a Pound-Drever-Hall signal. level: volts of the
    reflection far from resonance; depth: the share of it (0 ... 1) that is missing on resonance, and appears
    in transmission; range_volts: piezo voltage from one resonance to the next; finesse; bandwidth: of the
    field, half linewidth in Hz (below about 1 MHz); modulation: radians per volt; piezo_frequency (Hz),
    piezo_quality: the piezo's mechanical resonance; offset: piezo voltage of a resonance, of which a step is
    a disturbance; drift: random walk of the offset, in volts per square root of a second.
    """

    names = (
        *Plant.names,
        "level",
        "depth",
        "range_volts",
        "finesse",
        "bandwidth",
        "modulation",
        "piezo_frequency",
        "piezo_quality",
        "offset",
        "drift",
    )
    limits: ClassVar = {
        **Plant.limits,
        "depth": SHARE,
        "range_volts": POSITIVE,
        "finesse": POSITIVE,
        "bandwidth": POSITIVE,
        "piezo_frequency": RESONANCE_HERTZ,
        "piezo_quality": QUALITY,
        "drift": NOT_NEGATIVE,
    }
    states = 5
    function = _cavity

    def __init__(
        self,
        level: float = 0.5,
        depth: float = 0.8,
        range_volts: float = 0.7,
        finesse: float = 20.0,
        bandwidth: float = 200e3,
        modulation: float = 1.0,
        piezo_frequency: float = 20e3,
        piezo_quality: float = 3.0,
        offset: float = 0.1,
        drift: float = 0.002,
        delay: int = DELAY,
        noise_lsb: float = 1.5,
    ):
        super().__init__(
            level=level,
            depth=depth,
            range_volts=range_volts,
            finesse=finesse,
            bandwidth=bandwidth,
            modulation=modulation,
            piezo_frequency=piezo_frequency,
            piezo_quality=piezo_quality,
            offset=offset,
            drift=drift,
            delay=delay,
            noise_lsb=noise_lsb,
        )


@kept(cfunc, SIGNATURE)
def _interferometer(out1, out2, in1, in2, n, cycle, seed, parameters, state):
    delay, level, contrast = np.int64(parameters[0]), parameters[2] * COUNTS_PER_VOLT, parameters[3]
    fringe_volts, modulation, piezo_frequency, piezo_quality = (
        parameters[4],
        parameters[5],
        parameters[6],
        parameters[7],
    )
    offset, drift = parameters[8], parameters[9]
    for i in range(n):
        volts = out1[i - delay] / COUNTS_PER_VOLT
        state[0], state[1] = second_order(state[0], state[1], volts, piezo_frequency, piezo_quality)
        state[2] = _drifted(state[2], seed, cycle + i, drift)
        phase = (
            2 * math.pi * (state[0] - offset - state[2]) / fringe_volts
            + modulation * out2[i - delay] / COUNTS_PER_VOLT
        )
        swing = contrast * math.sin(phase)
        in1[i] = level * (1 + swing)
        in2[i] = level * (1 - swing)


class Interferometer(Plant):
    """A two-beam interferometer: out1 drives a piezo, out2 a phase modulator; in1 and in2 are its two ports.

    level: mean of each port in volts; contrast: 0 ... 1; fringe_volts: piezo voltage of one fringe; the other
    parameters as in Cavity.
    """

    names = (
        *Plant.names,
        "level",
        "contrast",
        "fringe_volts",
        "modulation",
        "piezo_frequency",
        "piezo_quality",
        "offset",
        "drift",
    )
    limits: ClassVar = {
        **Plant.limits,
        "contrast": SHARE,
        "fringe_volts": POSITIVE,
        "piezo_frequency": RESONANCE_HERTZ,
        "piezo_quality": QUALITY,
        "drift": NOT_NEGATIVE,
    }
    states = 3
    function = _interferometer

    def __init__(
        self,
        level: float = 0.4,
        contrast: float = 0.9,
        fringe_volts: float = 0.7,
        modulation: float = 1.0,
        piezo_frequency: float = 20e3,
        piezo_quality: float = 3.0,
        offset: float = 0.1,
        drift: float = 0.002,
        delay: int = DELAY,
        noise_lsb: float = 1.5,
    ):
        super().__init__(
            level=level,
            contrast=contrast,
            fringe_volts=fringe_volts,
            modulation=modulation,
            piezo_frequency=piezo_frequency,
            piezo_quality=piezo_quality,
            offset=offset,
            drift=drift,
            delay=delay,
            noise_lsb=noise_lsb,
        )


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
