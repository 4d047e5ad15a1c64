"""What a shell completes: boards, modules, attributes, methods and values, of boards that are served now.

It asks a daemon that runs, and never starts one. A completion that cannot be made in a moment, or fails,
completes nothing.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import TypeVar

import typer

from ..client.running import connect_running, describe_running
from ..names import paired
from ..schema import ModuleType
from .targets import find

SECONDS = 1.5
"""How long a completion may take."""

_PERMANENT = re.compile(r"\[#(\d+)\]")
"""The index of a list's element in a description."""

Completions = list[tuple[str, str]]
"""Words, each with a help text, which some shells show."""


def complete_board(incomplete: str) -> Completions:
    """The boards that are served, also on paired hosts."""
    found = _in_time(paired.discover) or []
    names = Counter(entry.name for entry in found)
    words = [
        (entry.name if names[entry.name] == 1 and "@" not in incomplete else entry.full_name, entry.place)
        for entry in found
    ]
    return [(word, place) for word, place in words if word.startswith(incomplete)]


def complete_member(ctx: typer.Context, incomplete: str) -> Completions:
    """Modules, and the attributes or methods of the module that is being written."""
    types = _in_time(lambda: _types(ctx.params["board"])) or {}
    # hardware modules may be written with rp. and without it
    written = "rp." if incomplete.startswith("rp.") else ""
    start = incomplete.removeprefix(written)
    words = [(path, _first_line(kind.doc)) for path, kind in types.items() if path]
    fitting = [path for path, _ in words if path.startswith(start)]
    # the members of the module before the last dot, and of the only module that fits
    for path in {start.rpartition(".")[0], *(fitting if len(fitting) == 1 else [])}:
        if path in types:
            words += _members(types[path], f"{path}." if path else "", ctx.info_name or "")
    return [(written + word, text) for word, text in words if word.startswith(start)]


def complete_value(ctx: typer.Context, incomplete: str) -> Completions:
    """The values of an attribute that has options, or is true or false."""
    values = _in_time(lambda: _values(ctx.params["board"], ctx.params["name"])) or []
    return [(value, "") for value in values if value.startswith(incomplete)]


def complete_arguments(ctx: typer.Context, incomplete: str) -> Completions:
    """The names of a method's parameters; for `setup`, the module's attributes and their values."""
    board, name = ctx.params["board"], ctx.params["name"]
    before = ["", *(ctx.params.get("arguments") or [])]
    parameters = _in_time(lambda: _parameters(board, name)) or []
    key, equals, value = incomplete.partition("=")
    start = key + equals
    if not equals:
        # bash makes a word of its own of `=`, and typer leaves it out if it is the last one
        last = before[-2] if before[-1] == "=" else before[-1]
        if last not in parameters:
            return [(f"{parameter}=", "") for parameter in parameters if parameter.startswith(incomplete)]
        key, start, value = last, "", incomplete
    values = _in_time(lambda: _values(board, f"{name.removesuffix('.setup')}.{key}")) or []
    return [(start + word, "") for word in values if word.startswith(value)]


def _types(board: str) -> dict[str, ModuleType]:
    """The types of all modules of a board, by their paths as a user types them."""
    described = describe_running(board)
    positions: dict[str, list[str]] = {}

    def position(match: re.Match[str]) -> str:
        # elements of lists have permanent numbers in a description, in the order of the list
        numbers = positions.setdefault(match.string[: match.start()], [])
        if match[1] not in numbers:
            numbers.append(match[1])
        return f"[{numbers.index(match[1])}]"

    typed = {_PERMANENT.sub(position, path): key for path, key in described.modules.items()}
    return {path.removeprefix("rp."): described.types[key] for path, key in typed.items()}


def _members(kind: ModuleType, start: str, command: str) -> Completions:
    """What a command takes of a module: its attributes, those that can be set, or its methods."""
    if command == "call":
        return [(start + m.name, _first_line(m.doc)) for m in kind.methods.values() if m.name[0] != "_"]
    attributes = [a for a in kind.attributes.values() if not (command == "set" and a.readonly)]
    return [(start + a.name, _first_line(a.doc)) for a in attributes]


def _values(board: str, name: str) -> list[str]:
    """The values that an attribute of a running board takes, if it has options or is true or false."""
    with connect_running(board) as p:
        target = find(p, name)
        if target.attribute is None:
            return []
        words = ["true", "false"] if target.attribute.kind == "bool" else []
        if target.attribute.options is not None:
            words += [str(o) for o in target.owner.options_of(target.step) if not isinstance(o, bool)]
        return words


def _parameters(board: str, name: str) -> list[str]:
    """The names of the parameters of a method of a running board."""
    with connect_running(board) as p:
        target = find(p, name)
        method = target.method
        if method is None:
            return []
        names = [parameter.name for parameter in method.parameters if "VAR" not in parameter.kind]
        if method.name == "setup":
            names += [name for name in target.owner.description().setup_attributes if name not in names]
        return names


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0]


Made = TypeVar("Made")


def _in_time(make: Callable[[], Made]) -> Made | None:
    """What `make()` returns, None if it fails or takes longer than SECONDS."""
    made: Future[Made] = Future()

    def run() -> None:
        try:
            made.set_result(make())
        except Exception as error:  # noqa: BLE001 - boundary: an error must not end up on the user's line
            made.set_exception(error)

    # daemonic: the process does not wait for it
    threading.Thread(target=run, daemon=True).start()
    wait([made], timeout=SECONDS)
    return made.result() if made.done() and made.exception() is None else None
