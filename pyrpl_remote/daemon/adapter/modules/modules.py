"""`Modules`: paths, descriptions and write checks of a board's modules, for dispatcher and events."""

from __future__ import annotations

from typing import Any

from ....errors import UnknownAttribute
from .describe import Descriptions
from .harmless import require_harmless, require_harmless_call, require_open, require_plain_member, shown
from .not_remote import PARTS
from .setup_values import beside_setup, require_call, require_value
from .values import require_number, require_writable


class Modules(Descriptions):
    """The modules of one Pyrpl instance, which is the attribute `pyrpl`. To be used in the Qt thread only."""

    def access_counts(self) -> list[int]:
        """How often PyRPL has read from the board, and written to it; zeros for a simulated board."""
        client = self.pyrpl.rp.client
        return [getattr(client, name, 0) for name in ("_read_counter", "_write_counter")]

    def part(self, path: str) -> Any:
        """The plain object at `path`, which is one of PARTS of a module; None if `path` leads to a module.

        Raises UnknownAttribute if the module has not made that object yet.
        """
        above, _, name = path.rpartition(".")
        if name not in PARTS:
            return None
        part = getattr(self.module(above), name, None)
        if part is None:
            raise UnknownAttribute(f"{above} has no {name!r} yet", f"{above}.setup(...) makes it")
        return part

    def require_writable(self, module: Any, path: str, name: str) -> None:
        """Raise AttributeError if clients may not write the attribute `name` of the module at `path`."""
        require_writable(self.module_type(module), module, path, name)

    def require_harmless(self, module: Any, name: str, value: object) -> None:
        """Raise ValueError or PermissionError for a value that PyRPL would evaluate, open or run."""
        require_harmless(module, name, value)

    def require_harmless_call(self, module: Any, name: str, args: list[Any], kwargs: dict[str, Any]) -> None:
        """Raise an error if the method `name` must not be called with these arguments."""
        require_harmless_call(module, name, args, kwargs)

    def require_open(self, module: Any, path: str, name: str) -> None:
        """Raise NotRemote if `name` is a live object of the daemon, closed to private clients too."""
        require_open(module, path, name)

    def require_plain_member(self, owner: Any, path: str, name: str) -> None:
        """Raise AttributeError if `name` of a module, or of a part of it, is an object: it stays as it is."""
        require_plain_member(owner, path, name)

    def shown(self, name: str, value: Any) -> Any:
        """What a client reads as the attribute `name`: without the board's password."""
        return shown(name, value)

    def require_number(self, module: Any, path: str, name: str, value: object) -> None:
        """Raise ValueError if `value` contains NaN and the attribute `name` does not accept it."""
        require_number(module, path, name, value)

    def beside_setup(self, module: Any, name: str, kwargs: dict[str, Any]) -> dict[str, Any]:
        """The keywords of the method `name` that PyRPL's setup would ignore, although they can be set."""
        return beside_setup(module, self.module_type(module), name, kwargs)

    def require_known_names(
        self, module: Any, path: str, name: str, args: list[Any], kwargs: dict[str, Any]
    ) -> None:
        """Raise UnknownAttribute if PyRPL would ignore a name in the arguments of the method `name`."""
        require_call(module, path, name, args, kwargs)

    def require_known_values(self, module: Any, path: str, name: str, value: object) -> None:
        """Raise UnknownAttribute if PyRPL would ignore a name in a dict that `name` is set to."""
        require_value(module, path, name, value)
