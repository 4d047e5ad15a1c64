"""The modules of one board, as the dispatcher and the events use them: by path, and described."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pyrpl import Pyrpl

from ...schema import Description, ModuleType
from .describe import Descriptions
from .paths import Paths
from .values import require_number, require_writable


class Modules:
    """The modules of one Pyrpl instance, which is the attribute `pyrpl`. To be used in the Qt thread only."""

    def __init__(self, pyrpl: Pyrpl):
        self.pyrpl = pyrpl
        self._paths = Paths(pyrpl)
        self._descriptions = Descriptions(self._paths)

    def module(self, path: str) -> Any:
        """The module at `path` (see paths.py). Raises UnknownAttribute where there is none."""
        return self._paths.module(path)

    def path(self, module: object, as_typed: bool = False) -> str | None:
        """The path of `module`, None for anything that is no module of this board.

        `as_typed`: with the present positions of list elements, as a user types them.
        """
        return self._paths.path(module, as_typed)

    def modules(self) -> Iterator[Any]:
        """All modules, each before those inside it."""
        return self._paths.modules()

    def top_level(self) -> list[str]:
        """The paths of the modules that the name server lists one by one: rp.pid0, lockbox, ..."""
        return self._paths.top_level()

    def shape(self) -> list[tuple[type, int]]:
        """A value that changes when a software module is replaced, or gains or loses modules."""
        return self._paths.shape()

    def describe(self) -> Description:
        """All modules with their types."""
        return self._descriptions.describe()

    def module_type(self, module: Any) -> ModuleType:
        """The description of the class of `module`."""
        return self._descriptions.module_type(module)

    def require_writable(self, module: Any, path: str, name: str) -> None:
        """Raise AttributeError if no client may write the attribute `name` of the module at `path`."""
        require_writable(self.module_type(module), module, path, name)

    def require_number(self, module: Any, path: str, name: str, value: object) -> None:
        """Raise ValueError if `value` has NaN and the attribute `name` of the module takes none."""
        require_number(module, path, name, value)
