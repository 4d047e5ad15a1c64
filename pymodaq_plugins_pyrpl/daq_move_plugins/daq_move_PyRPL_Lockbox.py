"""DAQ_Move_PyRPL_Lockbox: set point, stage and output offset of the lockbox."""

from pymodaq.control_modules.move_utility_classes import comon_parameters_fun, main

from pymodaq_plugins_pyrpl.hardware.actuator import ModuleActuator
from pymodaq_plugins_pyrpl.hardware.board_plugin import board_params
from pymodaq_plugins_pyrpl.hardware.instruments import lockbox
from pymodaq_plugins_pyrpl.hardware.instruments.lockbox_controls import (
    OUTPUT,
    LockboxControls,
    control_params,
)


class DAQ_Move_PyRPL_Lockbox(LockboxControls, ModuleActuator):
    """The lockbox of a Red Pitaya with PyRPL.

    - setpoint: of the last stage, in the set point unit of the settings; while it is locked, the loop follows
    - stage: its number from 0; a move executes it, for its duration. -1 is unlocked, -2 sweeping
    - offset: of the chosen output while it is not locked, in V; a lock starts from there, unless its first
      stage resets the output

    Home unlocks. Lock, unlock, sweep and calibrate are buttons of the settings.
    The plugin finds the board's daemon, or starts one, and shares it with every other plugin and program.
    """

    shown = (
        "classname",
        "setpoint_unit",
        "is_locked_threshold",
        "auto_lock",
        "lockstatus_interval",
        "default_sweep_output",
    )
    section = "lockbox"

    _axis_names = ["setpoint", "stage", "offset"]
    _controller_units = ["", "", "V"]
    _epsilons = 1e-4  # replaced at init

    params = [
        *board_params(LockboxControls.modules),
        control_params(),
        OUTPUT,
        *comon_parameters_fun(True, axis_names=_axis_names),
    ]

    followed = ()  # the axes are no attributes of the lockbox itself

    applied: float | None = None
    """The set point of the loop. A script may have written another one to the stage, which PyRPL applies
    only when the stage is executed."""

    def read_axis(self, axis):
        """Read an axis from the board."""
        if axis == "stage":
            return lockbox.state_number(self.module)
        if axis == "offset":
            return lockbox.offset(self.module, self.settings["output"])
        if self.applied is None or self.state != lockbox.LOCKED:
            self.applied = lockbox.setpoint(self.module)
        return self.applied

    def write_axis(self, axis, value):
        """Write an axis to the board; returns what it has then."""
        if axis == "stage":
            return lockbox.enter_state(self.module, value)
        if axis == "offset":
            return lockbox.set_offset(self.module, self.settings["output"], value)
        self.applied = lockbox.set_setpoint(self.module, value)
        return self.applied

    def signal_of(self, axis):
        """The offset is in the unit of the output's channel."""
        return self.channels.get(self.settings["output"]) if axis == "offset" else None

    def commit_settings(self, param):
        """Press a button, or write a changed setting; another output has another offset."""
        super().commit_settings(param)
        if param.name() == "output" and self.controller is not None:
            self.module_changed()

    def move_home(self):
        """Unlock."""
        self._surely(self.module.unlock)
        self.read_lock()
        self.move_done()

    def changed(self, module, name, value):
        """Show a state or a set point that somebody has changed."""
        super().changed(module, name, value)
        if name in ("current_state", "lock_status"):
            self.read_lock()
        if name == "current_state":
            self.applied = None
        elif name == "setpoint" and self.state == lockbox.LOCKED and value != self.applied:
            self.tell(
                f"{module}.setpoint = {value}: PyRPL applies it at the next lock; a move applies it now"
            )
        elif name in ("classname", "output_classes", "output_channel"):
            self.show_replaced()
        if name in {"setpoint": ("setpoint", "current_state")}.get(self.axis_name, ("current_state",)):
            self._tell_value()

    def _written(self, axis, value):
        # where the daemon died meanwhile: executing a stage again could lose a lock
        return self.write_axis(axis, value)


if __name__ == "__main__":
    main(__file__)
