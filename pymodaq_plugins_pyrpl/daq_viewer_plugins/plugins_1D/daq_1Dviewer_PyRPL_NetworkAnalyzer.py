"""DAQ_1DViewer_PyRPL_NetworkAnalyzer: a response in dB and degrees against the frequency."""

from __future__ import annotations

from typing import Any

import numpy as np
from pymodaq.control_modules.viewer_utility_classes import comon_parameters, main
from pymodaq_data.data import DataToExport

from pymodaq_plugins_pyrpl.hardware.board_plugin import board_params
from pymodaq_plugins_pyrpl.hardware.instruments import sweep
from pymodaq_plugins_pyrpl.hardware.instruments.bode_data import bode_data, frequency_axis, time_axis
from pymodaq_plugins_pyrpl.hardware.refused import Refused
from pymodaq_plugins_pyrpl.hardware.time_limit import LONG_PARAM, TimeLimited


class DAQ_1DViewer_PyRPL_NetworkAnalyzer(TimeLimited):
    """The network analyser of a Red Pitaya with PyRPL.

    Magnitude in dB and phase in degrees, over the frequency in Hz. The curves grow while they are measured;
    Stop keeps the points that are measured by then. PyRPL sweeps with iq2, whose settings it changes. With
    equal start and stop frequencies the axis is the time in s.
    """

    modules = ("networkanalyzer",)
    shown = (
        "input",
        "output_direct",
        "start_freq",
        "stop_freq",
        "points",
        "logscale",
        "amplitude",
        "rbw",
        "average_per_point",
        "trace_average",
        "acbandwidth",
        "auto_bandwidth",
        "q_factor_min",
        "auto_amplitude",
        "target_dbv",
        "auto_amp_min",
        "auto_amp_max",
    )
    section = "networkanalyzer"

    params = (
        comon_parameters
        + board_params(modules)
        + [
            {"title": "Phase without jumps:", "name": "unwrap", "type": "bool", "value": False},
            LONG_PARAM,
            {
                "title": "A sweep takes:",
                "name": "expected",
                "type": "float",
                "value": 0.0,
                "suffix": "s",
                "readonly": True,
            },
        ]
    )

    followed = sweep.TIMING

    def ini_detector(self, controller=None) -> tuple[str, bool]:
        """Connect to the board; a slave uses its master's connection."""
        self.timing: dict[str, Any] = {}
        info, initialized = super().ini_detector(controller)
        if initialized:
            for name, value in self.ask(lambda: self.module.snapshot(*sweep.TIMING)).items():
                self.changed(self.module_name, name, value)
        return info, initialized

    def changed(self, module: str, name: str, value: Any) -> None:
        """Show how long a sweep takes with changed settings."""
        if name in sweep.TIMING:
            self.timing[name] = value
        if len(self.timing) == len(sweep.TIMING):
            self.settings.child("expected").setValue(sweep.expected_seconds(self.timing))

    def acquire(self, live: bool) -> DataToExport:
        """One sweep; Stop returns the points that are measured by then."""
        analyser = self.module
        if (points := sweep.shared_sweep(analyser, lambda: self.stopped)) is not None:
            if not live:
                raise Refused(
                    "another program runs the network analyser continuously; no sweep was started",
                    "stop it there, or use Grab, which shows its sweeps",
                )
            return self._data(*points)
        self.require_time(sweep.expected_seconds(analyser.snapshot(*sweep.TIMING)), live)
        return self._data(*sweep.run_sweep(analyser, lambda: self.stopped, self._preview))

    def empty(self) -> DataToExport:
        """Two points instead of a response."""
        return self._data(np.array([0.0, 1.0]), np.ones(2, complex))

    def _preview(self, x: np.ndarray, response: np.ndarray) -> None:
        self.dte_signal_temp.emit(self._data(x, response))

    def _data(self, x: np.ndarray, response: np.ndarray) -> DataToExport:
        analyser = self.module.snapshot("input", "output_direct", "start_freq", "stop_freq")
        axis = (time_axis if analyser["start_freq"] == analyser["stop_freq"] else frequency_axis)(x)
        (gain, unit), (drive, volt) = (
            self.to_volts(analyser[end], 1.0) for end in ("input", "output_direct")
        )
        label = f"{analyser['input']} / {analyser['output_direct']}"
        if unit != volt:
            label = f"{label}, {unit}/{volt}"
        data = bode_data(axis, {label: response * gain / drive}, self.settings["unwrap"])
        return DataToExport(name="PyRPL network analyser", data=data)


if __name__ == "__main__":
    main(__file__)
