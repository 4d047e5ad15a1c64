"""What a name on the command line means: an attribute, a module, a method, or an element of a list."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..client.proxies.lists import AttributeList
from ..client.proxies.module import RemoteModule
from ..errors import BadValue, RemoteError, UnknownAttribute
from ..schema import Attribute, Method
from ..typed_values import parse, value_for

_STEP = re.compile(r"([^\W\d]\w*)((?:\[[^\[\]]+\])*)")
"""A name with the indices behind it."""

_INDEX = re.compile(r"\[([^\[\]]+)\]")

_ELEMENT = Attribute("an element", kind="list")

VALUES = (str, int, float, complex, list, np.ndarray, type(None))
"""The types of values that a path cannot lead into by a name."""


@dataclass
class Target:
    """A member of `owner`: the attribute `step`, or the element at the index `step`."""

    owner: Any
    step: str | int
    name: str
    """As it was typed."""

    @property
    def attribute(self) -> Attribute | None:
        """What PyRPL declares about it, None if it is no attribute of a module."""
        if isinstance(self.owner, RemoteModule) and isinstance(self.step, str):
            return self.owner.description().attributes.get(self.step)
        return None

    @property
    def method(self) -> Method | None:
        """What PyRPL declares about it, None if it is no method."""
        if isinstance(self.owner, RemoteModule) and isinstance(self.step, str):
            return self.owner.description().methods.get(self.step)
        return None

    def get(self) -> Any:
        """Its value, or the proxy of a module. Raises UnknownAttribute for what is neither."""
        return _member(self.owner, self.step, self.name)

    def set(self, text: str) -> None:
        """Set it to the value that `text` means. Raises BadValue, and then nothing was sent."""
        if isinstance(self.step, int):
            self._set_element(text)
            return
        if isinstance(self.owner, RemoteModule) and self.step in self.owner.description().submodules:
            raise BadValue(
                f"{self.name} is a module, which has no value; nothing was sent",
                f"set one of its attributes, or use `call ... {self.name}.setup NAME=VALUE`",
            )
        setattr(self.owner, self.step, self.value(text))

    def _set_element(self, text: str) -> None:
        _member(self.owner, self.step, self.name)
        if not isinstance(self.owner, AttributeList):
            raise BadValue(
                f"{self.name} cannot be set on its own; nothing was sent",
                f"set all of {self.name.rpartition('[')[0]}, as in [1, 2]",
            )
        element = value_for(_ELEMENT, text, [], self.get)
        if len(element) != 1:
            raise BadValue(
                f"{text!r} is not one element; nothing was sent", "leave out the brackets and commas"
            )
        self.owner[self.step] = element[0]

    def value(self, text: str) -> Any:
        """The value that `text` means for it. Raises BadValue."""
        attribute = self.attribute
        if attribute is None:
            return parse(text)
        options = self.owner.options_of(self.step) if attribute.options is not None else []
        return value_for(attribute, text, options, self._present)

    def _present(self) -> Any:
        try:
            return self.get()
        except RemoteError:  # PyRPL cannot read it, but may take a value
            return None


def find(p: Any, name: str) -> Target:
    """What `name` means on the board `p`: a path as in Python, where `rp.` may be left out.

    Raises BadValue if it is no path, UnknownAttribute for a module that does not exist.
    """
    steps = _steps(name)
    board = p.description().submodules
    owner = p.rp if steps[0] not in board and steps[0] in p.rp.description().submodules else p
    for step in steps[:-1]:
        owner = _member(owner, step, name)
    if isinstance(owner, VALUES) and isinstance(steps[-1], str):
        raise _no_attribute(name, steps[-1])
    return Target(owner, steps[-1], name)


def _steps(name: str) -> list[str | int]:
    """The names and indices in a path such as `lockbox.sequence[0].input`."""
    steps: list[str | int] = []
    for part in name.split("."):
        match = _STEP.fullmatch(part)
        if match is None:
            raise BadValue(
                f"{name!r} is not the name of an attribute",
                "write it as in Python: pid0.setpoint, or lockbox.sequence[0].input",
            )
        indices = [parse(index) for index in _INDEX.findall(match[2])]
        # the modules of a dict, such as lockbox.inputs["port1"], are its attributes too
        steps += [match[1], *(index if isinstance(index, int) else str(index) for index in indices)]
    return steps


def _member(owner: Any, step: str | int, name: str) -> Any:
    if isinstance(step, str):
        if isinstance(owner, VALUES):
            raise _no_attribute(name, step)
        return getattr(owner, step)
    try:
        return owner[step]
    except (TypeError, IndexError) as error:
        raise UnknownAttribute(
            f"{name}: there is no element {step} ({error})", "the first one is 0"
        ) from error


def _no_attribute(name: str, step: str) -> UnknownAttribute:
    return UnknownAttribute(f"{name}: a value has no attribute {step!r}", "leave it out")
