"""DAQ_0DViewer_PyRPL_IQ: the quadratures of a demodulated signal, its amplitude and phase."""

from __future__ import annotations

from typing import Any

from pymodaq.control_modules.thread_commands import ThreadStatus
from pymodaq.control_modules.viewer_utility_classes import comon_parameters, main
from pymodaq_data.data import DataToExport
from pymodaq_utils.utils import ThreadCommand

from pymodaq_plugins_pyrpl.hardware.board_plugin import board_params
from pymodaq_plugins_pyrpl.hardware.instruments.demodulator import IQ_PARAMS, Demodulator, iq_data
from pymodaq_plugins_pyrpl.hardware.time_limit import TimeLimited


class DAQ_0DViewer_PyRPL_IQ(TimeLimited):
    """The demodulators (iq0 to iq2) of a Red Pitaya with PyRPL.

    I, Q and amplitude are in V, or in the unit that the settings have for the input, the phase in degrees. Of
    iq2 both quadratures are measured, with amplitude and phase. iq0 and iq1 have I only; Q comes on request,
    for which the phase of the iq is turned by 90 degrees for a moment. The phase is what has to be added to
    the iq's `phase` to have all of the signal in I: it is positive for a delay. PyRPL's analysers use iq2
    too, and change its settings.
    """

    modules = ("iq2", "iq0", "iq1")
    shown = (
        "input",
        "frequency",
        "phase",
        "bandwidth",
        "acbandwidth",
        "quadrature_factor",
        "output_signal",
        "amplitude",
        "output_direct",
        "gain",
        "modulation_at_2f",
        "demodulation_at_2f",
    )
    section = "iq"
    followed = ("owner",)

    params = comon_parameters + board_params(modules) + IQ_PARAMS

    def ini_detector(self, controller=None) -> tuple[str, bool]:
        """Connect to the board; a slave uses its master's connection."""
        self.notes: list[str] = []
        info, initialized = super().ini_detector(controller)
        if initialized:
            self.module_changed()
        return info, initialized

    def module_changed(self) -> None:
        """Show who owns another iq, too."""
        self.changed(self.module_name, "owner", self.ask(lambda: self.module.owner))

    def changed(self, module: str, name: str, value: Any) -> None:
        """Show a new owner."""
        if (module, name) == (self.module_name, "owner"):
            self.settings.child("owner").setValue(value or "nobody")

    def grab_data(self, Naverage=1, live=False, **kwargs) -> None:
        """Measure and emit the values, with a warning where they are not what they seem."""
        self.notes = []
        super().grab_data(Naverage, live=live, **kwargs)
        text = "; ".join(self.notes)
        if text and text != self.settings["warning"]:
            self.emit_status(ThreadCommand(ThreadStatus.UPDATE_STATUS, f"{self.module_name}: {text}"))
        self.settings.child("warning").setValue(text)

    def acquire(self, live: bool) -> DataToExport:
        """The quadratures, averaged over the time in the settings."""
        seconds = self.settings["time"]
        self.require_time(seconds, live)
        demodulator = Demodulator(self.controller, self.module_name, lambda: self.stopped)
        values = demodulator.measure(seconds, self.settings["turn"])
        self.notes = demodulator.notes
        return iq_data(*values, *self.to_volts(demodulator.input, 1.0))

    def empty(self) -> DataToExport:
        """Zeros of the right shape."""
        both = self.module_name == "iq2" or self.settings["turn"]
        return iq_data(0.0, 0.0 if both else None, *self.to_volts(self.module.input, 1.0))


if __name__ == "__main__":
    main(__file__)
