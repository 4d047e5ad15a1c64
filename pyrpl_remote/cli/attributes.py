"""`get`, `set` and `call`: use a board's modules from a shell script."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from .. import connect
from ..errors import BadValue, UnknownAttribute
from ..schema import Method
from ..typed_values import TRUTH, parse
from .completion import complete_arguments, complete_board, complete_member, complete_value
from .output import Csv, Json, Npy, require_writable, show, write_array
from .targets import Target, find

Board = Annotated[
    str,
    typer.Argument(
        metavar="BOARD",
        help="The board's name; its daemon is started if none runs.",
        autocompletion=complete_board,
    ),
]
Name = Annotated[
    str,
    typer.Argument(
        metavar="MODULE.NAME",
        help="Path as in Python: rp.pid0.p, pid0.p for short, lockbox.sequence[0].input.",
        autocompletion=complete_member,
    ),
]


def get(board: Board, name: Name, as_json: Json = False, to_csv: Csv = None, to_npy: Npy = None) -> None:
    """Print the value of an attribute, or the table of a module.

    Example: pyrpl-remote get virtual pid0.setpoint
    """
    for path in (to_csv, to_npy):
        require_writable(path)
    with connect(board) as p:
        target = find(p, name)
        _require_no_method(board, target)
        _finish(target.get(), target.owner, as_json, to_csv, to_npy)


def set_attribute(
    board: Board,
    name: Name,
    value: Annotated[
        str,
        typer.Argument(
            metavar="VALUE",
            help="As the attribute takes it: a number (1e3, 1kHz, -0.1, 2+3j), true or false, one of its "
            "options, a list.",
            autocompletion=complete_value,
        ),
    ],
) -> None:
    """Set an attribute, and print the value that PyRPL made of it.

    Example: pyrpl-remote set virtual asg0.frequency 2kHz
    """
    with connect(board) as p:
        target = find(p, name)
        _require_no_method(board, target)
        target.set(value)
        show(target.get(), as_json=False)


def call(
    board: Board,
    name: Name,
    arguments: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="VALUE | KEY=VALUE", help="Values, written as for set.", autocompletion=complete_arguments
        ),
    ] = None,
    as_json: Json = False,
    to_csv: Csv = None,
    to_npy: Npy = None,
) -> None:
    """Call a method, and print what it returns.

    Example: pyrpl-remote call virtual asg0.setup frequency=1kHz amplitude=0.5 output_direct=out1

    Example: pyrpl-remote call virtual scope.single timeout=10 --csv trace.csv
    """
    for path in (to_csv, to_npy):
        require_writable(path)
    with connect(board) as p:
        target = find(p, name)
        method = target.method
        if method is None:
            target.get()  # its error, if there is no such attribute
            raise UnknownAttribute(
                f"{name!r} is not a method", f"`pyrpl-remote get {board} {name}` reads an attribute"
            )
        positional, named = _arguments(target, method, arguments or [])
        result = getattr(target.owner, method.name)(*positional, **named)
        if result is not None or to_csv or to_npy:
            _finish(result, target.owner, as_json, to_csv, to_npy)


def _finish(value: Any, module: Any, as_json: bool, to_csv: Csv, to_npy: Npy) -> None:
    """Write a value to the files that were asked for, else print it."""
    if to_csv or to_npy:
        write_array(value, module, to_csv, to_npy)
    if as_json or not (to_csv or to_npy):
        show(value, as_json)


def _require_no_method(board: str, target: Target) -> None:
    if target.method is not None:
        raise UnknownAttribute(
            f"{target.name} is a method: {target.method.name}{target.method.signature()}",
            f"`pyrpl-remote call {board} {target.name}` calls it",
        )


def _arguments(target: Target, method: Method, texts: list[str]) -> tuple[list[Any], dict[str, Any]]:
    """The arguments of a call. Raises BadValue."""
    names = [parameter.name for parameter in method.parameters if "VAR" not in parameter.kind]
    positional: list[Any] = []
    named: dict[str, Any] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not (equals and key.isidentifier()):
            name = names[len(positional)] if len(positional) < len(names) else ""
            positional.append(_argument(target, method, name, text))
        elif key in named:
            raise BadValue(f"{key}= is given twice; nothing was sent", "give it once")
        else:
            named[key] = _argument(target, method, key, value)
    return positional, named


def _argument(target: Target, method: Method, name: str, text: str) -> Any:
    """The value that `text` means for the parameter `name`: for `setup`, an attribute of that name."""
    if method.name == "setup" and name in target.owner.description().attributes:
        return Target(target.owner, name, name).value(text)
    defaults = {parameter.name: parameter.default for parameter in method.parameters}
    if isinstance(defaults.get(name), bool):
        if text.lower() not in TRUTH:
            raise BadValue(
                f"{name}={text} is neither true nor false; nothing was sent",
                "write true, false, yes, no, on, off, 1 or 0",
            )
        return TRUTH[text.lower()]
    return parse(text)
