"""The response of PyRPL's IIR filter: as it was designed, and as the network analyser measures it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from pyrpl_remote.errors import RemoteError

from ..refused import Refused
from .sweep import Curve, expected_seconds, run_sweep
from .wiring import users

SOURCE = "networkanalyzer"
"""PyRPL's name for the sine of the network analyser as an input."""

SWEEP_PARAMS = {
    "title": "Response:",
    "name": "response",
    "type": "group",
    "children": [
        {
            "title": "Measure:",
            "name": "measure",
            "type": "bool",
            "value": False,
            "tip": "Measure the filter beside its design: its input is the network analyser meanwhile. "
            "It is refused while the filter drives an output or another module, or the analyser is in use.",
        },
        *(
            {"title": title, "name": name, "type": kind, "value": value, "min": least, "suffix": unit}
            for title, name, kind, value, least, unit in (
                ("Start:", "start_freq", "float", 1e3, 0.1, "Hz"),
                ("Stop:", "stop_freq", "float", 1e6, 0.1, "Hz"),
                ("Points:", "points", "int", 101, 2, ""),
                ("Bandwidth:", "rbw", "float", 1e3, 1.0, "Hz"),
                ("Amplitude:", "amplitude", "float", 0.5, 0.0, "V"),
                ("Averages:", "average_per_point", "int", 1, 1, ""),
            )
        ),
    ],
}
"""The settings of a response; the names are those of the network analyser."""


def design(iir: Any, frequencies: np.ndarray) -> np.ndarray:
    """The response that PyRPL computes for the filter, with rounded coefficients and its delay."""
    try:
        return iir.transfer_function(frequencies)
    except RemoteError as error:
        if isinstance(error, AttributeError):  # PyRPL has no design before the filter is set up
            raise Refused(
                "PyRPL has no design of the filter: it was not set up since the daemon has started",
                "enter its zeros and poles",
            ) from error
        raise


def require_undisturbing(board: Any) -> None:
    """Raise Refused if a sweep through the filter would reach an output, or disturb another sweep."""
    reached = users(board, "iir")
    if (output := board.rp.iir.output_direct) != "off":
        reached.insert(0, output)
    if reached:
        raise Refused(
            f"the filter drives {', '.join(reached)}, where the sweep would go; it was not measured",
            'disconnect it there, or untick "Measure"',
        )
    if (state := board.networkanalyzer.running_state) != "stopped":
        raise Refused(
            f"the network analyser is in use ({state.replace('_', ' ')}); the filter was not measured",
            "wait for its end, or stop it",
        )


FIXED = {
    "input": "iir",
    "output_direct": "off",
    "logscale": True,
    "trace_average": 1,
    "acbandwidth": 0,
    "auto_bandwidth": False,
    "auto_amplitude": False,
}
"""The settings of the network analyser for a sweep through the filter."""


def seconds(settings: Mapping[str, Any]) -> float:
    """How long a sweep with these settings of SWEEP_PARAMS takes."""
    return expected_seconds({**settings, **FIXED, "sleeptimes": 0.5})


def measured(
    board: Any,
    settings: Mapping[str, Any],
    stopped: Callable[[], bool],
    preview: Callable[[np.ndarray, np.ndarray], object],
) -> Curve:
    """Sweep through the filter with the network analyser's `settings`; the arguments are those of run_sweep.

    The filter's input and the settings of the analyser are afterwards as they were before.
    """
    require_undisturbing(board)
    analyser = board.networkanalyzer
    changed = {**settings, **FIXED}
    with restored(analyser, tuple(changed)), restored(board.rp.iir, ("input",)):
        analyser.setup(**changed)
        board.rp.iir.input = SOURCE
        return run_sweep(analyser, stopped, preview)


@contextlib.contextmanager
def restored(module: Any, names: tuple[str, ...]) -> Iterator[None]:
    """Let the attributes `names` of `module` have their present values again after the block."""
    before = module.snapshot(*names)
    try:
        yield
    finally:
        module.update(**before)
