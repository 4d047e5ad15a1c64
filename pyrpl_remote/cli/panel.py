"""`panel`: one window with all boards."""

from __future__ import annotations

from typing import Annotated

import typer

from ..errors import PyrplRemoteError
from ..machine import extras
from ..machine.qt_libraries import INSTALL_LIBRARIES, missing_library
from ..machine.qt_windows import no_windows
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
    if problem := no_windows():
        raise PyrplRemoteError(f"the panel cannot show its window: {problem[0]}", problem[1])
    # not at the top: it needs Qt
    from pymodaq_plugins_pyrpl.panel.main import main

    raise typer.Exit(main(board))
