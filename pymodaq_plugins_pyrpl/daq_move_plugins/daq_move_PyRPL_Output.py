"""DAQ_Move_PyRPL_Output: auxiliary DACs, digital pins and LEDs; the inputs of the PWM outputs as settings."""

from pymodaq.control_modules.daq_move_ui.utils import UiType
from pymodaq.control_modules.move_utility_classes import comon_parameters_fun, main

from pymodaq_plugins_pyrpl.hardware.actuator import ModuleActuator
from pymodaq_plugins_pyrpl.hardware.board_plugin import board_params
from pymodaq_plugins_pyrpl.hardware.instruments.slow_outputs import DIRECTIONS, PINS, PwmInputs, write_pin
from pymodaq_plugins_pyrpl.hardware.schema_file import epsilons, units
from pyrpl_remote.errors import PyrplRemoteError


class DAQ_Move_PyRPL_Output(PwmInputs, ModuleActuator):
    """The slow outputs of a Red Pitaya with PyRPL.

    dac2 and dac3 are the auxiliary DACs, 0 to 1.8 V. A digital pin is 0 or 1: two buttons move it between
    the two values in their boxes. The LEDs are one number, a bit each. dac0 and dac1 put out the signals
    that are chosen as the inputs of pwm0 and pwm1: -1 V of the signal is 0 V there, +1 V is 1.8 V.

    The plugin finds the board's daemon, or starts one, and shares it with every other plugin and program.
    """

    modules = ("ams", "hk")
    shown: tuple[str, ...] = ()  # of the present axis
    section = "output"

    ui_type = UiType.BINARY
    _axis_names = ["dac2", "dac3", "led", *PINS]
    _controller_units = [*units("ams", _axis_names[:2]), *units("hk", _axis_names[2:])]
    _epsilons = [*epsilons("ams", _axis_names[:2]), *epsilons("hk", _axis_names[2:])]

    params = board_params(("ams",)) + comon_parameters_fun(True, axis_names=_axis_names)

    @property
    def module_name(self) -> str:
        """The name of the module that the axis belongs to."""
        return "ams" if self.axis_name.startswith("dac") else "hk"

    @property
    def followed(self) -> tuple[str, ...]:
        """The axes of the present module."""
        known = self.module.description().attributes
        return tuple(axis for axis in self.axis_names if axis in known)

    def read_axis(self, axis):
        """Read an axis; a pin is 0 or 1."""
        return float(super().read_axis(axis))

    def write_axis(self, axis, value):
        """Write an axis; returns what the board has then."""
        return write_pin(self.module, axis, value) if axis in PINS else super().write_axis(axis, value)

    def commit_settings(self, param):
        """Write a changed setting; another axis may be one of another module."""
        if param.name() == "axis" and self.controller is not None:
            try:
                self._set_module()
                self.module_changed()
            except PyrplRemoteError as error:
                self.report(error)
        else:
            super().commit_settings(param)

    def _set_module(self):
        self.shown = DIRECTIONS if self.module_name == "hk" else ()
        super()._set_module()


if __name__ == "__main__":
    main(__file__)
