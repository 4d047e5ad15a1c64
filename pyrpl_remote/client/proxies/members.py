"""The members of proxy classes: properties and functions made from the schema, with PyRPL's documentation."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable
from keyword import iskeyword
from typing import Any

from ...errors import PyrplRemoteError
from ...schema import Attribute, Method, ModuleType
from .lists import AttributeList
from .module import RemoteModule


class AttributeProperty(property):
    """The property of an attribute of the board; `attribute` is what PyRPL declares about it."""

    attribute: Attribute


def property_of(attribute: Attribute) -> AttributeProperty:
    """The property that reads and writes an attribute of the board."""
    name = attribute.name

    def fget(self: RemoteModule) -> Any:
        try:
            value = self._handle.get(self._path, name)
        except PyrplRemoteError as error:
            raise error.with_traceback(None) from None
        return AttributeList(self._handle, self._path, name, value) if attribute.kind == "list" else value

    def fset(self: RemoteModule, value: Any) -> None:
        self._handle.set(self._path, name, value)

    made = AttributeProperty(fget, None if attribute.readonly else fset)
    made.attribute = attribute
    made.__doc__ = documentation(attribute)  # as an argument it would be hidden by that of the class
    return made


class Unchanged:
    """The default of setup's keywords in its signature: what is left out keeps its value."""

    def __repr__(self) -> str:
        return "unchanged"


UNCHANGED = Unchanged()


def function_of(method: Method, kind: ModuleType) -> Callable[..., Any]:
    """The function that calls a method of modules of type `kind` on the board.

    A method whose name ends in _async returns a future. `setup` has the setup attributes as keywords.
    """
    name = method.name
    send = "begin" if name.endswith("_async") else "wait_for" if method.waits else "call"

    def function(self: RemoteModule, /, *args: Any, **kwargs: Any) -> Any:
        if method.sets_up:
            self._require_setup_names(kwargs)
        try:
            return getattr(self._handle, send)(self._path, name, args, kwargs)
        except PyrplRemoteError as error:
            raise error.with_traceback(None) from None

    function.__name__ = function.__qualname__ = name
    # the newline keeps inspect.getdoc from changing an indentation that PyRPL's text already has right
    function.__doc__ = method.doc if inspect.cleandoc(method.doc) == method.doc else f"\n{method.doc}"
    parameters = list(method.signature().parameters.values())
    if method.sets_up:
        names = [n for n in kind.setup_attributes if n.isidentifier() and not iskeyword(n)]
        keyword = inspect.Parameter.KEYWORD_ONLY
        parameters = [inspect.Parameter(n, keyword, default=UNCHANGED) for n in names]
    own = inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY)
    function.__signature__ = inspect.Signature([own, *parameters])  # type: ignore[attr-defined]
    return function


def logger_of(logger_name: str) -> property:
    """The property for a logger of PyRPL: the logger of the same name in this process."""
    return property(lambda self: logging.getLogger(logger_name), doc=f"The logger {logger_name!r}.")


def documentation(attribute: Attribute) -> str:
    """PyRPL's documentation of an attribute, with its type, limits and options."""
    facts = [attribute.kind]
    if attribute.limits():
        facts.append(f"{attribute.limits()} {attribute.unit}".strip())
    elif attribute.unit:
        facts.append(f"in {attribute.unit}")
    if attribute.readonly:
        facts.append("read-only")
    if attribute.options:
        facts.append("one of " + ", ".join(map(repr, attribute.options)))
    return f"{attribute.doc}\n\n({'; '.join(facts)})".strip()
