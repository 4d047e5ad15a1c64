"""`panel`: one window with all boards."""

from __future__ import annotations

from typing import Annotated

import typer

from ..errors import PyrplRemoteError
from ..machine import extras
from ..machine.qt_libraries import INSTALL_LIBRARIES, missing_library
from ..machine.screen import has_screen
from .completion import complete_board


def panel(
    board: Annotated[
        str | None,
        typer.Argument(
            metavar="[BOARD]",
            help="A board to open; without it, only the list of boards.",
            autocompletion=complete_board,
            show_default=False,
        ),
    ] = None,
) -> None:
    """Show all boards of the lab in one window. Looking at them holds none of them.

    Example: pyrpl-remote panel
    """
    if lacking := extras.missing("panel"):
        raise PyrplRemoteError(*extras.needs("the panel", lacking))
    if lacking_library := missing_library():
        raise PyrplRemoteError(
            f"the panel needs a library of the system: {lacking_library}", INSTALL_LIBRARIES
        )
    if not has_screen():
        raise PyrplRemoteError(
            "the panel needs a screen, and this process has none",
            "run it where you are logged in at a screen (`ssh -X` brings windows of Linux to one)",
        )
    # not at the top: it needs Qt
    from pymodaq_plugins_pyrpl.panel.main import main

    raise typer.Exit(main(board))
