"""Checks what a client sets and calls before PyRPL gets it: nothing that is evaluated, opened or run.

Live objects of the daemon, such as a module's connection to the board, are neither set nor called, not even
with connect(private=True).
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from pyrpl import Pyrpl
from pyrpl.modules import Module
from pyrpl.redpitaya import RedPitaya
from pyrpl.software_modules import Lockbox

from ....errors import NotRemote
from ..configuration.guarded_configuration import masked, require_key, require_yaml_text
from .formulas import require_formula, require_function_name
from .not_remote import local_only_of

MAX_DEPTH = 20
"""How deep the values of a module's setup may be."""

MAX_WAIT_SECONDS = 10.0
"""The longest measurement of a lockbox signal: PyRPL serves nobody else meanwhile."""

STATE_METHODS = ("save_state", "load_state", "erase_state", "get_yml")
"""PyRPL's methods whose argument is the name of a saved state."""

BY_NAME = ("stats", "mean_stddev", "select_pole_or_zero")
"""PyRPL's methods that read whatever attributes are named in their arguments."""

MAX_OWNER = 200
"""The longest name of an owner, in characters."""

PLAIN = (bool, int, float, complex, str, bytes, type(None), np.ndarray, np.generic)
"""The types of private attributes that clients may set, also in lists, tuples and dicts."""


def require_harmless(module: Any, name: Any, value: Any, depth: int = 0) -> None:
    """Raise ValueError or PermissionError if PyRPL must not get `value` for its attribute `name`.

    `value` may be a dict or a list of settings, as of `setup_attributes`. PyRPL keeps the value of an
    attribute under its name with an underscore: that counts alike.
    """
    if isinstance(value, (dict, list, tuple)):
        if depth > MAX_DEPTH:
            raise ValueError(f"{name!r:.80}: settings have at most {MAX_DEPTH} levels")
        if isinstance(value, dict):
            for key, item in value.items():
                require_harmless(module, key, item, depth + 1)
            return
        # a long list of numbers, as the samples of a waveform, is looked at fast
        checked = isinstance(name, str) and name.lstrip("_") in CHECKS
        for item in value if checked else [one for one in value if type(one) in (dict, list, tuple)]:
            require_harmless(module, name, item, depth + 1)
        return
    if not isinstance(name, str):
        return
    check = CHECKS.get(name.lstrip("_"))
    if check is not None:
        check(module, value)


def require_harmless_call(module: Any, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
    """Raise an error if the method `name` of `module` must not be called with these arguments."""
    for value in args:
        require_harmless(module, "", value)
    for keyword, value in kwargs.items():
        require_harmless(module, keyword, value)
    if name in BY_NAME:
        for value in (*args, *kwargs.values()):
            for one in value if isinstance(value, (list, tuple)) else (value,):
                if isinstance(one, str) and one.startswith("_"):
                    raise ValueError(f"{one!r:.80} is no signal, pole or zero")
    elif name == "pop":
        for owner in (*args, *kwargs.values()):
            _short(module, owner)
    if name in STATE_METHODS:
        for state in (*args[:1], *kwargs.values()):
            if state is not None:
                require_key(state)
    elif name == "set_yml":
        require_yaml_text(args[0] if args else kwargs.get("yml_content"))
        if (state := args[1] if len(args) > 1 else kwargs.get("state")) is not None:
            require_key(state)
    elif name == "stats" and hasattr(module, "sampler_time"):
        seconds = args[0] if args else kwargs.get("t")
        if seconds is not None and not 0 <= seconds <= MAX_WAIT_SECONDS:
            raise ValueError(
                f"a lockbox signal is measured for 0 to {MAX_WAIT_SECONDS:g} s, not {seconds!r:.40}"
            )


def require_open(module: Any, path: str, name: str) -> None:
    """Raise NotRemote if `name` is a live object of the daemon, which private clients may not use either."""
    way = local_only_of(type(module)).get(name)
    if way is None and name.startswith("_") and isinstance(module, (RedPitaya, Pyrpl)):
        way = "its private names belong to the daemon"
    if way is None:
        return
    raise NotRemote(f"{path or 'the board'} has {name!r:.80} in the daemon's process only", way)


def require_plain_member(owner: Any, path: str, name: str) -> None:
    """Raise AttributeError if `name` of a module, or of a part of it, is an object: it stays as it is."""
    present = inspect.getattr_static(owner, name, None)
    if isinstance(present, type) or inspect.isroutine(present):
        raise AttributeError(f"{path}: {name!r:.80} is read-only")
    if not _is_plain(getattr(owner, name, None)):
        raise AttributeError(f"{path}: {name!r:.80} is an object of the daemon, and read-only")


def shown(name: str, value: Any) -> Any:
    """What a client reads as the attribute `name` of a module: without the board's password."""
    return masked(dict(value)) if name == "parameters" and isinstance(value, Mapping) else value


def _is_plain(value: Any) -> bool:
    if isinstance(value, (list, tuple, set)):
        return all(map(_is_plain, value))
    if isinstance(value, dict):
        return all(map(_is_plain, value.values()))
    return isinstance(value, (*PLAIN, Module))  # PyRPL's scripts let an analyser use another iq


def _formula(module: Any, value: Any) -> None:
    require_formula(value)


def _function(module: Any, value: Any) -> None:
    while isinstance(module, Module) and not isinstance(module, Lockbox):
        module = module.parent
    if isinstance(module, Lockbox):
        require_function_name(module, value)


def _numbers(module: Any, value: Any) -> None:
    if value is not None and type(value) is not int:
        raise ValueError(f"childs and parent of a curve are numbers of saved curves, not {value!r:.80}")


def _short(module: Any, value: Any) -> None:
    if isinstance(value, str) and len(value) > MAX_OWNER:
        raise ValueError(f"the owner of a module has at most {MAX_OWNER} characters, not {len(value)}")


def _yaml_text(module: Any, value: Any) -> None:
    if isinstance(value, str):
        require_yaml_text(value)


def _no_file(module: Any, value: Any) -> None:
    raise PermissionError("clients do not choose the daemon's files: p.c is its configuration")


CHECKS = {
    "math_formula": _formula,
    "function_call": _function,
    "childs": _numbers,
    "parent": _numbers,
    "configfile": _no_file,
    "params": _yaml_text,
    "owner": _short,
}
"""For each name of an attribute or keyword the check of its value."""
