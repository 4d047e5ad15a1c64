"""`Demodulator`: measures the quadratures of one of PyRPL's iqs with the sampler."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from pymodaq.utils.data import DataFromPlugins
from pymodaq_data.data import DataToExport

from pyrpl_remote.errors import AcquisitionCancelled

from ..refused import Refused
from ..time_limit import LONG_PARAM
from .iq_values import IqValues, clipped, in_phase, quadrature, settling_seconds
from .sampling import sampled
from .wiring import users

BOTH = "iq2"
"""The iq whose two quadratures are signals, iq2 and iq2_2; the others have one."""

QUARTER = 90.0

SHORTEST_SECONDS = 0.02
"""How long to wait at least after the phase was turned."""

IQ_PARAMS = [
    {
        "title": "Average over:",
        "name": "time",
        "type": "float",
        "value": 0.01,
        "min": 0.0,
        "suffix": "s",
        "siPrefix": True,
        "tip": "0 for a single sample.",
    },
    LONG_PARAM,
    {
        "title": "Q of iq0 and iq1:",
        "name": "turn",
        "type": "bool",
        "value": False,
        "tip": "Measure Q of iq0 or iq1 by turning the iq's phase by 90 degrees for a moment. It is refused "
        "while another module, such as a PID, has the iq as its input.",
    },
    {"title": "Owner:", "name": "owner", "type": "str", "value": "", "readonly": True},
    {"title": "Warning:", "name": "warning", "type": "str", "value": "", "readonly": True},
]
"""The settings of the plugin itself."""


class Demodulator:
    """One of the iqs of a board; to be made for each measurement."""

    def __init__(self, board: Any, name: str, stopped: Callable[[], bool]):
        """`board`: its proxy; a measurement ends soon where `stopped()`."""
        self._board, self._name, self._stopped = board, name, stopped
        self._iq = getattr(board.rp, name)
        self._settings = self._iq.snapshot("input", "quadrature_factor", "output_signal", "owner")
        self.input: str = self._settings["input"]
        """The signal that is demodulated."""
        self.notes: list[str] = []
        """What makes the values of the last measurement doubtful."""
        if self._settings["owner"]:
            self.notes.append(f"it belongs to {self._settings['owner']}, which may change its settings")

    def measure(self, seconds: float, turn: bool) -> tuple[float, float | None]:
        """I and Q in V of PyRPL, averaged over `seconds`. Q is None for iq0 and iq1, unless `turn`.

        `turn`: turn the phase of the iq by 90 degrees for a moment. Raises Refused where that would disturb
        another module, and where the iq's signal is not the quadrature.
        """
        signal, factor = self._settings["output_signal"], self._settings["quadrature_factor"]
        if signal != "quadrature" or factor == 0:
            raise Refused(
                f"the signal of {self._name} is no quadrature: its output signal is {signal!r}, its "
                f"quadrature factor is {factor:g}",
                'set output signal to "quadrature", and a quadrature factor',
            )
        if self._name == BOTH:
            i, q = self._signals(("iq2", "iq2_2"), seconds)
            return in_phase(i, factor), quadrature(q, factor)
        (i,) = self._signals((self._name,), seconds)
        return in_phase(i, factor), in_phase(self._turned(seconds), factor) if turn else None

    def _turned(self, seconds: float) -> float:
        """The signal of the iq at a phase that is 90 degrees more."""
        if others := users(self._board, self._name):
            raise Refused(
                f"{self._name} is the input of {', '.join(others)}: turning its phase would disturb that",
                'use iq2, or untick "Q of iq0 and iq1"',
            )
        before = self._iq.snapshot("phase", "bandwidth")
        settling = max(SHORTEST_SECONDS, settling_seconds(list(np.ravel(before["bandwidth"]))))
        self._iq.phase = before["phase"] + QUARTER
        try:
            self._wait(settling)
            (value,) = self._signals((self._name,), seconds)
        finally:
            self._iq.phase = before["phase"]
        self._wait(settling)
        return value

    def _wait(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if self._stopped():
                raise AcquisitionCancelled("the measurement was stopped")
            time.sleep(min(left, 0.05))

    def _signals(self, names: tuple[str, ...], seconds: float) -> list[float]:
        found = sampled(self._board.rp.sampler.snapshot, names, seconds, self._stopped)
        if any(clipped(one.min, one.max) for one in found.values()):
            text = "the signal is clipped at 1 V: the values are too small; lower the quadrature factor"
            self.notes = [note for note in self.notes if note != text] + [text]
        return [found[name].mean for name in names]


def iq_data(i: float, q: float | None, factor: float, unit: str) -> DataToExport:
    """Data for the viewers; 1 V of the input is `factor` of `unit`. Without Q they are those of I alone."""
    values = {"I": i * factor}
    viewers = []
    if q is not None:
        whole = IqValues(i * factor, q * factor)
        values |= {"Q": whole.q, "Amplitude": whole.amplitude}
        viewers = [_data("Phase", "degree", {"Phase": whole.phase})]
    return DataToExport(name="PyRPL iq", data=[_data("Quadratures", unit, values), *viewers])


def _data(name: str, unit: str, values: dict[str, float]) -> DataFromPlugins:
    return DataFromPlugins(
        name=name,
        data=[np.array([value]) for value in values.values()],
        dim="Data0D",
        labels=[f"{label} ({unit})" for label in values],
        units=unit,
    )
