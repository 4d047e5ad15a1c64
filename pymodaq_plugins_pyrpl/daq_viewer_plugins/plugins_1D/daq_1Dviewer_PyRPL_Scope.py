"""DAQ_1DViewer_PyRPL_Scope: both channels of the oscilloscope."""

import numpy as np
from pymodaq.control_modules.viewer_utility_classes import comon_parameters, main
from pymodaq_data.data import Axis, DataToExport

from pymodaq_plugins_pyrpl.hardware.board_plugin import board_params
from pymodaq_plugins_pyrpl.hardware.detector import BoardDetector, data_by_unit
from pymodaq_plugins_pyrpl.hardware.stream import SharedAcquisition

FULL, DECIMATED = "full (16384 points)", "decimated (1024 points)"
POINTS = 1024
LABELS = ("input1", "input2", "xy_mode")


class DAQ_1DViewer_PyRPL_Scope(BoardDetector):
    """The oscilloscope of a Red Pitaya with PyRPL: both channels against the time, or against each other.

    Times in s, channels in V, or in the units that the settings have for them. The plugin finds the board's
    daemon, or starts one, and shares it with every other plugin and program. Grab follows the continuous
    acquisition of the scope, which it starts if nothing runs, until Stop. Snap acquires one trace, and ends
    with an error after the time in the settings; where another program acquires continuously, it takes the
    next trace from that.
    """

    modules = ("scope",)
    shown = (
        "input1",
        "input2",
        "duration",
        "average",
        "trace_average",
        "trigger_source",
        "threshold",
        "hysteresis",
        "trigger_delay",
        "rolling_mode",
        "xy_mode",
    )
    section = "scope"

    params = (
        comon_parameters
        + board_params(modules)
        + [
            {
                "title": "Wait for trigger:",
                "name": "patience",
                "type": "float",
                "value": 5.0,
                "min": 0.0,
                "suffix": "s",
                "tip": "How long a Snap waits for the trigger, in addition to the duration of its traces.",
            },
            {
                "title": "Traces:",
                "name": "traces",
                "type": "list",
                "limits": [FULL, DECIMATED],
                "value": FULL,
            },
        ]
    )

    def ini_attributes(self) -> None:
        """Set the plugin's own attributes; PyMoDAQ calls it before init."""
        self.acquisition: SharedAcquisition | None = None

    def acquire(self, live: bool) -> DataToExport:
        """Acquire both channels."""
        scope = self.module
        if self.acquisition is None:
            self.acquisition = SharedAcquisition(scope)
        self.acquisition.begin()
        if live:
            return self._data(*self.acquisition.live(), scope.snapshot(*LABELS))
        set_up = scope.snapshot("duration", "trace_average")
        patience = self.settings["patience"]
        seconds = patience + set_up["duration"] * set_up["trace_average"]

        def late() -> str:
            trigger = scope.snapshot("trigger_source", "threshold")
            source = trigger["trigger_source"].replace("_", " ")
            return f"no trigger within {patience:g} s ({source}, {trigger['threshold']:.4g} V)"

        return self._data(*self.acquisition.snap(seconds, late, LABELS))

    def empty(self) -> DataToExport:
        """Zeros over the times of the present settings."""
        times = np.asarray(self.module.times)
        return self._data(times, np.zeros((2, len(times))), self.module.snapshot(*LABELS))

    def stop_acquisition(self) -> None:
        """End the wait for a trigger, and the acquisition if the plugin has started it."""
        if self.acquisition is not None:
            self.acquisition.release()

    def _data(self, x, y, set_up: dict) -> DataToExport:
        if self.settings["traces"] == DECIMATED and len(x) > POINTS:
            size = len(x) // POINTS
            x, y = (np.asarray(v)[..., : size * POINTS].reshape(*v.shape[:-1], POINTS, size) for v in (x, y))
            x, y = x.mean(axis=-1), y.mean(axis=-1)
        channels = []
        for number, trace in enumerate(y, 1):
            name = set_up[f"input{number}"]
            values, unit = self.to_volts(name, trace)
            channels.append((f"Ch{number} ({name}) ({unit})", values, unit))
        axis = Axis(label="Time", units="s", data=x, index=0)
        if set_up["xy_mode"]:
            label, values, unit = channels.pop(0)
            axis = Axis(label=label, units=unit, data=values, index=0)
        return DataToExport(name="PyRPL scope", data=data_by_unit(channels, axis))


if __name__ == "__main__":
    main(__file__)
