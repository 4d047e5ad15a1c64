"""`SetpointModel`: PyMoDAQ's PID extension moves the set point of a controller on the board."""

from __future__ import annotations

import math
import time
from typing import Any, ClassVar, NoReturn

import numpy as np
from pymodaq.utils.data import DataActuator, DataToActuators
from pymodaq_data.data import DataCalculated, DataToExport
from pymodaq_gui.parameter import Parameter

from ..time_limit import viewer_seconds


class SetpointModel:
    """Holds a measured value by moving a hardware set point, such as that of PyRPL_PID or PyRPL_Lockbox.

    The FPGA holds its input at the set point, fast; PyMoDAQ's PID moves the set point, slowly, until the
    value of a detector is the wanted one. The extension's output is added to the set point that the hardware
    had while the loop was paused: starting the loop moves nothing by itself. Values are in the units of
    detector and actuator. While the detector sends nothing in PyMoDAQ's time limit, the set point stays.
    """

    # of PyMoDAQ's PIDModelGeneric
    curr_output: list
    modules_manager: Any
    pid_controller: Any
    settings: Parameter

    _base = 0.0  # the set point at an output of 0
    _paused = True
    _last: DataToExport | None = None  # the last value that the detector has sent
    _round = 0.0  # when the last round had its value, or PyMoDAQ no longer waited for one (monotonic clock)
    _silent = False  # whether the detector has sent nothing in this round

    limits: ClassVar = {"max": {"state": False, "value": 1.0}, "min": {"state": False, "value": -1.0}}
    konstants: ClassVar = {"kp": 0.0, "ki": 1.0, "kd": 0.0}

    Nsetpoints = 1
    setpoint_ini: ClassVar = [0.0]
    setpoints_names: ClassVar = ["PyRPL value"]
    epsilon = 1e-3

    params: ClassVar = [
        {
            "title": "Set point:",
            "name": "actuator",
            "type": "list",
            "limits": [],
            "tip": "The actuator that moves the hardware set point.",
        },
        {
            "title": "Detector:",
            "name": "detector",
            "type": "list",
            "limits": [],
            "tip": "The detector that measures the value.",
        },
        {
            "title": "Value:",
            "name": "label",
            "type": "str",
            "value": "",
            "tip": "Label of the value among the detector's data, or a part of it; empty for the first. "
            "Curves are averaged.",
        },
        {
            "title": "Sign and gain:",
            "name": "gain",
            "type": "float",
            "value": 1.0,
            "tip": "Set point per output of the PID: negative where a higher set point lowers the value.",
        },
        {
            "title": "Lowest set point:",
            "name": "lowest",
            "type": "float",
            "value": -1.0,
            "tip": "The loop moves the set point no lower.",
        },
        {
            "title": "Highest set point:",
            "name": "highest",
            "type": "float",
            "value": 1.0,
            "tip": "The loop moves the set point no higher.",
        },
    ]

    def ini_model(self) -> None:
        """Offer the dashboard's modules, and choose a set point of PyRPL's and the first detector."""
        actuators, detectors = self.modules_manager.actuators_all, self.modules_manager.detectors_all
        if not (actuators and detectors):
            self._refuse(
                "PIDModelPyRPL needs an actuator, such as PyRPL_PID with the axis setpoint, and a detector: "
                "add them to the dashboard, then load the extension again"
            )
        setpoints = [actuator for actuator in actuators if _is_setpoint(actuator)]
        self._offer("actuator", actuators, (setpoints or actuators)[0])
        self._offer("detector", detectors, detectors[0])
        self._select()
        super().ini_model()  # type: ignore[misc]  # of PyMoDAQ's PIDModelGeneric

    def update_settings(self, param) -> None:
        """Use another actuator or detector, which the user has chosen."""
        if param.name() in ("actuator", "detector"):
            self._select()

    def convert_input(self, measurements: DataToExport) -> DataToExport:
        """The mean of the chosen value: the last one if the detector sent nothing in PyMoDAQ's time limit.

        Raises ValueError if the detector sent something else, or failed.
        """
        label, detector = self.settings["label"], self.settings["detector"]
        sent = {
            name: (array, data.units) for data in measurements for name, array in zip(data.labels, data.data)
        }
        self._silent = not sent
        if not sent:
            return self._without_value(detector)
        name = label if label in sent else next((name for name in sent if label in name), None)
        if name is None:
            self._refuse(
                f"{detector} sent no value {label!r}, but {list(sent)}: the loop has ended. "
                "Choose one of these in the model's settings"
            )
        array, units = sent[name]
        value = float(np.mean(array))
        if not math.isfinite(value):
            self._refuse(f"{detector} sent {value}: the loop has ended")
        values = DataCalculated(self.setpoints_names[0], data=[np.array([value])], units=units)
        self._last, self._round = DataToExport("inputs", data=[values]), time.monotonic()
        return self._last

    def convert_output(self, outputs: list, **kwargs) -> DataToActuators:
        """The set point that belongs to the output of PyMoDAQ's PID, which is None before it is first run."""
        self.curr_output = outputs
        change = self.settings["gain"] * (outputs[0] or 0.0)
        (actuator,) = self.modules_manager.actuators
        # without a value the PID has gone on with the last one: what that adds moves nothing
        paused = self._silent or self.pid_controller.is_action_checked("pause")
        if paused or self._paused:
            # `current_value` calls itself without end where the value has no origin
            self._base = actuator._current_value.value(actuator.units) - change  # noqa: SLF001
        target = min(max(self._base + change, self.settings["lowest"]), self.settings["highest"])
        self._paused = paused
        # at a limit the output may go on growing; on its way back the set point follows at once
        self._base = target - change
        data = DataActuator(actuator.title, data=target, units=actuator.units)
        return DataToActuators("pid", mode="abs", data=[data])

    def _offer(self, name: str, modules: list, first) -> None:
        self.settings.child(name).setLimits([module.title for module in modules])
        self.settings.child(name).setValue(first.title)

    def _select(self) -> None:
        self._base, self._paused, self._last = 0.0, True, None
        self.actuators_name = [self.settings["actuator"]]
        self.detectors_name = [self.settings["detector"]]
        self.modules_manager.selected_actuators_name = self.actuators_name
        self.modules_manager.selected_detectors_name = self.detectors_name

    def _without_value(self, detector: str) -> DataToExport:
        before, self._round = self._round, time.monotonic()
        # a module that has failed ends PyMoDAQ's wait early, and has said why
        if self._last is None or self._round - before < 0.9 * viewer_seconds():
            self._refuse(f"{detector} sent nothing: the loop has ended")
        self.pid_controller.status_signal.emit(f"{detector} sent nothing in time: the set point stays")
        return self._last

    def _refuse(self, reason: str) -> NoReturn:
        self.pid_controller.status_signal.emit(reason)
        raise ValueError(reason)


def _is_setpoint(actuator) -> bool:
    return actuator.actuator.startswith("PyRPL") and actuator.axis_name == "setpoint"
