"""`serve`: run a board's daemon in the foreground until it is stopped."""

from __future__ import annotations

import logging
import os
import signal
import sys
from typing import Annotated, NoReturn

import typer

from .. import lab_file, settings
from ..client.connect import board_of
from ..client.finding.configuration import find_source
from ..client.finding.elsewhere import HERE, split
from ..client.finding.parameters import require_gateware, require_restore, require_section
from ..errors import BadParameter
from ..machine.log_file import LogFile
from ..progress import shown, unless_switched_off

log = logging.getLogger(__name__)

AGAIN_SECONDS = 60.0
"""After this time without it, the same message is shown again."""

MOST_MESSAGES = 1000
"""How many messages are remembered."""

INTERRUPTED = 130
"""The exit code of a program that Ctrl-C has ended."""


def serve(
    config: Annotated[
        str,
        typer.Argument(
            metavar="BOARD", help="Name of the PyRPL configuration, and of the board; or its file."
        ),
    ],
    hostname: Annotated[
        str | None,
        typer.Option(help="Address of the Red Pitaya; PyRPL remembers it. 'virtual' starts a virtual one."),
    ] = None,
    plant: Annotated[
        str | None,
        typer.Option(help=f"Of a virtual one: {', '.join(settings.PLANTS)}, or your own module:Class."),
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
    set_aside: Annotated[
        str | None,
        typer.Option(
            metavar="SECTION",
            help="Section of the configuration that PyRPL cannot load: move it to a file beside it first.",
        ),
    ] = None,
    take_over: Annotated[
        bool, typer.Option("--take-over", help="Take the board also from another program that uses it.")
    ] = False,
    gateware: Annotated[
        str | None,
        typer.Option(
            metavar="say|restore",
            help="Where another gateware has replaced PyRPL's meanwhile: say so, or load PyRPL's again.",
        ),
    ] = None,
    restore: Annotated[
        str | None,
        typer.Option(
            metavar="registers|file",
            help="Keep the FPGA as it is, or load the configuration. By default it is kept if a daemon with "
            "the same configuration has left it.",
        ),
    ] = None,
    gui: Annotated[bool, typer.Option("--gui", help="Show PyRPL's own window.")] = False,
    metrics: Annotated[
        int,
        typer.Option(
            metavar="PORT",
            help="Port of this machine at which Prometheus gets the daemon's metrics.",
            envvar="PYRPL_REMOTE_METRICS",
            min=0,
            max=65535,
        ),
    ] = 0,
) -> None:
    """Serve a board from this terminal until Ctrl-C or `pyrpl-remote stop`.

    This is optional: the first client of a board starts a daemon, which ends after the last client has left.

    Example: pyrpl-remote serve lab --hostname rp-f08d6c.local
    """
    given = {"hostname": hostname, "user": user, "password": password, "sshport": sshport, "port": port}
    given |= {"plant": plant}
    for option, value in {**given, "source": source}.items():
        if value == "":
            raise BadParameter(f"--{option} is empty", "give it a value, or leave it out")
    if set_aside is not None:
        require_section(set_aside)
    if gateware is not None:
        require_gateware(gateware)
    require_restore(restore)
    config, on = split(config, must_be_paired=False)
    if on not in ("", HERE):
        raise BadParameter(
            f"{config}@{on} is a board on {on}, and `serve` runs a daemon on this machine",
            f"run it on {on}; `get`, `shell` and connect() let {on} start a daemon by themselves",
        )
    wanted, parameters = board_of(config, given | {"gui": gui})
    name, file = wanted.name, wanted.configuration.path if wanted.configuration else None
    settings.require_state_dir()
    # imported here: PyRPL and Qt take seconds to import, and the other commands do not need them
    from ..daemon.adapter.starting.start import Request
    from ..daemon.life.signals import end_signals, name_of
    from ..daemon.service import Service

    _log_to(LogFile(settings.log_path(name), name))
    try:
        with shown(unless_switched_off(), f"board {name}") as report:
            request = Request(
                name,
                file,
                find_source(source),
                parameters,
                set_aside or "",
                take_over=take_over,
                gateware=gateware or lab_file.gateware(name),
                restore=restore,
            )
            service = Service(request, None, report, metrics or lab_file.metrics_port(name))
        for number in end_signals():  # until run() handles them
            signal.signal(number, lambda received, _: service.stop(name_of(received)))
        print(
            f'board {name} is served at {service.uri}\nconnect to it with connect("{name}"); Ctrl-C ends it',
            flush=True,
        )
        service.run()
    except KeyboardInterrupt:
        # before the service handles signals: while the board starts
        print(f"board {name} is not served: its start was interrupted", file=sys.stderr)
        _end(INTERRUPTED)
    print(f"board {name} is no longer served; its FPGA keeps running")
    _end(0)


def _log_to(file: LogFile) -> None:
    """Log everything to `file`, and on the terminal what its user wants to read."""
    terminal = logging.StreamHandler()
    terminal.setFormatter(Plain())
    terminal.addFilter(ForTheTerminal())
    logging.basicConfig(level=logging.INFO, handlers=[terminal, file])
    if file.problem:
        log.warning("this board has no log: %s", file.problem)


class Plain(logging.Formatter):
    """The message alone: a traceback is in the log only."""

    def format(self, record: logging.LogRecord) -> str:
        """The text of `record`."""
        return record.getMessage()


class ForTheTerminal(logging.Filter):
    """Lets our messages pass, and the warnings of others. A repeated one passes once within AGAIN_SECONDS."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to show `record`."""
        # the service's messages are printed by `serve`, in other words
        ours = record.name.partition(".")[0] == "pyrpl_remote" and not record.name.endswith(".service")
        if not ours and record.levelno < logging.WARNING:
            return False
        text = record.getMessage()
        if len(self._shown) > MOST_MESSAGES:
            self._shown.clear()
        before, self._shown[text] = self._shown.get(text), record.created
        return before is None or record.created - before > AGAIN_SECONDS


def _end(code: int) -> NoReturn:
    logging.shutdown()
    sys.stdout.flush()
    # not sys.exit, as in daemon/__main__.py
    os._exit(code)
