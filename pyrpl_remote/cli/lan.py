"""`share`, `join`, `peers`, `revoke`, `unshare`: boards for the other machines of the local network."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from typing import Annotated

import typer
from rich.table import Table

from ..errors import BadParameter
from ..gate import sharing
from ..gate.state import GateState
from ..lab import hosts
from .boards import Json
from .completion import complete_board
from .output import table_console
from .sharing import RoleName, share_with, unshare_from

Shared = Annotated[
    str | None,
    typer.Argument(
        metavar="[BOARD]",
        help="The board for --user.",
        autocompletion=complete_board,
    ),
]
SharedUser = Annotated[
    str | None,
    typer.Option(
        "--user", metavar="NAME", help="Another user of this machine, for BOARD; no machine is invited."
    ),
]


def share(
    board: Shared = None,
    user: SharedUser = None,
    role: Annotated[
        RoleName,
        typer.Option(help="What the invited host, or the user, may do: only look, or also set and acquire."),
    ] = RoleName.operator,
    name: Annotated[
        str | None, typer.Option(help="This machine's name for other hosts; by default its hostname.")
    ] = None,
    port: Annotated[int | None, typer.Option(help="The port of the gate.", min=0, max=65535)] = None,
    address: Annotated[
        list[str] | None, typer.Option(help="An address of this machine that others shall try first.")
    ] = None,
    foreground: Annotated[
        bool, typer.Option("--foreground", help="Serve in this process until Ctrl-C, as for systemd.")
    ] = False,
    invitation: Annotated[
        bool, typer.Option("--invitation/--no-invitation", help="Whether to print an invitation.")
    ] = True,
    as_json: Json = False,
) -> None:
    """Share this machine's boards with another machine, or one board with another user of this machine.

    For a machine it prints an invitation, valid once, for 10 minutes. `unshare` ends either.

    Example: pyrpl-remote share --role viewer
    """
    if _with_user(board, user):
        share_with(str(board), str(user), role.value)
        return
    wanted = sharing.wanted_state(name, port)
    sharing.require_addresses(address or ())

    def invite(present: GateState) -> None:
        shown = {"name": present.name, "port": present.port, "role": role.value}
        if not invitation:
            print(
                json.dumps(shown) if as_json else f"{present.name} is shared at port {present.port}",
                flush=True,
            )
            return
        made = sharing.invite(present, role.value, address or ())
        if as_json:
            print(json.dumps({**shown, "invitation": made.line(), "addresses": made.addresses}), flush=True)
            return
        print(f"{present.name} is shared at port {present.port}.")
        print("On the other machine, within 10 minutes, run:\n")
        print(f"pyrpl-remote join {made.line()}\n", flush=True)

    if foreground:
        with contextlib.suppress(KeyboardInterrupt):
            sharing.serve_here(wanted, invite)
        return
    invite(sharing.ensure_gate(wanted))


def join(
    line: Annotated[list[str], typer.Argument(help="The invitation that `pyrpl-remote share` printed.")],
    name: Annotated[
        str | None, typer.Option(help="This machine's name on the other one; by default its hostname.")
    ] = None,
    address: Annotated[
        list[str] | None, typer.Option(help="An address of the other machine to try first, kept for later.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Pair this machine with the one that printed the invitation: its boards are then found here.

    Example: pyrpl-remote join pyrpl-invitation-WyJkYXEyIiwg...
    """
    with_boards = hosts.join(" ".join(line), name, address or ())
    if as_json:
        print(
            json.dumps(
                {
                    "name": with_boards.host,
                    "role": with_boards.role,
                    "boards": [entry.name for entry in with_boards.served],
                    "can_start": with_boards.can_start,
                }
            )
        )
        return
    print(f"paired with {with_boards.host}, as its {with_boards.role}")
    names = ", ".join(entry.name for entry in with_boards.served)
    print(f"it serves {names}" if names else "it serves no board now")
    if with_boards.can_start:
        able = ", ".join(with_boards.can_start)
        print(f"it can start {able}: connect({with_boards.can_start[0]!r}) lets it do so")


def peers(as_json: Json = False) -> None:
    """List the hosts that are paired with this machine, and whether they answer.

    Example: pyrpl-remote peers
    """
    known = hosts.peers()
    if as_json:
        print(json.dumps([dataclasses.asdict(one) for one in known]))
        return
    present = hosts.shared_as()
    if present is not None:
        print("this machine is shared as {} at port {}".format(*present))
    if not known:
        print("no host is paired with this machine")
        return
    table = Table("host", "may here", "this machine may there", "at", "fingerprint", box=None)
    for one in known:
        at = f"{', '.join(one.addresses)} port {one.port}" if one.port else ""
        may = one.may_there or "?" * bool(one.problem)
        table.add_row(one.name, one.may_here, may, at, one.fingerprint[:16])
    table_console().print(table)
    for one in known:
        if one.problem:
            print(f"{one.name}: {one.problem}")


def revoke(name: Annotated[str, typer.Argument(help="The host's name, as `peers` shows it.")]) -> None:
    """End the pairing with a host: its connections to this machine end at once.

    Example: pyrpl-remote revoke laptop
    """
    hosts.revoke(name)
    print(f"{name} is no longer paired with this machine")


def _with_user(board: str | None, user: str | None) -> bool:
    """Whether a board and a user are given. Raises BadParameter for only one of them."""
    if (board is None) != (user is None):
        raise BadParameter(
            "a board is shared with a user: one of them is missing",
            "write `share lab --user NAME`; without both, this machine is shared with another one",
        )
    return board is not None


def unshare(board: Shared = None, user: SharedUser = None) -> None:
    """End the sharing of this machine, or of one board with a user. Hosts remain paired.

    Example: pyrpl-remote unshare
    """
    if _with_user(board, user):
        unshare_from(str(board), str(user))
        return
    print("this machine is no longer shared" if hosts.unshare() else "this machine was not shared")


def relay() -> None:
    """Serve one connection on the standard input and output. `connect(via="ssh://...")` runs this by ssh."""
    from ..gate.stdio import serve_stdio

    serve_stdio()
