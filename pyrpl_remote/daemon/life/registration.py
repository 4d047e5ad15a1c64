"""A board's names under the name server, which is started where none answers."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping

import filelock

from ...errors import NameServerError
from ...names import directory
from ...names.directory import Entry


class Registration:
    """The names of one board and its modules."""

    def __init__(self, entry: Entry, kinds: Mapping[str, str], uri_of: Callable[[str], str]) -> None:
        """`kinds`: the type of each module by its name; `uri_of(name)` returns the Pyro URI of an object."""
        self._entry = entry
        self._kinds = kinds
        self._uri_of = uri_of

    def register(self) -> None:
        """Register all names. Raises NameServerError if no name server answers and none can be started."""
        directory.ensure_name_server()
        try:
            directory.register(self._entry, self._kinds, self._uri_of)
        except NameServerError:  # the last board's name server was just about to end
            directory.ensure_name_server()
            directory.register(self._entry, self._kinds, self._uri_of)

    def is_registered(self) -> bool:
        """Whether the name server knows the board at its URI."""
        return directory.is_registered(self._entry)

    def remove(self) -> None:
        """Remove all names, unless another daemon has taken them."""
        directory.remove(self._entry)


def prepare_name_server() -> None:
    """Start a name server early, while PyRPL starts; where that fails, registering says so."""
    with contextlib.suppress(NameServerError, filelock.Timeout):
        directory.ensure_name_server()
