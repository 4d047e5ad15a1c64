"""Checks of the name server, and of a board's daemon."""

from __future__ import annotations

import os
import socket
from datetime import timedelta

from Pyro5 import config

from .. import settings
from ..board_shell import OTHER_GATEWARE
from ..errors import NameServerError
from ..machine.listener import surely_refuses
from ..names import directory
from .finding import ZERO_DIVISION, Finding, failed, ok
from .target import Target

LOG_BYTES = 1 << 18
"""How much of the end of a log is read."""

PORT_SECONDS = 3.0
"""How long the name server's host may take to accept a connection."""


def name_server(target: Target) -> Finding:
    """Whether a name server answers, or the first daemon can start one."""
    where = directory.location()
    try:
        if surely_refuses(config.NS_HOST, config.NS_PORT):
            raise ConnectionRefusedError
        socket.create_connection((config.NS_HOST, config.NS_PORT), timeout=PORT_SECONDS).close()
    except ConnectionRefusedError:
        if _is_loopback(config.NS_HOST):
            return ok(f"none runs at {where}; the first daemon starts one")
        return failed(
            f"none answers at {where}", "start it there, or unset PYRO_NS_HOST for this machine's own"
        )
    except OSError as error:
        return failed(
            f"{where} does not answer ({error.strerror or error})",
            "correct PYRO_NS_HOST and PYRO_NS_PORT, or unset them for localhost:9090",
        )
    try:
        with directory.name_server():
            return ok(f"answers at {where}")
    except NameServerError as error:
        return failed(
            f"something answers at {where} that is no name server, or a frozen one ({error.message})",
            f"end the program that listens at port {config.NS_PORT}, or choose another port in PYRO_NS_PORT",
        )


def daemon(target: Target) -> Finding:
    """Whether a daemon serves the board, and answers."""
    if target.problem is not None:
        return failed(target.problem.message, target.problem.remedy)
    if target.status is None:
        return _last_start(target)
    status = target.status
    clients = f"{len(status.clients)} client{'' if len(status.clients) == 1 else 's'}"
    up = timedelta(seconds=round(status.daemon.uptime))
    text = f"serves it as {status.board!r}: pid {status.daemon.pid}, up {up}, {clients}"
    if status.state == "ending":
        return ok(f"{text}; it is ending")
    return ok(text)


def _last_start(target: Target) -> Finding:
    """What became of the last daemon that was started for a board which none serves now."""
    none = "none serves it; connect() starts one"
    path = settings.known_log_path(target.name)
    try:
        with open(path, "rb") as file:
            file.seek(-min(LOG_BYTES, path.stat().st_size), os.SEEK_END)
            last = file.read().decode("utf-8", "replace").rpartition("starting board ")[2]
    except OSError:
        return ok(none)
    if " did not start" not in last:
        return ok(none)
    if OTHER_GATEWARE in last and ZERO_DIVISION in last:
        return failed(
            f"its last start ended in one ({path}): the registers were not those of PyRPL's gateware",
            f"load it again: {target.connecting('reloadfpga=True')}; PyRPL needs Red Pitaya OS 2 or 3",
            ZERO_DIVISION,
        )
    return ok(f"{none}; the last start failed, see {path}")


def _is_loopback(host: str) -> bool:
    return (directory.address(host) or "").startswith("127.")
