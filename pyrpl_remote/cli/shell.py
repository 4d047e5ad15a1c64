"""`shell`: Python with a board's proxy, in IPython where it is installed."""

from __future__ import annotations

import code
import contextlib
import sys
from collections.abc import Callable
from typing import Any

from .. import connect
from .attributes import Board

EXTENSION = "pyrpl_remote.client.proxies.shell"
"""What IPython loads at its start: completion inside quotes, and values for `?`."""


def shell(board: Board) -> None:
    """Open IPython with `p`, the proxy of the board; plain Python where IPython is not installed.

    Example: pyrpl-remote shell virtual
    """
    with connect(board) as p:
        names = {"p": p, "connect": connect}
        start_ipython = _start_ipython()
        if start_ipython is None:
            _plain_python(names)
            return
        # start_ipython rather than embed: so completion of `p` works from the first line on
        start_ipython(argv=["--no-banner", f"--ext={EXTENSION}"], user_ns=names)


def _start_ipython() -> Callable[..., Any] | None:
    """IPython's function, None where it is not installed."""
    try:
        from IPython import start_ipython
    except ImportError:
        return None
    return start_ipython


def _plain_python(names: dict[str, Any]) -> None:
    """Python's own prompt, with completion by Tab where the system has readline."""
    with contextlib.suppress(ImportError):
        import readline
        import rlcompleter

        readline.set_completer(rlcompleter.Completer(names).complete)
        readline.parse_and_bind("tab: complete")
    banner = (
        f"Python {sys.version.split()[0]}, with p = {names['p']!r}; `pip install ipython` for more comfort"
    )
    code.interact(banner=banner, local=names, exitmsg="")
