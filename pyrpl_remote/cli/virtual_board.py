"""`virtual-board`: run a Red Pitaya without hardware, to which `Pyrpl(...)` and `connect(...)` connect."""

from __future__ import annotations

import logging
from typing import Annotated

import typer

from ..errors import BadParameter, PyrplRemoteError
from ..machine import extras


def virtual_board(
    ssh_port: Annotated[int, typer.Option(help="SSH port; 0 picks a free one.")] = 2022,
    monitor_port: Annotated[
        int, typer.Option(help="Port of the register server; 0 picks a free one.")
    ] = 2222,
    host: Annotated[
        str, typer.Option(help="Address to listen on; 0.0.0.0 accepts other machines too.")
    ] = "127.0.0.1",
    password: Annotated[str, typer.Option(help="Password of the user root.")] = "root",
    plant: Annotated[
        str,
        typer.Option(
            help="Model between outputs and inputs: loopback, lowpass, cavity..., or your own module:Class."
        ),
    ] = "loopback",
    seed: Annotated[int, typer.Option(help="Seed of the noise.")] = 0,
    os_version: Annotated[str, typer.Option(help="Version of the Red Pitaya OS that it reports.")] = "2.07",
    gateware: Annotated[
        str, typer.Option(help="Gateware that is loaded at the start. PyRPL replaces any gateware but pyrpl.")
    ] = "pyrpl",
    latency: Annotated[float, typer.Option(help="Shortest duration of a register access, in s.")] = 3e-4,
    write_latency: Annotated[
        float | None,
        typer.Option(help="Shortest duration of a register write, in s; by default that of --latency."),
    ] = None,
    pace: Annotated[
        float,
        typer.Option(help="Speed of the FPGA's time while nothing is acquired, relative to the wall clock."),
    ] = 1.0,
    json: Annotated[bool, typer.Option("--json", help="Print the ports as one JSON object.")] = False,
    control: Annotated[
        bool, typer.Option("--control", help="Open a channel for BoardControl and print its address.")
    ] = False,
    exit_with_stdin: Annotated[
        bool, typer.Option("--exit-with-stdin", help="End when standard input ends.")
    ] = False,
    progress: Annotated[
        bool, typer.Option("--progress", help="Print how far the start is, one JSON object a line.")
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Log what happens on the board to stderr.")
    ] = False,
) -> None:
    """Run a virtual Red Pitaya until Ctrl-C.

    Unmodified PyRPL connects to it: Pyrpl("test", hostname="127.0.0.1", sshport=2022, port=2222)

    Example: pyrpl-remote virtual-board --ssh-port 2022 --monitor-port 2222
    """
    if lacking := extras.missing("virtual"):
        raise PyrplRemoteError(*extras.needs("a virtual Red Pitaya", lacking))
    from ..virtual.board import run_board  # slow to import, and only needed here
    from ..virtual.options import BoardOptions

    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING, format="%(asctime)s %(name)s: %(message)s"
    )
    logging.getLogger("asyncssh").setLevel(logging.WARNING)
    try:
        options = BoardOptions(
            host,
            ssh_port,
            monitor_port,
            password,
            plant,
            seed,
            os_version,
            gateware,
            control,
            latency,
            write_latency,
            pace,
        )
    except ValueError as error:
        raise BadParameter(str(error), "`pyrpl-remote virtual-board --help` explains the options") from error
    raise typer.Exit(run_board(options, json, exit_with_stdin, progress))
