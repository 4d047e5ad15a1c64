"""DAQ_Move_PyRPL_ASG: frequency, amplitude, offset and start phase of a signal generator."""

from pymodaq.control_modules.move_utility_classes import comon_parameters_fun, main

from pymodaq_plugins_pyrpl.hardware.actuator import ModuleActuator
from pymodaq_plugins_pyrpl.hardware.board_plugin import board_params
from pymodaq_plugins_pyrpl.hardware.schema_file import epsilons, units


class DAQ_Move_PyRPL_ASG(ModuleActuator):
    """The arbitrary signal generators of a Red Pitaya with PyRPL (asg0, asg1).

    Axes: `frequency` in Hz, `amplitude` and `offset` in V, or in the unit that the settings have for the
    output, `start_phase` in degrees. The plugin finds the board's daemon, or starts one, and shares it with
    every other plugin and program. At init it reads the board, and with the default configuration starts the
    generator. The output is one of the settings.
    """

    modules = ("asg0", "asg1")
    shown = (
        "waveform",
        "output_direct",
        "trigger_source",
        "cycles_per_burst",
        "bursts",
        "delay_between_bursts",
    )
    section = "asg"

    _axis_names = ["frequency", "amplitude", "offset", "start_phase"]
    _controller_units = units(modules[0], _axis_names)
    _epsilons = epsilons(modules[0], _axis_names)

    params = board_params(modules) + comon_parameters_fun(True, axis_names=_axis_names)

    def signal_of(self, axis: str) -> str | None:
        """Amplitude and offset are in the unit of the output."""
        if axis not in ("amplitude", "offset"):
            return None
        return self.settings[self.module_name, "output_direct"]


if __name__ == "__main__":
    main(__file__)
