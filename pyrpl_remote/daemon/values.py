"""Encodes and decodes values as wire.py does, with the modules, branches and curves of one board."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..wire import Arrays, decode, encode
from .adapter.files.files import Files, curve_of
from .adapter.modules.modules import Modules


@dataclass(frozen=True)
class Plain:
    """A result that is already plain data."""

    data: Any


@dataclass(frozen=True)
class PrivateMethod:
    """A method whose name has a leading underscore; the client makes a function that calls it."""

    path: str
    name: str


class Values:
    """Encodes and decodes values. To be used in the Qt thread only, because it looks up modules in PyRPL."""

    def __init__(self, modules: Modules, files: Files):
        self._modules = modules
        self._files = files

    def encode(self, value: Any, beside: Arrays | None = None) -> Any:
        """`value` as plain data, see wire.encode."""
        return value.data if type(value) is Plain else encode(value, self._reference, beside)

    def decode(self, plain: Any, beside: Sequence[memoryview | bytes] = ()) -> Any:
        """The value of plain data, see wire.decode.

        Raises UnknownAttribute for a path without module, NotTransferable for malformed data.
        """
        return decode(plain, {"!module": self._modules.module, "!curve": curve_of}, beside)

    def _reference(self, value: Any) -> str | dict[str, Any] | None:
        path = self._modules.path(value)
        if path is not None:
            return path
        if type(value) is PrivateMethod:
            return {"!method": [value.path, value.name]}
        return self._files.tagged(value, self.encode)
