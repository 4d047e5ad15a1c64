"""A board of a certain host as users name it: `lab@daq2`, and boards of paired hosts by their bare names."""

from __future__ import annotations

from ...errors import AmbiguousBoard, UnknownBoard
from ...names import paired
from ...names.directory import Entry
from ...names.paired import HostBoards
from ...transport.lan import paired_hosts
from .configuration import find_configuration, is_path

HERE = "localhost"
"""What stands in place of a paired host's name for this machine."""


def split(board: str, must_be_paired: bool = True) -> tuple[str, str]:
    """The board's name and the host in `lab@daq2`; the host is "" where none is named.

    A path, and a configuration file that exists, name no host. Raises PairingFailed for a host that is not
    paired, if it `must_be_paired`.
    """
    name, _, on = board.rpartition("@")
    if not (name and on) or is_path(board):
        return board, ""
    configuration = find_configuration(board)
    if configuration is not None and configuration.exists:
        return board, ""
    if on == HERE or any(one.name == on for one in paired_hosts.peers()):
        return name, on
    if must_be_paired:
        paired_hosts.peer(on)
    return board, ""


def find(name: str, on: str) -> Entry:
    """The board on the paired host `on`. Raises UnknownBoard, HostUnreachable, AccessDenied."""
    host = paired.on_host(on)
    found = _named(name, [host])
    if found is None:
        able = host.role != "viewer" and name in host.startable
        raise UnknownBoard(
            f"no daemon serves a board called {name!r} on {on}",
            f"connect({name!r}, on={on!r}) lets {on} start one"
            if able
            else "`pyrpl-remote ls` lists the boards",
        )
    return found


def find_elsewhere(board: str) -> Entry | None:
    """The board that one of the paired hosts serves, None if none does. Raises AmbiguousBoard."""
    return search(board)[0]


def search(board: str) -> tuple[Entry | None, list[HostBoards]]:
    """As `find_elsewhere`, with what all paired hosts answer."""
    hosts = paired.of_all()
    return _named(board, hosts), hosts


def _named(name: str, hosts: list[HostBoards]) -> Entry | None:
    found = [entry for host in hosts for entry in host.served if name in (entry.name, *entry.aliases)]
    if len(found) > 1:
        raise AmbiguousBoard(
            f"several hosts serve a board called {name!r}: {', '.join(entry.on for entry in found)}",
            f"write {found[0].full_name}",
        )
    return found[0] if found else None
