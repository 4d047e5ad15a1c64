"""What `connect` is given, checked before a daemon is looked for or started: a name and PyRPL's parameters of a board."""

from __future__ import annotations

import math
import numbers
import re
from collections.abc import Mapping
from typing import Any

from ..errors import BadParameter

PARAMETERS: dict[str, type] = {
    **dict.fromkeys(["hostname", "user", "password", "filename", "dtbo_filename", "serverbinfilename"], str),
    **dict.fromkeys(["serverdtbofilename", "serverdirname", "monitor_server_name"], str),
    **dict.fromkeys(["port", "sshport"], numbers.Integral),
    **dict.fromkeys(["delay", "timeout", "frequency_correction"], numbers.Real),
    **dict.fromkeys(["gui", "autostart", "reloadserver", "leds_off", "silence_env"], numbers.Integral),
    "reloadfpga": object,  # True, False or "auto"
}
"""PyRPL's `defaultparameters`, and of which type each is."""

_WORDS = {str: "a string", numbers.Integral: "a whole number", numbers.Real: "a number"}
_NAME = re.compile(r"[\w.-]{1,100}")


def require_name(name: Any) -> None:
    """Raise BadParameter for what cannot be a board's name, which is also that of files and of a Pyro object."""
    if not (isinstance(name, str) and _NAME.fullmatch(name)):
        remedy = "it is a string of up to 100 letters, digits, '_', '-' and '.'; a hostname with others needs a name before it"
        raise BadParameter(f"{str(name)[:120]!r} cannot be the name of a board", remedy)


def require_parameters(parameters: Mapping[str, Any]) -> None:
    """Raise BadParameter for a parameter that PyRPL does not have, or that cannot be what it is said to be."""
    for name, value in parameters.items():
        if name not in PARAMETERS:
            import difflib  # here and not above: only a mistake needs it

            close = difflib.get_close_matches(name, PARAMETERS, 1)
            remedy = f"did you mean {close[0]!r}?" if close else f"it has {', '.join(sorted(PARAMETERS))}"
            raise BadParameter(f"a board has no parameter {name!r}", remedy)
        kind = PARAMETERS[name]
        if not isinstance(value, kind):
            raise BadParameter(f"{name}={value!r} makes no sense", f"it is {_WORDS[kind]}")
        if name in ("port", "sshport") and not 0 < value < 1 << 16:
            raise BadParameter(f"{name}={value} makes no sense", "it is a number from 1 to 65535")
        if kind is numbers.Real and not (math.isfinite(value) and value >= 0):
            raise BadParameter(f"{name}={value} makes no sense", "it is a number that is not negative")
