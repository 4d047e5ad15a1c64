"""Plants of electronics: cables, low-pass filters, resonators."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from ..fpga.parts import part
from ..fpga.plant_call import SIGNATURE
from .plant import CYCLE, DELAY, POSITIVE, Plant
from .resonance import QUALITY, RESONANCE_HERTZ, second_order


@part(SIGNATURE)
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


@part(SIGNATURE)
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


@part(SIGNATURE)
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
