"""The command line, `pyrpl-remote`: one file for each group of commands."""

from __future__ import annotations

import sys

import typer
from rich.console import Console

from ..errors import PyrplRemoteError
from . import attributes, boards, demo, serve, virtual_board

app = typer.Typer(
    help="One Red Pitaya with PyRPL, shared by every program at once.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(demo.demo)
app.command()(serve.serve)
app.command("ls")(boards.list_boards)
app.command()(boards.status)
app.command()(boards.stop)
app.command()(boards.logs)
app.command()(attributes.get)
app.command("set")(attributes.set_attribute)
app.command()(attributes.call)
app.command()(attributes.shell)
app.command()(virtual_board.virtual_board)


def main() -> None:
    """Run the command line. A PyrplRemoteError is printed without a traceback, and the exit code is 1."""
    try:
        app()
    except PyrplRemoteError as error:
        Console(stderr=True, highlight=False, soft_wrap=True).print(
            f"[red]{type(error).__name__}:[/red] ", end=""
        )
        print(error, file=sys.stderr)
        sys.exit(1)
