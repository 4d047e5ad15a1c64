"""The command line, `pyrpl-remote`: commands.py has all commands, and one file for each group of them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from ..environment import require_environment
from ..errors import PyrplRemoteError
from .characters import replace_others

if TYPE_CHECKING:
    import typer

    app: typer.Typer

__all__ = ["app", "main"]


def __getattr__(name: str) -> Any:
    # `app`, with all commands, is made at its first use: what they import reads environment variables, which
    # `main` checks before
    if name == "app":
        from .commands import COMMANDS, app_with

        globals()[name] = app_with(COMMANDS)
        return globals()[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def main() -> None:
    """Run the command line. Our errors, and those of files, are printed without a traceback: exit code 1."""
    replace_others()
    try:
        require_environment()
        from .commands import app_for

        # by its name also as `python -m pyrpl_remote`, for the completion of shells
        app_for(sys.argv[1:])(prog_name="pyrpl-remote")
    except (PyrplRemoteError, OSError) as error:
        from rich.console import Console

        Console(stderr=True, highlight=False, soft_wrap=True).print(
            f"[red]{type(error).__name__}:[/red] ", end=""
        )
        print(error, file=sys.stderr)
        sys.exit(1)
