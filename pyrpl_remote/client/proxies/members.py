"""The members of proxies' classes: properties and functions made of the schema, with PyRPL's documentation."""

from __future__ import annotations

import inspect

from ...schema import Attribute, Method
from .lists import AttributeList


def property_of(attribute: Attribute) -> property:
    """The property that reads and writes an attribute of the board."""
    name = attribute.name

    def fget(self):
        value = self._handle.get(self._path, name)
        return AttributeList(self._handle, self._path, name, value) if attribute.kind == "list" else value

    def fset(self, value):
        self._handle.set(self._path, name, value)

    return property(fget, None if attribute.readonly else fset, doc=documentation(attribute))


def function_of(method: Method):
    """The function that calls a method on the board; what ends in _async gives a future."""
    name = method.name

    if name.endswith("_async"):

        def function(self, *args, **kwargs):
            return self._handle.begin(self._path, name, args, kwargs)

    else:

        def function(self, *args, **kwargs):
            return self._handle.call(self._path, name, args, kwargs)

    function.__name__ = function.__qualname__ = name
    # a text whose first line is indented further than the others would be dedented once more
    function.__doc__ = method.doc if inspect.cleandoc(method.doc) == method.doc else f"\n{method.doc}"
    own = inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY)
    function.__signature__ = inspect.Signature([own, *method.signature().parameters.values()])
    return function


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
