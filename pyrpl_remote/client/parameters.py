"""Checks of the arguments of `connect`, made before anything starts: a board's name, PyRPL's parameters."""

from __future__ import annotations

import difflib
import math
import numbers
import os
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
"""The names of PyRPL's `defaultparameters`, and the type of each."""

_WORDS: dict[type, str] = {str: "a string", numbers.Integral: "a whole number", numbers.Real: "a number"}
_NAME = re.compile(r"[\w.-]{1,100}")


def require_name(name: Any) -> None:
    """Raise BadParameter if `name` cannot be a board's name.

    Files and Pyro objects are named after the board.
    """
    if not (isinstance(name, str) and _NAME.fullmatch(name)):
        raise BadParameter(
            f"{str(name)[:120]!r} cannot be the name of a board",
            "a name is a string of up to 100 letters, digits, '_', '-' and '.'; "
            "for a hostname with other characters, pass a name as the first argument",
        )


def require_parameters(parameters: Mapping[str, Any]) -> None:
    """Raise BadParameter for a parameter that PyRPL does not have, or for an invalid value of one."""
    for name, value in parameters.items():
        if name not in PARAMETERS:
            close = difflib.get_close_matches(name, PARAMETERS, 1)
            remedy = f"did you mean {close[0]!r}?" if close else f"it has {', '.join(sorted(PARAMETERS))}"
            raise BadParameter(f"a board has no parameter {name!r}", remedy)
        allowed = _allowed_values(name, value)
        if allowed:
            raise BadParameter(f"{name}={value!r} is not valid", f"it must be {allowed}")


def require_variables() -> None:
    """Raise BadParameter for a malformed variable such as REDPITAYA_PORT, in which PyRPL has a parameter."""
    for name, kind in PARAMETERS.items():
        text = os.environ.get(f"REDPITAYA_{name.upper()}")
        if text is None or not (kind is numbers.Real or name in ("port", "sshport")):
            continue
        try:
            value: Any = float(text) if kind is numbers.Real else int(text)
        except ValueError:
            value = text
        allowed = _allowed_values(name, value)
        if allowed:
            raise BadParameter(
                f"the environment variable REDPITAYA_{name.upper()}={text!r} is not valid",
                f"it must be {allowed}; correct or unset it",
            )


def require_grace(seconds: Any) -> None:
    """Raise BadParameter if `seconds` is no time that a daemon can wait after its last client has left."""
    if (
        isinstance(seconds, bool)
        or not isinstance(seconds, numbers.Real)
        or _allowed_values("timeout", seconds)
    ):
        raise BadParameter(
            f"grace={seconds!r} is not valid", "it must be a finite number that is not negative, in s"
        )


def _allowed_values(name: str, value: Any) -> str:
    """A description of the valid values of a parameter if `value` is invalid, else ""."""
    kind = PARAMETERS[name]
    if not isinstance(value, kind):
        return _WORDS[kind]
    number: Any = value  # mypy cannot narrow it by `kind`
    if name in ("port", "sshport") and not 0 < number < 1 << 16:
        return "a number from 1 to 65535"
    if kind is numbers.Real and not (math.isfinite(number) and number >= 0):
        return "a finite number that is not negative"
    return ""
