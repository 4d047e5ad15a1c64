"""`serve`: run a board's daemon in the foreground until it is stopped."""

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
        str, typer.Argument(metavar="BOARD", help="Name of the PyRPL configuration, and of the board.")
    ],
    hostname: Annotated[
        str | None,
        typer.Option(help="Address of the Red Pitaya; PyRPL remembers it. 'virtual' starts a virtual one."),
    ] = None,
    source: Annotated[
        str | None, typer.Option(help="A PyRPL configuration to copy if BOARD has none yet.")
    ] = None,
    user: Annotated[
        str | None, typer.Option(help="User for SSH on the board (PyRPL's default: root).")
    ] = None,
    password: Annotated[
        str | None,
        typer.Option(
            help="Password for SSH on the board (PyRPL's default: root).", envvar="REDPITAYA_PASSWORD"
        ),
    ] = None,
    sshport: Annotated[int | None, typer.Option(help="The board's SSH port (PyRPL's default: 22).")] = None,
    port: Annotated[
        int | None, typer.Option(help="The board's port for register access (PyRPL's default: 2222).")
    ] = None,
    gui: Annotated[bool, typer.Option("--gui", help="Show PyRPL's own window.")] = False,
) -> None:
    """Serve a board from this terminal until Ctrl-C or `pyrpl-remote stop`.

    This is optional: the first client of a board starts a daemon, which ends after the last client has left.

    Example: pyrpl-remote serve lab --hostname rp-f08d6c.local
    """
    # imported here: PyRPL and Qt take seconds to import, and the other commands do not need them
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
    # not sys.exit, as in daemon/__main__.py
    os._exit(0)
