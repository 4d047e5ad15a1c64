"""DAQ_Move_PyRPL_IQ: frequency, phase, gain, amplitude and quadrature factor of an IQ module."""

from pymodaq.control_modules.move_utility_classes import comon_parameters_fun, main

from pymodaq_plugins_pyrpl.hardware.actuator import ModuleActuator
from pymodaq_plugins_pyrpl.hardware.board_plugin import board_params
from pymodaq_plugins_pyrpl.hardware.instruments.owner import OWNER, ShowsOwner
from pymodaq_plugins_pyrpl.hardware.schema_file import epsilons, units


class DAQ_Move_PyRPL_IQ(ShowsOwner, ModuleActuator):
    """The modulators and demodulators of a Red Pitaya with PyRPL (iq0 to iq2).

    Axes: `frequency` in Hz, `phase` in degrees, `amplitude` in V, or in the unit that the settings have for
    the output, `gain` and `quadrature_factor`, which are factors. The phase is shown from 0 to 360 degrees: a
    move to -90 degrees ends at 270. The amplitude is that of the modulation, the quadrature factor that of
    the demodulated signal, and the gain that from demodulation to modulation. PyRPL's analysers use iq2 while
    they measure. The plugin finds the board's daemon, or starts one, and shares it with every other plugin
    and program.
    """

    modules = ("iq0", "iq1", "iq2")
    shown = (
        "input",
        "acbandwidth",
        "bandwidth",
        "output_signal",
        "output_direct",
        "modulation_at_2f",
        "demodulation_at_2f",
    )
    section = "iq"

    _axis_names = ["frequency", "phase", "gain", "amplitude", "quadrature_factor"]
    _controller_units = units(modules[0], _axis_names)
    _epsilons = epsilons(modules[0], _axis_names)

    params = [*board_params(modules), OWNER, *comon_parameters_fun(True, axis_names=_axis_names)]

    def signal_of(self, axis: str) -> str | None:
        """The amplitude is in the unit of the output that the modulation goes to."""
        return self.settings[self.module_name, "output_direct"] if axis == "amplitude" else None


if __name__ == "__main__":
    main(__file__)
