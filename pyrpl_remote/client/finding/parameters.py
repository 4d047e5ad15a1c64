"""PyRPL's parameters of a board as people write them, checked and converted before anything starts.

PyRPL itself converts each value to the type of its default, and takes bool("False") for True and
timeout=0.5 for 0.
"""

from __future__ import annotations

import difflib
import logging
import math
import numbers
import os
import re
from collections.abc import Callable, Mapping
from typing import Any

from ... import settings
from ...errors import BadParameter

_TRUE = {"true", "yes", "on", "1"}
_FALSE = {"false", "no", "off", "0"}
_LEVELS = ("notset", "debug", "info", "warning", "error", "critical")
_SIMILAR = 0.75
"""How similar an unknown name must be to a known one (0 to 1) for an error to suggest that."""

_PORT_OF_PARAMETER = re.compile(r"(?P<host>[^:]+):(?P<port>\d*)")


class _Invalid(ValueError):
    """A value is invalid; the text says what is valid."""


def valid_parameters(given: Mapping[str, Any]) -> dict[str, Any]:
    """The given parameters with values of the types that PyRPL expects.

    None, and a hostname of "", are as if the parameter was not given. Raises BadParameter for a parameter
    that PyRPL does not have, or for an invalid value of one.
    """
    converted = {}
    for name, value in given.items():
        if name not in PARAMETERS:
            raise BadParameter(f"a board has no parameter {name!r}", _suggestion(name))
        if value is None or (name == "hostname" and value == ""):
            continue
        try:
            converted[name] = PARAMETERS[name](value)
        except _Invalid as invalid:
            shown = "..." if name == "password" else repr(value)
            raise BadParameter(f"{name}={shown} is not valid", str(invalid)) from None
    return converted


def require_variables() -> None:
    """Raise BadParameter for a malformed variable such as REDPITAYA_PORT, in which PyRPL has a parameter."""
    for name, valid in _VARIABLES.items():
        text = os.environ.get(f"REDPITAYA_{name.upper()}")
        try:
            if text is not None:
                valid(text)
        except _Invalid as invalid:
            raise BadParameter(
                f"the environment variable REDPITAYA_{name.upper()}={text!r} is not valid",
                f"{invalid}; correct or unset it",
            ) from None


def require_section(name: Any) -> None:
    """Raise BadParameter if `name` cannot be that of a section of a configuration, as lockbox.sequence."""
    if not isinstance(name, str) or not all(name.split(".")):
        raise BadParameter(f"{name!r} is no section of a configuration", 'name one, such as "iir"')


def require_grace(seconds: Any) -> None:
    """Raise BadParameter if `seconds` is no time that a daemon can wait after its last client has left."""
    try:
        if isinstance(seconds, str):
            raise _Invalid
        _number(seconds)
    except _Invalid:
        raise BadParameter(
            f"grace={seconds!r} is not valid", "it must be a finite number that is not negative, in s"
        ) from None


def require_gateware(gateware: Any) -> None:
    """Raise BadParameter if `gateware` is not what a daemon can do about another gateware."""
    if gateware not in (settings.SAY, settings.RESTORE):
        raise BadParameter(
            f"gateware={gateware!r} is not valid",
            f"it must be {settings.SAY!r}: say that another gateware has replaced PyRPL's, or "
            f"{settings.RESTORE!r}: load PyRPL's again",
        )


def require_restore(restore: Any, reloadfpga: Any = None) -> None:
    """Raise BadParameter if `restore` is not what a start can restore."""
    if restore not in (None, settings.REGISTERS, settings.FILE):
        raise BadParameter(
            f"restore={restore!r} is not valid",
            f"it must be {settings.REGISTERS!r}: keep the FPGA as it is, {settings.FILE!r}: load the "
            "configuration, or None: keep an FPGA that a daemon with this configuration has left",
        )
    if restore == settings.REGISTERS and reloadfpga is True:
        raise BadParameter(
            f"restore={restore!r} keeps the FPGA as it is, and reloadfpga=True resets it", "leave one out"
        )


def require_plant_fits(parameters: Mapping[str, Any]) -> None:
    """Raise BadParameter where a plant is given for a board that is no virtual one."""
    if "plant" in parameters and parameters.get("hostname") != settings.VIRTUAL:
        raise BadParameter(
            f"plant={parameters['plant']!r} is for a virtual Red Pitaya only",
            f'leave it out, or pass hostname="{settings.VIRTUAL}" too',
        )


def _suggestion(name: str) -> str:
    close = difflib.get_close_matches(name, PARAMETERS, 1, _SIMILAR)
    longer = [known for known in PARAMETERS if known.startswith(name)] if len(name) > 2 else []
    for one in close or longer:
        return f"did you mean {one!r}?"
    return f"it has {', '.join(sorted(PARAMETERS))}"


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise _Invalid("it must be a string")
    return value


