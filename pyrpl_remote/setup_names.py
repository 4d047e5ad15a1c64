"""Errors for names that a module's `setup` does not know. PyRPL itself ignores them.

The client checks the keywords before it sends them, the daemon everything before PyRPL sets the first value.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping

from .errors import UnknownAttribute


def refusal(name: str, where: str, known: Collection[str], former: Mapping[str, str]) -> UnknownAttribute:
    """The error for a name in the values of a setup that PyRPL would ignore.

    `where` names the module; `known` are its setup attributes, `former` the names that earlier releases had,
    with what to use instead.
    """
    return UnknownAttribute(
        f"{where}: setup() has no {name!r}; nothing was set",
        former.get(name) or did_you_mean(name, known, f"it has {', '.join(known)}"),
    )


def did_you_mean(name: str, known: Iterable[str], otherwise: str) -> str:
    """A remedy that names those of `known` that are written like `name`, `otherwise` if there are none."""
    close = difflib.get_close_matches(name, list(known), n=3)
    return f"did you mean {' or '.join(map(repr, close))}?" if close else otherwise
