"""`ls`: the boards of this machine and of all paired hosts, and what announces itself on the network."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

from rich.table import Table

from ..names import directory, lan, paired
from ..transport import paired_hosts
from ..transport.device_keys import find_device
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
    with ThreadPoolExecutor(1) as beside:
        announced = beside.submit(lan.browse)
        here, hosts = directory.boards(), paired.of_all()
        entries = [*here, *(entry for host in hosts for entry in host.served)]
        found = announced.result()
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
    for line in _announced(found, entries):
        print(line)


def _announced(found: lan.Found, entries: list[directory.Entry]) -> list[str]:
    """Lines for announced hosts that are not paired, and for announced Red Pitayas that nobody serves."""
    device = find_device()
    known = {one.fingerprint for one in paired_hosts.gates()} | ({device.fingerprint} if device else set())
    lines = [
        f"{one.name} ({one.addresses[0]}): not paired; `pyrpl-remote share` on it prints an invitation"
        for one in found.gates
        if one.fingerprint not in known
    ]
    served = {text for entry in entries for text in (entry.host, *entry.aliases)}
    for one in found.red_pitayas:
        if not served & {one.name.lower(), *one.addresses}:
            lines.append(
                f"{one.name} ({one.addresses[0]}): a Red Pitaya; connect(hostname={one.addresses[0]!r})"
            )
    return lines
