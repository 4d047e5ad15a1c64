"""DAQ_0DViewer_PyRPL_Lockbox: error signal, inputs, outputs and state of the lockbox."""

import numpy as np
from pymodaq.control_modules.viewer_utility_classes import comon_parameters, main
from pymodaq.utils.data import DataFromPlugins
from pymodaq_data.data import DataToExport

from pymodaq_plugins_pyrpl.hardware.board_plugin import board_params
from pymodaq_plugins_pyrpl.hardware.detector import BoardDetector
from pymodaq_plugins_pyrpl.hardware.instruments import lockbox


class DAQ_0DViewer_PyRPL_Lockbox(BoardDetector):
    """The lockbox of a Red Pitaya with PyRPL, in four viewers.

    - error signal: of the input of the present stage, or of the last one, from the voltage that its set point
      stands for; no number before the input is calibrated, where PyRPL cannot compute it
    - inputs, outputs: mean voltages over 10 ms, in V, or in the units that the settings have for them
    - state: whether it is locked, the stage (-1 unlocked, -2 sweeping), and which outputs are saturated

    The plugin finds the board's daemon, or starts one, and shares it with every other plugin and program.
    """

    modules = ("lockbox",)
    shown = ("is_locked_threshold", "setpoint_unit", "lockstatus_interval")
    section = "lockbox"

    params = comon_parameters + board_params(modules)

    def acquire(self, live):
        """Measure all of them once."""
        module = self.module
        inputs, outputs = lockbox.input_signals(module), lockbox.output_channels(module)
        return self._data(lockbox.read(module, inputs, outputs), {**inputs, **outputs})

    def empty(self):
        """Zeros, with the names of the inputs and outputs."""
        inputs, outputs = lockbox.input_signals(self.module), lockbox.output_channels(self.module)
        readings = lockbox.Readings(
            error=0.0,
            locked_to="",
            inputs=dict.fromkeys(inputs, 0.0),
            outputs=dict.fromkeys(outputs, 0.0),
            saturated=dict.fromkeys(outputs, False),
            stage=lockbox.UNLOCKED,
            locked=False,
        )
        return self._data(readings, {**inputs, **outputs})

    def _data(self, readings, signals):
        state = {"Locked": readings.locked, "Stage": readings.stage}
        state |= {f"{name} saturated": value for name, value in readings.saturated.items()}
        error = self.to_volts(signals.get(readings.locked_to), readings.error)

        def scaled(voltages):
            return {name: self.to_volts(signals[name], volts) for name, volts in voltages.items()}

        shown = {
            "Error signal": {"Error signal": error},
            "Inputs": scaled(readings.inputs),
            "Outputs": scaled(readings.outputs),
            "State": {name: (value, "") for name, value in state.items()},
        }
        data = [_data_0d(name, values) for name, values in shown.items() if values]
        return DataToExport(name="PyRPL lockbox", data=data)


def _data_0d(name, values):
    """Data of values with their units, by their labels."""
    units = {unit for _, unit in values.values()}
    return DataFromPlugins(
        name=name,
        data=[np.array([float(value)]) for value, _ in values.values()],
        dim="Data0D",
        labels=[f"{label} ({unit})" if unit else label for label, (_, unit) in values.items()],
        units=units.pop() if len(units) == 1 else "",
    )


if __name__ == "__main__":
    main(__file__)
