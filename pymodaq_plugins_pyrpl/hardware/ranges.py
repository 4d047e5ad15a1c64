"""`Ranges`: what one volt of PyRPL's signals stands for: the jumpers of the inputs, an own factor and unit.

PyRPL counts each input as -1 V to 1 V. With the jumpers at HV, that is -20 V to 20 V at the connector.
"""

from __future__ import annotations

from pymodaq_gui.parameter import Parameter

INPUTS = ("in1", "in2")
OUTPUTS = ("out1", "out2")

VOLTS = {"LV (±1 V)": 1.0, "HV (±20 V)": 20.0}
"""The positions of an input's jumpers, and the volts at the connector for 1 V of PyRPL."""


def ranges_params() -> dict:
    """The group of settings, as a dict."""
    return {
        "title": "Ranges and units:",
        "name": "ranges",
        "type": "group",
        "expanded": False,
        "children": [_signal_params(signal) for signal in (*INPUTS, *OUTPUTS)],
    }


def _signal_params(signal: str) -> dict:
    jumpers = {
        "title": "Jumpers:",
        "name": "range",
        "type": "list",
        "limits": list(VOLTS),
        "value": next(iter(VOLTS)),
        "tip": "Where the board's jumpers of this input are.",
    }
    own = [
        {
            "title": "Factor:",
            "name": "factor",
            "type": "float",
            "value": 1.0,
            "decimals": 9,
            "tip": "Units of your own for each V at the connector.",
        },
        {
            "title": "Unit:",
            "name": "unit",
            "type": "str",
            "value": "V",
            "tip": "The unit of the values that are shown, saved and moved, as in mW or Hz.",
        },
    ]
    return {
        "title": f"{signal}:",
        "name": signal,
        "type": "group",
        "children": [jumpers, *own] if signal in INPUTS else own,
    }


def scale(settings: Parameter, signal: str | None) -> tuple[float, str]:
    """What 1 V of PyRPL's `signal` is, and its unit. A signal inside of the FPGA is 1 V."""
    if signal == "both":
        # only where both outputs are scaled alike has their sum one scale
        first, second = (scale(settings, output) for output in OUTPUTS)
        return first if first == second else (1.0, "V")
    if signal not in (*INPUTS, *OUTPUTS):
        return 1.0, "V"
    group = settings.child("ranges", signal)
    volts = VOLTS[group["range"]] if signal in INPUTS else 1.0
    return volts * group["factor"], group["unit"]
