"""All commands of `pyrpl-remote`: one file for each group of them."""

from __future__ import annotations

from typing import Annotated

import typer

from .._version import __version__
from . import (
    attributes,
    boards,
    config,
    demo,
    doctor,
    jobs,
    lan,
    listing,
    locks,
    panel,
    plot,
    record,
    serve,
    sharing,
    shell,
    stubs,
    top,
    virtual_board,
)
from .parsing import Command, Group, ValuesCommand

app = typer.Typer(
    cls=Group,
    help="One Red Pitaya with PyRPL, shared by every program at once.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"pyrpl-remote {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and end."),
    ] = False,
) -> None:
    # without a docstring, which would replace the help of the application
    pass


app.command(cls=Command)(demo.demo)
app.command(cls=Command)(serve.serve)
app.command("ls", cls=Command)(listing.list_boards)
app.command(cls=Command)(boards.status)
app.command(cls=Command)(top.top)
app.command(cls=Command)(boards.stop)
app.command(cls=Command)(boards.logs)
app.command(cls=Command)(record.record)
app.command(cls=Command)(jobs.jobs)
app.command(cls=Command)(doctor.doctor)
app.command(cls=Command)(config.config)
app.command(cls=Command)(attributes.get)
app.command("set", cls=ValuesCommand)(attributes.set_attribute)
app.command(cls=ValuesCommand)(attributes.call)
app.command(cls=Command)(plot.plot)
app.command(cls=Command)(shell.shell)
app.command(cls=Command)(stubs.stubs)
app.command(cls=Command)(panel.panel)
app.command(cls=Command)(locks.watch)
app.command(cls=Command)(locks.unwatch)
app.command(cls=Command)(locks.locks)
app.command(cls=Command)(virtual_board.virtual_board)
app.command(cls=Command)(lan.share)
app.command(cls=Command)(lan.join)
app.command(cls=Command)(lan.peers)
app.command(cls=Command)(lan.revoke)
app.command(cls=Command)(lan.unshare)
app.command(cls=Command, hidden=True)(lan.relay)
app.command(cls=Command)(sharing.shared)
