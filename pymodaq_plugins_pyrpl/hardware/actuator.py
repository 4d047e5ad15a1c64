"""The base class of all moves: an axis is a numeric attribute of a module, and a move writes it."""

from __future__ import annotations

import math
from typing import Any

from pymodaq.control_modules.move_utility_classes import DAQ_Move_base, DataActuatorType
from pymodaq.control_modules.thread_commands import ThreadStatus, ThreadStatusMove
from pymodaq.utils.data import DataActuator
from pymodaq_utils.utils import ThreadCommand
from qtpy.QtCore import QThread

from pyrpl_remote.errors import OutcomeUnknown, PyrplRemoteError

from . import ranges
from .background import PATIENCE_SECONDS
from .board_plugin import BoardPlugin
from .health import one_line
from .scans import end_waits
from .schema_file import SMALLEST_EPSILON

POLL_MILLISECONDS = 5
"""How often PyMoDAQ reads the value of a move that polls: its own 100 ms cost 235 ms a scan point."""


class ModuleActuator(BoardPlugin, DAQ_Move_base):
    """A move whose axes are attributes of a module, with PyRPL's names. Values are in `axis_unit`."""

    # of DAQ_Move_base
    axis_unit: str
    axis_units: list[str]

    _signal: str | None = None

    is_multiaxes = True
    data_actuator_type = DataActuatorType.DataActuator

    _moved_to: tuple[str, Any] | None = None
    """The axis of the last move, and what the board has set, until the move's end is reported."""

    _news = 0
    """How many moves have begun, or values of others were reported."""

    _just_set: tuple[str, Any] | None = None
    """The same, while the end of the move is reported: the value is not read once more."""

    _told: tuple[str, Any] | None = None
    """The same, after it was reported, until PyMoDAQ is told another value."""

    _told_outside: tuple[str, float] | None = None
    """The axis and the target of the last move, if PyMoDAQ was told that it is out of bounds."""

    def read_axis(self, axis: str) -> Any:
        """Read an axis from the board, in PyRPL's unit. Runs in the background."""
        return getattr(self.module, axis)

    def write_axis(self, axis: str, value: Any) -> Any:
        """Write an axis to the board, in PyRPL's unit; returns what the board has set. In the background."""
        setattr(self.module, axis, value)
        return getattr(self.module, axis)

    @property
    def write_patience(self) -> float:
        """How long a write may take before Qt's events are processed, in s."""
        return PATIENCE_SECONDS

    def signal_of(self, axis: str) -> str | None:
        """The input or output whose range and unit an axis has, as "in1"; None for an axis in own units."""
        return None

    @property
    def followed(self) -> tuple[str, ...]:
        """The attributes that are read again when somebody sets them: the axes."""
        return tuple(self.axis_names)

    def ini_stage(self, controller=None) -> tuple[str, bool]:
        """Connect to the board; a slave uses its master's connection."""
        info, initialized = self.open_board(controller)
        if initialized:
            self.poll_timer.setInterval(POLL_MILLISECONDS)
            self._take_limits()
            self.move_is_done = True  # until a move begins
        return info, initialized

    def get_actuator_value(self) -> DataActuator:
        """Read the value of the axis from the board. Raises PyrplRemoteError, after reporting it."""
        axis = self.axis_name
        if self._just_set is not None and self._just_set[0] == axis:
            return self._in_units(axis, self._just_set[1])
        self._told = None
        value = self._surely(lambda: self.read_axis(axis))
        return self._in_units(axis, value)

    def move_abs(self, value: DataActuator) -> None:
        """Write `value`; the board rounds it to its nearest step."""
        value = self.check_bound(value)
        self.target_value = value
        self._write(self.set_position_with_scaling(value).value(self.axis_unit))

    def move_rel(self, value: DataActuator) -> None:
        """Write the board's present value plus `value`."""
        self.move_abs(self.get_actuator_value() + value)

    def move_home(self) -> None:
        """Write zero."""
        self.move_abs(DataActuator(self._title, data=0.0, units=self.axis_unit))
        self.move_done()

    def poll_moving(self) -> None:
        """Report the end of a move, with the value that the board has set."""
        self._just_set, self._moved_to = self._moved_to, None
        try:
            super().poll_moving()
            self._told = self._just_set
        finally:
            self._just_set = None

    def stop_motion(self) -> None:
        """Report the present value: a write is immediate, so there is no motion to stop."""
        if self.controller is not None:
            self.move_done()

    def close(self) -> None:
        """Release the board."""
        if QThread.currentThread() is self.thread():  # else PyMoDAQ closes a slave, whose thread ends
            self.poll_timer.stop()
        self.close_board()

    def update_settings(self, settings_parameter_dict) -> None:
        """Apply an edited setting, and tell PyMoDAQ the value where another axis was chosen."""
        try:
            super().update_settings(settings_parameter_dict)
            if settings_parameter_dict["param"].name() == "axis":
                self._tell_value()
        except PyrplRemoteError:  # it was reported
            return

    def commit_settings(self, param) -> None:
        """Write a changed setting to the module; a changed range or unit holds from now on."""
        super().commit_settings(param)
        parents = []
        while (param := param.parent()) is not None:
            parents.append(param.name())
        if "ranges" in parents and self.controller is not None:
            self.module_changed()

    def changed(self, module: str, name: str, value: Any) -> None:
        """Tell PyMoDAQ the value of the axis, which somebody has set."""
        super().changed(module, name, value)
        if module == self.module_name and name == self.axis_name:
            self._news += 1
            self._emit_value(self._in_units(name, value))
            self._told = name, value
        elif name in self.shown and self.signal_of(self.axis_name) != self._signal:
            self.module_changed()

    def is_shown(self, name: str, value: Any) -> bool:
        """Whether PyMoDAQ knows this value of an attribute: it is that of the axis after the last move."""
        if name in self.shown or self._told is None or self._told[0] != name:
            return super().is_shown(name, value)
        return math.isclose(self._told[1], value, rel_tol=1e-9)

    def module_changed(self) -> None:
        """Tell PyMoDAQ limits, unit and value of the axis of another module."""
        super().module_changed()
        self._take_limits()
        self._tell_value()

    def link_healed(self) -> None:
        """Tell PyMoDAQ the value of the axis: the board may have been restarted."""
        super().link_healed()
        self._tell_value()

    def _take_limits(self) -> None:
        """Take steps and units of the axes from the schema and the settings."""
        attributes = self.module.description().attributes
        epsilons, units = [], []
        for axis, unit in zip(self.axis_names, self._controller_units):
            factor, own_unit = ranges.scale(self.settings, self.signal_of(axis))
            increment = attributes[axis].increment if axis in attributes else 0
            # the FPGA rounds to half a step; PyMoDAQ ignores moves smaller than epsilon
            epsilons.append(abs(factor) * (increment or 0) / 2 or SMALLEST_EPSILON)
            units.append(own_unit if self.signal_of(axis) else unit)
        self._signal = self.signal_of(self.axis_name)
        self.epsilons = epsilons
        self.settings.child("epsilon").setValue(self.epsilon)
        if units != self.axis_units:
            self.axis_units = units
            self.axis_unit = self.axis_unit  # which tells PyMoDAQ

    def _factor(self, axis: str) -> float:
        return ranges.scale(self.settings, self.signal_of(axis))[0]

    def _in_units(self, axis: str, value: Any) -> DataActuator:
        """A value of the board as PyMoDAQ shows it."""
        # without the origin PyMoDAQ's module would recurse for ever
        data = DataActuator(
            self._title, data=float(value) * self._factor(axis), units=self.axis_unit, origin=self._title
        )
        scaled = self.get_position_with_scaling(data)
        scaled.origin = self._title
        return scaled

    def _tell_value(self) -> None:
        """Read the value, and tell it PyMoDAQ, which skips a move to the value that it believes to be set."""
        try:
            self._emit_value(self.get_actuator_value())
        except PyrplRemoteError:  # it was reported
            return

    def _emit_value(self, value: DataActuator) -> None:
        self.current_value = value
        self.emit_status(ThreadCommand(ThreadStatusMove.GET_ACTUATOR_VALUE, value))

    def _write(self, value: float) -> None:
        # the move is done when the write returns: PyMoDAQ reads the value back once instead of polling
        self.ispolling = False
        axis = self.axis_name
        wanted = value / self._factor(axis)
        self._news += 1
        news = self._news
        written = self._surely(lambda: self._written(axis, wanted), patience=self.write_patience)
        # meanwhile another move, or what somebody else has set, may have been reported
        self._moved_to = (axis, written) if self._news == news else None
        attribute = self.module.description().attributes.get(axis)
        if attribute is None or attribute.minimum is None or attribute.maximum is None:
            return
        step = attribute.increment or 0
        outside = not attribute.minimum - step <= wanted <= attribute.maximum + step
        # PyMoDAQ then stops a scan and moves to its first point: if that is outside too, telling it once more
        # would go on for ever
        told, self._told_outside = self._told_outside == (axis, wanted), None
        if outside and not told:
            self._told_outside = (axis, wanted)
            self.emit_status(ThreadCommand(ThreadStatusMove.OUT_OF_BOUNDS))

    def _written(self, axis: str, value: float) -> Any:
        """Write an axis, also where its daemon dies meanwhile. Runs in the background."""
        try:
            return self.write_axis(axis, value)
        except OutcomeUnknown:
            # reading finds another daemon, or starts one; a move to a value may be made again
            attribute = self.module.description().attributes.get(axis)
            step = (attribute.increment if attribute is not None else 0) or 0
            present = self.read_axis(axis)
            return present if abs(present - value) <= step / 2 else self.write_axis(axis, value)

    def _surely(self, function, **limits):
        """Call `function()` in the background; an error of it ends a move, and is shown last."""
        moving = not self.move_is_done
        try:
            return self.ask(function, **limits)
        except PyrplRemoteError as error:
            if moving and self.controller is not None:
                self.move_is_done = True
                self.emit_status(ThreadCommand(ThreadStatus.RAISE_TIMEOUT))
                end_waits(self._title, one_line(error), moves=True)
            self.report(error)
            # without the exception PyMoDAQ would report the move as done
            raise
