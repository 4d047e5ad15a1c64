"""The names of a board and its modules in the name server, which is started if none answers."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping

import filelock

from ...errors import NameServerError, StartError
from ...names import directory, starting
from ...names.directory import Entry


class Registration:
    """The names of one board and its modules."""

    def __init__(self, entry: Entry, kinds: Mapping[str, str], uri_of: Callable[[str], str]) -> None:
        """`kinds`: the type of each module by its name; `uri_of(name)` returns the Pyro URI of an object."""
        self._entry = entry
        self._kinds = kinds
        self._uri_of = uri_of

    def register(self, again: bool = False) -> None:
        """Register all names. Raises NameServerError if no name server answers and none can be started.

        If another daemon that lives has the board's name, BoardNameTaken is raised, and its names stay. That
        is not checked when this daemon registers `again`: it had the name first.
        """
        starting.ensure_name_server()
        if not again:
            directory.require_free(self._entry)
        try:
            directory.register(self._entry, self._kinds, self._uri_of)
        except NameServerError:  # the name server has just ended, because it had no board any more
            starting.ensure_name_server()
            directory.register(self._entry, self._kinds, self._uri_of)

    def is_registered(self) -> bool:
        """Whether the name server has the board's entry."""
        return directory.is_registered(self._entry)

    def remove(self) -> None:
        """Remove all names, unless another daemon has registered the board's name."""
        directory.remove(self._entry)


def prepare_name_server() -> None:
    """Start a name server while PyRPL starts.

    Errors are ignored: `Registration.register` raises them later.
    """
    with contextlib.suppress(StartError, filelock.Timeout):
        starting.ensure_name_server()
