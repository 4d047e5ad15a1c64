"""The plants of the virtual board: `Plant` is their base, `OwnPlant` makes one from a user's function.

A board's option names one of the others by its class in lower case.
"""

from .circuits import Loopback, LowPass, Resonator
from .optics import Cavity, Interferometer
from .own import OwnPlant
from .plant import CYCLE, DELAY, Plant
from .resonance import QUALITY, RESONANCE_HERTZ

__all__ = [
    "CYCLE",
    "DELAY",
    "QUALITY",
    "RESONANCE_HERTZ",
    "Cavity",
    "Interferometer",
    "Loopback",
    "LowPass",
    "OwnPlant",
    "Plant",
    "Resonator",
]
