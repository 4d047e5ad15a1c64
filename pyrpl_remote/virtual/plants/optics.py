"""Plants of optics: a cavity, an interferometer."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np
from numba import njit

from ..fpga.converters import noise
from ..fpga.parts import part
from ..fpga.plant_call import SIGNATURE
from .plant import COUNTS_PER_VOLT, CYCLE, DELAY, NOT_NEGATIVE, POSITIVE, SHARE, Plant
from .resonance import QUALITY, RESONANCE_HERTZ, second_order

DRIFT_CYCLES = 256
"""Cycles between two steps of a slow drift."""


@njit
def _drifted(offset, seed, cycle, rate):
    """Compute one cycle of a random walk, whose rms grows by `rate` per square root of a second."""
    if cycle % DRIFT_CYCLES == 0:
        offset += rate * math.sqrt(DRIFT_CYCLES * CYCLE) * noise(seed, cycle, 2)
    return offset


@part(SIGNATURE)
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


@part(SIGNATURE)
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
