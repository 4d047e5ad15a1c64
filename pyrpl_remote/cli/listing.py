"""`ls`: the boards of this machine and of all paired hosts, and what announces itself on the network."""

from __future__ import annotations

import json

from rich.table import Table

from ..lab.boards import Boards, look
from ..names import paired
from .boards import Json, none_served
from .output import table_console


def list_boards(as_json: Json = False) -> None:
    """List the boards of this machine and of all paired hosts, and what announces itself on the network.

    Example: pyrpl-remote ls
    """
    if as_json:
        print(
            json.dumps(
                [
                    {"board": e.name, "identity": e.identity, "uri": e.uri, "file": e.file, "on": e.on}
                    for e in paired.discover()
                ]
            )
        )
        return
    found = look()
    entries, hosts = found.served, found.hosts
    if not entries:
        print(none_served())
    else:
        columns = ["board", "Red Pitaya", "Pyro URI", *(["host"] if hosts else [])]
        table = Table(*columns, box=None)
        for entry in entries:
            table.add_row(
                *[entry.name, entry.identity, entry.uri, entry.on or "this machine"][: len(columns)]
            )
        table_console().print(table)
    for host in hosts:
        if host.error is not None:
            print(f"{host.host}: {host.error.message}")
        elif host.can_start:
            print(f"{host.host} can start {', '.join(host.can_start)}: connect({host.can_start[0]!r})")
    for line in _announced(found):
        print(line)


def _announced(found: Boards) -> list[str]:
    """Lines for announced hosts that are not paired, and for announced Red Pitayas that nobody serves."""
    lines = [
        f"{one.name} ({one.addresses[0]}): not paired; `pyrpl-remote share` on it prints an invitation"
        for one in found.unpaired
    ]
    lines += [
        f"{one.name} ({one.addresses[0]}): a Red Pitaya; connect(hostname={one.addresses[0]!r})"
        for one in found.red_pitayas
    ]
    return lines
