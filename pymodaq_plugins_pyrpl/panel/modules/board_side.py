"""What the page asks a board for. To be called in the board's worker thread only."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from pyrpl_remote.errors import PyrplRemoteError, RemoteError
from pyrpl_remote.schema import ModuleType

from .nodes import shown_attributes


@dataclass
class Found:
    """A module as it was found; `path` is as a user types it, with the present indices of lists."""

    path: str
    proxy: Any
    kind: ModuleType
    owner: str | None
    inside: list[Found]

    def walk(self) -> Iterator[Found]:
        """It and all modules inside it."""
        yield self
        for one in self.inside:
            yield from one.walk()


def modules_of(p: Any) -> Found:
    """The board `p` with all modules inside it."""
    return _found(p, "")


def _found(module: Any, path: str) -> Found:
    kind = module.description()
    owner = module.snapshot("owner")["owner"] if "owner" in kind.attributes else None
    inside = [_found(getattr(module, name), f"{path}.{name}" if path else name) for name in kind.submodules]
    if kind.container == "list":
        inside += [_found(module[index], f"{path}[{index}]") for index in range(len(module))]
    # those that only lend modules to programs have nothing to show
    inside.sort(key=lambda one: not (one.inside or shown_attributes(one.kind)))
    return Found(path, module, kind, owner, inside)


Shape = list[tuple[str, ModuleType, Any]]
"""The path, the class and the proxy of each module."""


def shape_of(p: Any) -> Shape:
    """The shape of the board `p`. Only lists of modules and their elements cost requests."""
    return sorted(_shape(p, ""), key=lambda one: one[0])


def shape_of_found(found: Found) -> Shape:
    """The shape of what was found."""
    return sorted(((one.path, one.kind, one.proxy) for one in found.walk()), key=lambda one: one[0])


def _shape(module: Any, path: str) -> Iterator[tuple[str, ModuleType, Any]]:
    kind = module.description()
    yield path, kind, module
    for name in kind.submodules:
        yield from _shape(getattr(module, name), f"{path}.{name}" if path else name)
    if kind.container == "list":
        for index in range(len(module)):
            yield from _shape(module[index], f"{path}[{index}]")


@dataclass
class Values:
    """Values by name, the texts of the errors of those that cannot be read, and the module's owner."""

    values: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    owner: str | None = None


def read(module: Any, names: list[str]) -> Values:
    """The values of these attributes. Raises a SessionError."""
    wanted = [*names, "owner"] if "owner" in module.description().attributes else names
    try:
        values = module.snapshot(*wanted) if wanted else {}
    except RemoteError:
        return _one_by_one(module, wanted)
    owner = values.pop("owner", None)
    return Values(values, owner=owner)


def _one_by_one(module: Any, names: list[str]) -> Values:
    """As `read`, where PyRPL cannot read one of them."""
    found = Values()
    for name in names:
        try:
            found.values |= module.snapshot(name)
        except RemoteError as error:
            found.errors[name] = error.message
    found.owner = found.values.pop("owner", None)
    return found


@dataclass
class Written:
    """What became of an edit: the error, PyRPL's warnings, and the module's values afterwards.

    `after` is None if they cannot be read.
    """

    error: Exception | None
    warnings: list[str]
    after: Values | None


def write(module: Any, name: str, value: Any, names: list[str]) -> Written:
    """Set an attribute, and read the attributes `names`."""
    refused = None
    with warnings_here() as warnings:
        try:
            setattr(module, name, value)
        except PyrplRemoteError as error:
            refused = error
    try:
        return Written(refused, warnings, read(module, names))
    except PyrplRemoteError as error:
        return Written(refused or error, warnings, None)


class _Collector(logging.Handler):
    """Collects the warnings that are logged in one thread."""

    def __init__(self, messages: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._messages = messages
        self._thread = threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the record's text."""
        if threading.get_ident() == self._thread:
            self._messages.append(record.getMessage().strip())


@contextmanager
def warnings_here() -> Iterator[list[str]]:
    """The texts of what is logged as a warning within the block, in this thread.

    PyRPL says by its log what it made of a value. The daemon's records come with the reply to the
    request that caused them.
    """
    messages: list[str] = []
    handler = _Collector(messages)
    logging.getLogger().addHandler(handler)
    try:
        yield messages
    finally:
        logging.getLogger().removeHandler(handler)
