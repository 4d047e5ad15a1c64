"""All commands of `pyrpl-remote`. Their files, one for each group, are imported when one of it is used."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterable, Sequence
from typing import Annotated, NamedTuple

import typer

from .._version import __version__
from .parsing import Command, Group, ValuesCommand


class Place(NamedTuple):
    """Where a command is: the file of this folder, its function, how its arguments are parsed."""

    module: str
    function: str
    parsed: type[Command] = Command
    hidden: bool = False


COMMANDS = {
    "demo": Place("demo", "demo"),
    "serve": Place("serve", "serve"),
    "ls": Place("listing", "list_boards"),
    "status": Place("boards", "status"),
    "top": Place("top", "top"),
    "stop": Place("boards", "stop"),
    "logs": Place("boards", "logs"),
    "record": Place("record", "record"),
    "jobs": Place("jobs", "jobs"),
    "doctor": Place("doctor", "doctor"),
    "config": Place("config", "config"),
    "get": Place("attributes", "get"),
    "set": Place("attributes", "set_attribute", ValuesCommand),
    "call": Place("attributes", "call", ValuesCommand),
    "plot": Place("plot", "plot"),
    "shell": Place("shell", "shell"),
    "stubs": Place("stubs", "stubs"),
    "panel": Place("panel", "panel"),
    "watch": Place("locks", "watch"),
    "unwatch": Place("locks", "unwatch"),
    "locks": Place("locks", "locks"),
    "virtual-board": Place("virtual_board", "virtual_board"),
    "share": Place("lan", "share"),
    "join": Place("lan", "join"),
    "peers": Place("lan", "peers"),
    "revoke": Place("lan", "revoke"),
    "unshare": Place("lan", "unshare"),
    "relay": Place("lan", "relay", hidden=True),
    "shared": Place("sharing", "shared"),
}
"""The commands by name, in the order in which the help shows them."""


def app_with(names: Iterable[str]) -> typer.Typer:
    """The application with the commands of these names."""
    app = typer.Typer(
        cls=Group,
        help="One Red Pitaya with PyRPL, shared by every program at once.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_options)
    for name in names:
        place = COMMANDS[name]
        function = getattr(importlib.import_module(f".{place.module}", __package__), place.function)
        app.command(name, cls=place.parsed, hidden=place.hidden)(function)
    return app


def app_for(arguments: Sequence[str]) -> typer.Typer:
    """The application for a command line: with the command that it begins with alone, or else with all.

    To import and describe all of them takes half a second.
    """
    completes = "_PYRPL_REMOTE_COMPLETE" in os.environ  # a shell asks what could follow
    alone = not completes and arguments and arguments[0] in COMMANDS
    return app_with([arguments[0]] if alone else COMMANDS)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"pyrpl-remote {__version__}")
        raise typer.Exit


def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and end."),
    ] = False,
) -> None:
    # without a docstring, which would replace the help of the application
    pass
