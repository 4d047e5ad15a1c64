"""Errors as plain data, in which they travel from one process to another."""

from __future__ import annotations

import builtins
import contextlib
import functools
import inspect
import sys
from typing import Any

from .errors import OWN, PyrplRemoteError, RemoteError


def describe(error: BaseException, where: str = "", traceback: str = "") -> dict[str, Any]:
    """`error` as plain data, from which `rebuild` makes an exception in another process."""
    if isinstance(error, PyrplRemoteError) and not isinstance(error, RemoteError):
        return {"own": type(error).__name__, "message": error.message, "remedy": error.remedy}
    kind = type(error)
    return {
        "type": f"{kind.__module__}.{kind.__qualname__}",
        "builtin": next(base.__name__ for base in kind.__mro__ if base.__module__ == "builtins"),
        "args": [a if isinstance(a, PLAIN) else str(a) for a in error.args],
        "text": str(error),
        "fields": _fields(error),
        "where": where,
        "traceback": traceback,
    }


PLAIN = (str, int, float, bool, type(None))
"""The types of arguments and fields of an exception that travel as they are."""


def _fields(error: BaseException) -> dict[str, Any]:
    """The fields of an exception with plain values: those of its builtin class, as `errno`, and its own."""
    builtin_fields = [
        name
        for base in type(error).__mro__
        if base.__module__ == "builtins"
        for name, member in vars(base).items()
        if inspect.ismemberdescriptor(member)
    ]
    names = [name for name in [*builtin_fields, *vars(error)] if not name.startswith("_")]
    values = {name: getattr(error, name, None) for name in names}
    return {name: value for name, value in values.items() if value is not None and type(value) in PLAIN}


def rebuild(described: dict[str, Any]) -> PyrplRemoteError:
    """The exception for the data that `describe` returned."""
    if "own" in described:
        return OWN[described["own"]](described["message"], described["remedy"])
    error = _remote_class(described["type"], described["builtin"])(*described["args"])
    for name, value in described["fields"].items():
        with contextlib.suppress(AttributeError, TypeError):  # a read-only field of a class of the user's
            setattr(error, name, value)
    error.builtin = described["builtin"]
    error.type_name = described["type"]
    error.where = described["where"]
    error.remote_traceback = described["traceback"]
    error._text = described["text"]  # noqa: SLF001 - it is for this file
    error._fields = described["fields"]  # noqa: SLF001
    return error


@functools.lru_cache
def _remote_class(type_name: str, builtin: str) -> type[RemoteError]:
    """A subclass of RemoteError and of the class called `type_name`.

    If this process has not imported that class, its builtin base replaces it.
    """
    module, _, name = type_name.rpartition(".")
    # only modules that are already imported: a client never imports PyRPL
    original = getattr(builtins if module == "builtins" else sys.modules.get(module), name, None)
    if not (isinstance(original, type) and issubclass(original, Exception)):
        original = getattr(builtins, builtin)
    if issubclass(RemoteError, original):
        return RemoteError
    members = {
        "__module__": RemoteError.__module__,
        "__doc__": RemoteError.__doc__,
        "__reduce__": _reduced,
    }
    return type(name, (RemoteError, original), members)


def _reduced(error: RemoteError) -> tuple[Any, ...]:
    """What pickle makes the error of: it cannot find its class by name, which is made at run time."""
    described = {
        "type": error.type_name,
        "builtin": error.builtin,
        "args": list(error.args),
        "text": error._text,  # noqa: SLF001 - it is for this file
        "fields": error._fields,  # noqa: SLF001
        "where": error.where,
        "traceback": error.remote_traceback,
    }
    return rebuild, (described,)
