"""What stands between the virtual board's outputs and inputs.

A plant is a compiled function that turns the output words of some cycles into the input words of the same cycles, with
parameters that may be changed while the board runs and a state of its own. All of them are called by the FPGA's
compiled loop once a chunk of cycles, so that a plant costs only when it is used.
"""
import numpy as np
from numba import cfunc, njit

from .fpga.plant_call import SIGNATURE
from .fpga.state import HISTORY

#: words per volt of inputs and outputs
COUNTS_PER_VOLT = 8192
#: longest delay from an output to an input, cycles of 8 ns
LONGEST_DELAY = HISTORY - 16


@njit
def word(value):
    """A converter's output word for a level in counts: rounded and saturated to 14 bits."""
    return np.int32(np.floor(min(max(value, -8192.0), 8191.0) + 0.5))


@njit
def noise(seed, cycle, channel):
    """Noise of unit variance, nearly Gaussian, white in time: a function of seed, cycle and channel alone.

    The sum of the four bytes of a hash of the three (a 32-bit finaliser by C. Wellons, `lowbias32`).
    """
    low = np.uint32(cycle)
    high = np.uint32(cycle >> 32)
    bits = np.uint32(low ^ np.uint32(np.uint32(seed * 2 + channel) * np.uint32(0x9E3779B1)) ^ np.uint32(high * np.uint32(0x85EBCA6B)))
    bits = np.uint32(bits ^ (bits >> np.uint32(16)))
    bits = np.uint32(bits * np.uint32(0x7FEB352D))
    bits = np.uint32(bits ^ (bits >> np.uint32(15)))
    bits = np.uint32(bits * np.uint32(0x846CA68B))
    bits = np.uint32(bits ^ (bits >> np.uint32(16)))
    total = np.int32((bits & np.uint32(0xFF)) + ((bits >> np.uint32(8)) & np.uint32(0xFF))
                     + ((bits >> np.uint32(16)) & np.uint32(0xFF)) + (bits >> np.uint32(24)))
    # four uniform bytes: mean 510, variance 4 (2^16 - 1) / 12
    return (np.float64(total) - 510.0) / 147.80


class Plant:
    """Parameters and state of a plant, and the address of its compiled function.

    Parameters are attributes, named in `names`; setting one takes effect with the next cycle that is run.
    """

    #: names of the parameters, in the order of the function's parameter array
    names: tuple[str, ...] = ("delay",)
    #: words of state
    states = 1
    #: whether the inputs depend on nothing but the outputs of the last LONGEST_DELAY cycles, and noise
    memoryless = False
    #: a `cfunc` of signature plant_call.SIGNATURE
    function = None

    def __init__(self, **parameters: float):
        object.__setattr__(self, "parameters", np.zeros(len(self.names)))
        object.__setattr__(self, "state", np.zeros(self.states))
        for name in self.names:
            setattr(self, name, parameters[name])

    @property
    def address(self) -> int:
        return self.function.address

    def __getattr__(self, name: str) -> float:
        if name in self.names:
            return float(self.parameters[self.names.index(name)])
        raise AttributeError(f"{type(self).__name__} has no parameter {name!r}; it has {', '.join(self.names)}")

    def __setattr__(self, name: str, value: float) -> None:
        if name not in self.names:
            raise AttributeError(f"{type(self).__name__} has no parameter {name!r}; it has {', '.join(self.names)}")
        if name == "delay" and not 0 <= value <= LONGEST_DELAY:
            raise ValueError(f"a delay of 0 to {LONGEST_DELAY} cycles is possible, not {value}")
        self.parameters[self.names.index(name)] = value


@cfunc(SIGNATURE, cache=True)
def _loopback(out1, out2, in1, in2, n, cycle, seed, parameters, state):
    gain = parameters[0]
    delay = np.int64(parameters[1])
    rms = parameters[2]
    for i in range(n):
        level1 = gain * out1[i - delay]
        level2 = gain * out2[i - delay]
        if rms != 0:
            level1 += rms * noise(seed, cycle + i, 0)
            level2 += rms * noise(seed, cycle + i, 1)
        in1[i] = word(level1)
        in2[i] = word(level2)


class Loopback(Plant):
    """A cable from out1 to in1 and one from out2 to in2.

    gain: of both; delay: cycles of 8 ns, converters included; noise_lsb: rms noise of each input in counts.
    """

    names = ("gain", "delay", "noise_lsb")
    memoryless = True
    function = _loopback

    def __init__(self, gain: float = 1.0, delay: int = 16, noise_lsb: float = 1.5):
        super().__init__(gain=gain, delay=delay, noise_lsb=noise_lsb)
