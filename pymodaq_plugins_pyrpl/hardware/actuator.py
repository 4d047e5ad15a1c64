"""The base class of all moves: an axis is a numeric attribute of a module, and a move writes it."""

from __future__ import annotations

from pymodaq.control_modules.move_utility_classes import DAQ_Move_base, DataActuatorType
from pymodaq.control_modules.thread_commands import ThreadStatus, ThreadStatusMove
from pymodaq.utils.data import DataActuator
from pymodaq_utils.utils import ThreadCommand

from pyrpl_remote.errors import PyrplRemoteError

from .board_plugin import BoardPlugin


class ModuleActuator(BoardPlugin, DAQ_Move_base):
    """A move whose axes are attributes of a module, with PyRPL's names. Values are in `axis_unit`."""

    is_multiaxes = True
    data_actuator_type = DataActuatorType.DataActuator

    def ini_stage(self, controller=None) -> tuple[str, bool]:
        """Connect to the board; a slave uses its master's connection."""
        info, initialized = self.open_board(controller)
        if initialized:
            attributes = self.module.description().attributes
            # the FPGA rounds to half a step; PyMoDAQ ignores moves smaller than epsilon
            self.epsilons = [attributes[axis].increment / 2 for axis in self.axis_names]
            self.settings.child("epsilon").setValue(self.epsilon)
        return info, initialized

    def get_actuator_value(self) -> DataActuator:
        """Read the value of the axis from the board. Raises PyrplRemoteError, after reporting it."""
        try:
            value = getattr(self.module, self.axis_name)
        except PyrplRemoteError as error:
            self.report(error)
            raise
        return self.get_position_with_scaling(DataActuator(self._title, data=value, units=self.axis_unit))

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

    def stop_motion(self) -> None:
        """Report the present value: a write is immediate, so there is no motion to stop."""
        self.move_done()

    def close(self) -> None:
        """Release the board."""
        self.close_board()

    def _write(self, value: float) -> None:
        # the move is done when the write returns: PyMoDAQ reads the value back once instead of polling
        self.ispolling = False
        try:
            setattr(self.module, self.axis_name, value)
            attribute = self.module.description().attributes[self.axis_name]
        except PyrplRemoteError as error:
            self.emit_status(ThreadCommand(ThreadStatus.RAISE_TIMEOUT))
            self.report(error)
            # without the exception PyMoDAQ would report the move as done
            raise
        if not attribute.minimum <= value <= attribute.maximum:
            self.emit_status(ThreadCommand(ThreadStatusMove.OUT_OF_BOUNDS))
