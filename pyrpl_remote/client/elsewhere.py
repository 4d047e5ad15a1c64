"""A board on a paired host as the command line names it: `lab`, or `lab@daq2`."""

from __future__ import annotations

from ..errors import AmbiguousBoard, UnknownBoard
from ..names import paired
from ..names.directory import Entry
from ..names.paired import HostBoards
from ..transport import paired_hosts


def split(board: str) -> tuple[str, str]:
    """The board's name and the paired host in `lab@daq2`; the host is "" where none is named."""
    name, _, on = board.rpartition("@")
    return (name, on) if name and any(one.name == on for one in paired_hosts.peers()) else (board, "")


def find(name: str, on: str) -> Entry:
    """The board on the paired host `on`. Raises UnknownBoard, HostUnreachable, AccessDenied."""
    found = _named(name, [paired.on_host(on)])
    if found is None:
        raise UnknownBoard(
            f"no daemon serves a board called {name!r} on {on}", "`pyrpl-remote ls` lists the boards"
        )
    return found


def find_elsewhere(board: str) -> Entry | None:
    """The board that one of the paired hosts serves, None if none does. Raises AmbiguousBoard."""
    return _named(board, paired.of_all())


def _named(name: str, hosts: list[HostBoards]) -> Entry | None:
    found = [entry for host in hosts for entry in host.served if name in (entry.name, *entry.aliases)]
    if len(found) > 1:
        raise AmbiguousBoard(
            f"several hosts serve a board called {name!r}: {', '.join(entry.on for entry in found)}",
            f"write {name}@{found[0].on}",
        )
    return found[0] if found else None
