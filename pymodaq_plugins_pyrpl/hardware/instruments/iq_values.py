"""The values of a demodulator: from the signals that PyRPL has to volts of the demodulated sine.

A sine A cos(wt - phi) at the input of an iq, whose modulation is cos(wt), is I cos(wt) + Q sin(wt) with
I = A cos(phi) and Q = A sin(phi). Behind its low-pass filters the iq has the signals qf I / 2 and -qf Q / 2,
with its quadrature factor qf. phi is positive for a delay: it is what has to be added to the iq's attribute
`phase` to make Q zero.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

CLIPS = 1 - 1e-4
"""The signals of the FPGA end at 1 V: from here on a sample is clipped."""


@dataclass(frozen=True)
class IqValues:
    """I, Q and amplitude in V, phase in degrees."""

    i: float
    q: float

    @property
    def amplitude(self) -> float:
        """The amplitude of the demodulated sine."""
        return math.hypot(self.i, self.q)

    @property
    def phase(self) -> float:
        """The phase from -180 to 180: positive for a delay of the input behind the modulation."""
        return math.degrees(math.atan2(self.q, self.i))


def in_phase(signal: float, quadrature_factor: float) -> float:
    """I, in V, for the mean of the signal iq0, iq1 or iq2; the factor is not 0."""
    return 2 * signal / quadrature_factor


def quadrature(signal: float, quadrature_factor: float) -> float:
    """Q, in V, for the mean of the signal iq2_2; the factor is not 0."""
    return -2 * signal / quadrature_factor


def clipped(lowest: float, highest: float) -> bool:
    """Whether a signal with these extremes, in V, was clipped."""
    return highest >= CLIPS or lowest <= -CLIPS


def settling_seconds(bandwidths: list[float], times: float = 10.0) -> float:
    """How long the low-pass filters take to settle after a step: `times` time constants of each.

    `bandwidths` in Hz; 0 is a stage that is off, a negative one a high-pass filter, which settles likewise.
    """
    return sum(times / (2 * math.pi * abs(bandwidth)) for bandwidth in bandwidths if bandwidth)
