"""DAQ_Move_PyRPL_PID: set point, gains and integrator of a PID controller."""

from pymodaq.control_modules.move_utility_classes import comon_parameters_fun, main

from pymodaq_plugins_pyrpl.hardware.actuator import ModuleActuator
from pymodaq_plugins_pyrpl.hardware.board_plugin import board_params


class DAQ_Move_PyRPL_PID(ModuleActuator):
    """The PID controllers of a Red Pitaya with PyRPL (pid0 to pid2).

    `ival` is the integrator's value, which the board changes while `i` is not zero.
    The plugin finds the board's daemon, or starts one, and shares it with every other plugin and program.
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
    _controller_units = ["V", "", "Hz", "V", "V", "V"]
    _epsilons = 1e-4  # replaced at init by half of the board's own steps

    params = board_params(modules) + comon_parameters_fun(True, axis_names=_axis_names)

    def signal_of(self, axis: str) -> str | None:
        """The set point is in the unit of the input, the integrator and the limits in that of the output."""
        if axis in ("p", "i"):
            return None
        return self.settings[self.module_name, "input" if axis == "setpoint" else "output_direct"]


if __name__ == "__main__":
    main(__file__)
