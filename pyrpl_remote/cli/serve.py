"""`serve`: a board's daemon in the foreground, started by hand; it stays until it is stopped."""

from __future__ import annotations

import logging
import os
import sys
from typing import Annotated

import typer

from .. import settings
from ..client.connect import board_name


def serve(
    config: Annotated[
        str, typer.Argument(metavar="BOARD", help="Name of PyRPL's configuration, and of the board.")
    ],
    hostname: Annotated[
        str | None, typer.Option(help="Of the Red Pitaya; PyRPL remembers it. 'virtual' starts one.")
    ] = None,
    source: Annotated[
        str | None, typer.Option(help="A PyRPL configuration to copy if BOARD's does not exist yet.")
    ] = None,
    user: Annotated[str | None, typer.Option(help="For SSH on the board (root).")] = None,
    password: Annotated[
        str | None, typer.Option(help="For SSH on the board (root).", envvar="REDPITAYA_PASSWORD")
    ] = None,
    sshport: Annotated[int | None, typer.Option(help="The board's SSH port (22).")] = None,
    port: Annotated[int | None, typer.Option(help="The port for PyRPL's data (2222).")] = None,
    gui: Annotated[bool, typer.Option("--gui", help="Show PyRPL's own window.")] = False,
) -> None:
    """Serve a board from this terminal until Ctrl-C or `pyrpl-remote stop`; without it, the first client starts a daemon.

    Example: pyrpl-remote serve lab --hostname rp-f08d6c.local
    """
    # PyRPL, Qt and their seconds only here: the other commands are quick
    from ..daemon.adapter.start import Request
    from ..daemon.service import Service

    name = board_name(config)
    if config == settings.VIRTUAL and hostname is None:
        hostname = settings.VIRTUAL
    given = {"hostname": hostname, "user": user, "password": password, "sshport": sshport, "port": port}
    parameters = {key: value for key, value in given.items() if value is not None} | {"gui": gui}
    logging.basicConfig(
        level=logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        handlers=[logging.StreamHandler(), logging.FileHandler(settings.log_path(name), encoding="utf-8")],
    )
    service = Service(
        Request(name, config, source, parameters), None, lambda text: print(f"{text} ...", flush=True)
    )
    print(
        f'board {name} is served at {service.uri}\nconnect to it with connect("{name}"); Ctrl-C ends it',
        flush=True,
    )
    service.run()
    logging.shutdown()
    sys.stdout.flush()
    os._exit(0)  # as in daemon/__main__.py: PyRPL does not survive the order in which Qt's objects die
