"""How the methods of PyRPL's modules are called: their parameters, from their signatures."""

from __future__ import annotations

import inspect
from types import FunctionType
from typing import Any

from pyrpl import async_utils

from ....schema import Method, Parameter
from .describe_attribute import plain
from .setup_values import sets_up


def described_method(name: str, function: Any, bound: bool = False) -> Method:
    """The description of a method; `bound`: of one instance, without `self`."""
    doc = inspect.getdoc(function) or ""
    if sets_up(function):
        return Method(name, doc, [Parameter("kwds", "VAR_KEYWORD")], sets_up=True)
    try:
        signature = inspect.signature(function)
    except ValueError:  # some built-in methods of list have none
        return Method(name, doc, [Parameter("args", "VAR_POSITIONAL")])
    parameters = list(signature.parameters.values())
    if not bound and (isinstance(function, FunctionType) or inspect.ismethoddescriptor(function)):
        parameters = parameters[1:]  # without self
    return Method(name, doc, [_parameter(p) for p in parameters], waits=_waits(function))


def _waits(function: Any) -> bool:
    """Whether a method calls PyRPL's `wait` or `sleep`."""
    function = inspect.unwrap(getattr(function, "__func__", function))
    if not isinstance(function, FunctionType):
        return False
    used = (function.__globals__.get(name) for name in function.__code__.co_names)
    return any(value is async_utils.wait or value is async_utils.sleep for value in used)


def _parameter(parameter: inspect.Parameter) -> Parameter:
    has_default = parameter.default is not parameter.empty
    default = plain(parameter.default) if has_default else None
    return Parameter(parameter.name, parameter.kind.name, has_default, default)
