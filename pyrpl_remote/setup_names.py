"""Checks the names that a module's `setup` is given. PyRPL itself ignores a name that it does not know.

The client checks the keywords before it sends them, the daemon everything before PyRPL sets the first value.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping

from .errors import UnknownAttribute


def refuse_setup_name(
    name: str,
    where: str,
    known: Collection[str],
    attributes: Mapping[str, bool],
    former: Mapping[str, str],
) -> None:
    """Raise UnknownAttribute if the value for `name`, which is not in `known`, would be lost.

    `where` names the module. `known` are its setup attributes, `attributes` all of its attributes, each with
    whether it can be set, `former` the names of earlier releases with what to use instead. A read-only
    attribute, such as `running_state`, is left to PyRPL, which warns that it ignores it.
    """
    if attributes.get(name) is False:
        return
    if name in attributes:
        says = "does not set"
        remedy = former.get(name) or f"assign it: .{name} = ..., or use update({name}=...)"
    else:
        says = "has no"
        remedy = former.get(name) or did_you_mean(name, known, f"it has {', '.join(known)}")
    raise UnknownAttribute(f"{where}: setup() {says} {name!r}; nothing was set", remedy)


def did_you_mean(name: str, known: Iterable[str], otherwise: str) -> str:
    """A remedy that names those of `known` that are written like `name`, `otherwise` if there are none."""
    close = difflib.get_close_matches(name, list(known), n=3)
    return f"did you mean {' or '.join(map(repr, close))}?" if close else otherwise
