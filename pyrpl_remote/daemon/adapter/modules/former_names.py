"""Names that attributes had in earlier releases of PyRPL, which scripts and tutorials still use.

They were collected from PyRPL's history and from its tutorials, which still have some of them. PyRPL itself
ignores them in `setup`, with a warning at most.
"""

from __future__ import annotations

_RUN = "single() and continuous() start an acquisition, stop() ends it"

FORMER_NAMES: dict[str, dict[str, str]] = {
    "AcquisitionModule": {
        "avg": "it is called 'trace_average' now",
        "run": _RUN,
        "running_continuous": "it is called 'run_continuous' now",
    },
    "NetworkAnalyzer": {
        "start": "it is called 'start_freq' now",
        "stop": "it is called 'stop_freq' now",
        "avg": "it is called 'average_per_point' now ('trace_average' averages whole sweeps)",
        "avg_per_point": "it is called 'average_per_point' now",
        "iq_name": "PyRPL chooses a free iq for the network analyser: `networkanalyzer.iq` is the one",
        "maxamplitude": "it is called 'auto_amp_max' now",
        "stabilize": "it is called 'auto_amplitude' now, with 'target_dbv'",
        "infer_open_loop_tf": "PyRPL no longer has it",
    },
    "SpectrumAnalyzer": {
        "unit": "it is called 'display_unit' now",
        "points": "PyRPL no longer has it: the spectrum has as many points as the scope's trace",
        "rbw_auto": "PyRPL no longer has it: 'rbw' follows from 'span' and 'window'",
    },
    "Iq": {"Q": "it is called 'bandwidth' now: Q is frequency / bandwidth"},
    "Asg": {"freq": "it is called 'frequency'"},
    "IIR": {
        "g": "it is called 'gain' now",
        "z": "it is called 'zeros' now",
        "p": "it is called 'poles' now",
        "shortcut": "it is called 'bypass' now",
        "turn_on": "it is called 'on' now",
        "plot": "PyRPL no longer has it: transfer_function(frequencies) has the data of the plot",
        "designdata": "PyRPL no longer has it: transfer_function(frequencies) describes the design",
        "tol": "PyRPL no longer has it",
        "prewarp": "PyRPL no longer has it",
    },
    "Pid": {"d": "PyRPL's PIDs no longer have a derivative gain"},
}
"""For each class of PyRPL its former names, each with what to use instead. They hold for derived classes."""


def former_names(cls: type) -> dict[str, str]:
    """The former names of a class and of those that it is derived from."""
    names: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        names.update(FORMER_NAMES.get(base.__name__, {}))
    return names