def _login(value: Any) -> str:
    # a password of digits only
    return str(value) if isinstance(value, numbers.Integral) and value is not True else _string(value)


def _hostname(value: Any) -> str:
    text = _string(value)
    bare = re.sub(r"^\w+://", "", text.strip())
    if "/" in text:
        raise _Invalid(f"it must be a hostname and no web address: hostname={bare.partition('/')[0]!r}")
    if text != text.strip():
        raise _Invalid(f"it must have no spaces around it: hostname={bare!r}")
    if "@" in text:
        user, _, host = text.rpartition("@")
        raise _Invalid(f"the user is a parameter of its own: hostname={host!r}, user={user!r}")
    if with_port := _PORT_OF_PARAMETER.fullmatch(text):
        host, port = with_port["host"], with_port["port"] or "22"
        raise _Invalid(
            f"the port is a parameter of its own: hostname={host!r}, sshport={port} for SSH, "
            f"or port={port} for the registers"
        )
    if ":" in text:
        raise _Invalid("PyRPL connects to IPv4 addresses only: pass such an address, or a hostname")
    if not re.fullmatch(r"[\w.-]+", text):
        raise _Invalid("a hostname has letters, digits, '-' and '.' only, as rp-f08d6c.local")
    return settings.VIRTUAL if text.lower() == settings.VIRTUAL else text


def _plant(value: Any) -> str:
    text = _string(value)
    if text in settings.PLANTS or re.fullmatch(r"[\w.]+:\w+", text):
        return text
    raise _Invalid(f"it must be one of {', '.join(settings.PLANTS)}, or your own module:Class")


def _whole(value: Any) -> int:
    if isinstance(value, str) and re.fullmatch(r"\s*[+-]?\d+\s*", value):
        return int(value)
    if isinstance(value, numbers.Real) and not isinstance(value, bool) and float(value).is_integer():
        return int(float(value))
    raise _Invalid("it must be a whole number")


def _port(value: Any) -> int:
    number = _whole(value)
    if not 0 < number < 1 << 16:
        raise _Invalid("it must be a number from 1 to 65535")
    return number


def _number(value: Any) -> float:
    try:
        number = float(value) if isinstance(value, (str, numbers.Real)) else math.nan
    except ValueError:
        number = math.nan
    if math.isnan(number) or isinstance(value, bool):
        raise _Invalid("it must be a number")
    if not (math.isfinite(number) and number >= 0):
        raise _Invalid("it must be a finite number that is not negative")
    return number


def _timeout(value: Any) -> int:
    # PyRPL cuts it to whole seconds, and with 0 s no connection succeeds
    return max(1, math.ceil(_number(value)))


def _bool(value: Any) -> bool:
    text = str(int(value)) if isinstance(value, numbers.Integral) else str(value).strip().lower()
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    raise _Invalid("it must be True or False")


def _reload(value: Any) -> bool | str:
    if isinstance(value, str) and value.strip().lower() == "auto":
        return "auto"
    try:
        return _bool(value)
    except _Invalid:
        raise _Invalid('it must be True, False or "auto"') from None


def _level(value: Any) -> str:
    name = logging.getLevelName(value) if isinstance(value, int) else value
    level = str(name).strip().lower()
    if level not in _LEVELS:
        raise _Invalid(f"it must be one of {', '.join(_LEVELS)}")
    return level


PARAMETERS: dict[str, Callable[[Any], Any]] = {
    "hostname": _hostname,
    **dict.fromkeys(["user", "password"], _login),
    **dict.fromkeys(["filename", "dtbo_filename", "serverbinfilename", "serverdtbofilename"], _string),
    **dict.fromkeys(["serverdirname", "monitor_server_name"], _string),
    **dict.fromkeys(["port", "sshport"], _port),
    **dict.fromkeys(["delay", "frequency_correction"], _number),
    "timeout": _timeout,
    **dict.fromkeys(["gui", "autostart", "reloadserver", "leds_off", "silence_env"], _bool),
    "reloadfpga": _reload,
    "loglevel": _level,
    "plant": _plant,
}
"""The parameters of PyRPL's `Pyrpl` and `RedPitaya`, and `plant`, which is that of a virtual board; each with
the function that converts its value."""

_VARIABLES: dict[str, Callable[[str], Any]] = {
    **dict.fromkeys(["port", "sshport"], _port),
    **dict.fromkeys(["delay", "frequency_correction"], _number),
    "timeout": lambda text: _number(_whole(text)),
}
"""The parameters that PyRPL converts to numbers where a variable REDPITAYA_... has them."""
