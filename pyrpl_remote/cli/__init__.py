"""The command line, `pyrpl-remote`: commands.py has all commands, and one file for each group of them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from ..environment import require_environment
from ..errors import PyrplRemoteError
from .characters import replace_others

if TYPE_CHECKING:
    from .commands import app

__all__ = ["app", "main"]


def __getattr__(name: str) -> Any:
    # `app` is made at its first use: what it imports reads environment variables, which `main` checks before
    if name == "app":
        from .commands import app

        return app
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def main() -> None:
    """Run the command line. Our errors, and those of files, are printed without a traceback: exit code 1."""
    replace_others()
    try:
        require_environment()
        from .commands import app

        # by its name also as `python -m pyrpl_remote`, for the completion of shells
        app(prog_name="pyrpl-remote")
    except (PyrplRemoteError, OSError) as error:
        from rich.console import Console

        Console(stderr=True, highlight=False, soft_wrap=True).print(
            f"[red]{type(error).__name__}:[/red] ", end=""
        )
        print(error, file=sys.stderr)
        sys.exit(1)
