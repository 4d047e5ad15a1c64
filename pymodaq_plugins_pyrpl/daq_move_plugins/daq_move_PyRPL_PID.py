"""DAQ_Move_PyRPL_PID: set point, gains, integrator and limits of a PID controller."""

from pymodaq.control_modules.move_utility_classes import comon_parameters_fun, main

from pymodaq_plugins_pyrpl.hardware.actuator import ModuleActuator
from pymodaq_plugins_pyrpl.hardware.board_plugin import board_params
from pymodaq_plugins_pyrpl.hardware.schema_file import epsilons, units
from pymodaq_plugins_pyrpl.hardware.together import together
from pyrpl_remote.errors import PyrplRemoteError


class DAQ_Move_PyRPL_PID(ModuleActuator):
    """The PID controllers of a Red Pitaya with PyRPL (pid0 to pid2).

    Axes: `setpoint`, `ival`, `min_voltage` and `max_voltage` in V, or in the units that the settings have for
    input and output; `p` is a factor, `i` in Hz. `ival` is the integrator's value, which the board changes
    while `i` is not zero. Axes of one controller that are moved at the same time are written together. The
    plugin finds the board's daemon, or starts one, and shares it with every other plugin and program.
    """

    modules = ("pid0", "pid1", "pid2")
    shown = (
        "input",
        "output_direct",
        "inputfilter",
        "min_voltage",
        "max_voltage",
        "pause_gains",
        "paused",
    )
    section = "pid"

    _axis_names = ["setpoint", "p", "i", "ival", "min_voltage", "max_voltage"]
    _controller_units = units(modules[0], _axis_names)
    _epsilons = epsilons(modules[0], _axis_names)

    params = [
        *board_params(modules),
        {
            "title": "Integrator:",
            "name": "reset",
            "type": "bool_push",
            "label": "Reset",
            "value": False,
            "tip": "Set the integrator's value to zero.",
        },
        *comon_parameters_fun(True, axis_names=_axis_names),
    ]

    _place = ""

    def signal_of(self, axis: str) -> str | None:
        """The set point is in the unit of the input, the integrator and the limits in that of the output."""
        if axis in ("p", "i"):
            return None
        return self.settings[self.module_name, "input" if axis == "setpoint" else "output_direct"]

    def write_axis(self, axis: str, value: float) -> float:
        """Write an axis, together with those of the same controller that are moved now."""
        module = self.module
        together.write(self._place, module, axis, value)
        return getattr(module, axis)

    @property
    def write_patience(self) -> float:
        """Where several are moved, the others' moves must arrive while this one waits for them."""
        return 0.0 if together.several(self._place) else super().write_patience

    def commit_settings(self, param) -> None:
        """Write a changed setting, or reset the integrator."""
        if param.name() != "reset":
            super().commit_settings(param)
        elif param.value() and self.controller is not None:
            try:
                self.ask(lambda: setattr(self.module, "ival", 0.0))
            except PyrplRemoteError as error:
                self.report(error)
            self.settings.child("reset").setValue(False)

    def module_shown(self) -> None:
        """Tell the other plugins of this controller that there is one more."""
        super().module_shown()
        together.leave(self._place)
        self._place = f"{self.settings['board']} {self.module_name}"
        together.join(self._place)

    def close(self) -> None:
        """Release the board."""
        together.leave(self._place)
        self._place = ""
        super().close()


if __name__ == "__main__":
    main(__file__)
