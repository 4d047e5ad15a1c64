"""DAQ_1DViewer_PyRPL_IIR: the response of the IIR filter, as designed and as measured."""

from __future__ import annotations

import numpy as np
from pymodaq.control_modules.viewer_utility_classes import comon_parameters, main
from pymodaq_data.data import DataToExport

from pymodaq_plugins_pyrpl.hardware.board_plugin import board_params
from pymodaq_plugins_pyrpl.hardware.instruments.bode_data import bode_data, frequency_axis
from pymodaq_plugins_pyrpl.hardware.instruments.iir_settings import FILTER_PARAMS, IirSettings
from pymodaq_plugins_pyrpl.hardware.instruments.iir_sweep import SWEEP_PARAMS, design, measured, seconds
from pymodaq_plugins_pyrpl.hardware.time_limit import LONG_PARAM, TimeLimited


class DAQ_1DViewer_PyRPL_IIR(IirSettings, TimeLimited):
    """The IIR filter of a Red Pitaya with PyRPL: its zeros and poles, its design and what it does.

    Magnitudes in dB and phases in degrees, over the frequency in Hz. The design is what PyRPL computes, with
    rounding and delay. On request the filter is measured beside it by the network analyser, which uses iq2;
    for the sweep the filter's input is changed.
    """

    modules = ("iir",)
    shown = ("input", "output_direct", "gain", "loops", "on", "bypass", "inputfilter")
    section = "iir"

    params = (
        comon_parameters
        + board_params(modules)
        + FILTER_PARAMS
        + [
            SWEEP_PARAMS,
            LONG_PARAM,
            {"title": "Phase without jumps:", "name": "unwrap", "type": "bool", "value": False},
        ]
    )

    def acquire(self, live: bool) -> DataToExport:
        """The design, and, if it is to be measured, the measured response at the same frequencies."""
        settings = {child.name(): child.value() for child in self.settings.child("response").children()}
        if not settings.pop("measure"):
            frequencies = np.geomspace(settings["start_freq"], settings["stop_freq"], settings["points"])
            return self._data(frequencies, None)
        self.require_time(seconds(settings), live)
        return self._data(*measured(self.controller, settings, lambda: self.stopped, self._preview))

    def empty(self) -> DataToExport:
        """The design, which needs no measurement."""
        return self.acquire(True)

    def _preview(self, frequencies: np.ndarray, response: np.ndarray) -> None:
        self.dte_signal_temp.emit(self._data(frequencies, response))

    def _data(self, frequencies: np.ndarray, response: np.ndarray | None) -> DataToExport:
        responses = {"Design": design(self.module, frequencies)}
        if response is not None:
            responses["Measured"] = response
        data = bode_data(frequency_axis(frequencies), responses, self.settings["unwrap"])
        return DataToExport(name="PyRPL IIR", data=data)


if __name__ == "__main__":
    main(__file__)
