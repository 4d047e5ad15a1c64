"""Two plugins that answer at once, from memory: what a point of a scan costs PyMoDAQ itself.

They are written as PyMoDAQ's own templates are. The viewer returns the same data as PyRPL_Scope.
"""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import ClassVar

import numpy as np
from pymodaq.control_modules.instruments import ACTUATOR_NAMES, ACTUATOR_TYPES, DET_TYPES
from pymodaq.control_modules.move_utility_classes import (
    DAQ_Move_base,
    DataActuatorType,
    comon_parameters_fun,
)
from pymodaq.control_modules.viewer_utility_classes import DAQ_Viewer_base, comon_parameters
from pymodaq.utils.data import DataActuator, DataFromPlugins
from pymodaq_data.data import Axis, DataToExport

NAME = "StoredData"
SAMPLES = 16384
FRAME_SECONDS = 0.016


class DAQ_Move_StoredData(DAQ_Move_base):
    """An axis whose value is in memory."""

    _axis_names: ClassVar = ["amplitude"]
    _controller_units: ClassVar = ["V"]
    _epsilons: ClassVar = [1e-9]
    is_multiaxes = True
    data_actuator_type = DataActuatorType.DataActuator
    params = comon_parameters_fun(axis_names=_axis_names, epsilon=_epsilons)

    def ini_attributes(self) -> None:
        """Set the value."""
        self._value = 0.0

    def ini_stage(self, controller=None) -> tuple[str, bool]:
        """There is nothing to connect to."""
        self.controller = self if self.is_master else controller
        return "", True

    def get_actuator_value(self) -> DataActuator:
        """The value."""
        return DataActuator(self._title, data=self._value, units="V", origin=self._title)

    def move_abs(self, value: DataActuator) -> None:
        """Set the value."""
        self.target_value = value
        self.ispolling = False
        self._value = value.value()

    def move_rel(self, value: DataActuator) -> None:
        """Add to the value."""
        self.move_abs(self.get_actuator_value() + value)

    def stop_motion(self) -> None:
        """There is no motion."""

    def close(self) -> None:
        """There is nothing to close."""


class DAQ_1DViewer_StoredData(DAQ_Viewer_base):
    """Two channels of data in memory."""

    live_mode_available = False
    params = comon_parameters

    def ini_detector(self, controller=None) -> tuple[str, bool]:
        """Make the data."""
        self.controller = self if self.is_master else controller
        self._times = np.linspace(0, 1e-3, SAMPLES)
        self._values = [np.random.default_rng(seed).normal(0, 0.1, SAMPLES) for seed in (1, 2)]
        return "", True

    def grab_data(self, Naverage=1, live=False, **kwargs) -> None:
        """Emit the data; in a Grab as often as a scope's frames come."""
        if live:
            time.sleep(FRAME_SECONDS)
        data = DataFromPlugins(
            name="Voltage",
            data=[values.copy() for values in self._values],
            dim="Data1D",
            labels=["Ch1 (in1) (V)", "Ch2 (in2) (V)"],
            units="V",
            axes=[Axis(label="Time", units="s", data=self._times, index=0)],
        )
        self.dte_signal.emit(DataToExport(name="stored data", data=[data]))

    def stop(self) -> None:
        """There is nothing to stop."""

    def close(self) -> None:
        """There is nothing to close."""


def register() -> None:
    """Let PyMoDAQ find the plugins, which no package has, under NAME."""
    move = SimpleNamespace(daq_move_StoredData=SimpleNamespace(DAQ_Move_StoredData=DAQ_Move_StoredData))
    viewer = SimpleNamespace(
        daq_1Dviewer_StoredData=SimpleNamespace(DAQ_1DViewer_StoredData=DAQ_1DViewer_StoredData)
    )
    ACTUATOR_NAMES.append(NAME)
    ACTUATOR_TYPES.append({"name": NAME, "module": move, "type": "daq_move"})
    DET_TYPES["DAQ1D"].append({"name": NAME, "module": viewer, "type": "daq_1Dviewer"})
