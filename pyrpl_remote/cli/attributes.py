"""`get`, `set`, `call` and `shell`: use a board's modules from a shell script or in IPython."""

from __future__ import annotations

import ast
import json
from typing import Annotated, Any

import numpy as np
import typer

from .. import connect
from ..errors import PyrplRemoteError, UnknownAttribute

Board = Annotated[
    str, typer.Argument(metavar="BOARD", help="The board's name; its daemon is started if none runs.")
]
Name = Annotated[
    str, typer.Argument(metavar="MODULE.NAME", help="Path as in Python: rp.pid0.p, or pid0.p for short.")
]
Json = Annotated[bool, typer.Option("--json", help="Print the value as JSON. Arrays become lists.")]


def get(board: Board, name: Name, as_json: Json = False) -> None:
    """Print the value of an attribute.

    Example: pyrpl-remote get virtual pid0.setpoint
    """
    with connect(board) as p:
        module, attribute = _find(p, name)
        _show(getattr(module, attribute), as_json)


def set_attribute(
    board: Board,
    name: Name,
    value: Annotated[str, typer.Argument(help="A number, True, None, a quoted or plain string, a list...")],
) -> None:
    """Set an attribute, and print the value that PyRPL made of it.

    Example: pyrpl-remote set virtual asg0.frequency 2e3
    """
    with connect(board) as p:
        module, attribute = _find(p, name)
        setattr(module, attribute, parse(value))
        _show(getattr(module, attribute), as_json=False)


def call(
    board: Board,
    name: Name,
    arguments: Annotated[
        list[str] | None, typer.Argument(metavar="VALUE | KEY=VALUE", help="Values, written as for set.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Call a method, and print what it returns.

    Example: pyrpl-remote call virtual asg0.setup frequency=1e3 amplitude=0.5 output_direct=out1
    """
    positional, named = [], {}
    for argument in arguments or []:
        key, equals, value = argument.partition("=")
        if equals and key.isidentifier():
            named[key] = parse(value)
        else:
            positional.append(parse(argument))
    with connect(board) as p:
        module, method = _find(p, name)
        if method not in module.description().methods:
            raise UnknownAttribute(
                f"{name!r} is not a method", f"`pyrpl-remote get {board} {name}` reads an attribute"
            )
        result = getattr(module, method)(*positional, **named)
        if result is not None:
            _show(result, as_json)


def shell(board: Board) -> None:
    """Open IPython with `p`, the proxy of the board.

    Example: pyrpl-remote shell virtual
    """
    try:
        from IPython import start_ipython
    except ImportError as error:
        raise PyrplRemoteError(f"IPython cannot be imported: {error}", "pip install ipython") from error
    with connect(board) as p:
        # start_ipython rather than embed: so completion of `p` works from the first line on
        extension = "pyrpl_remote.client.proxies.shell"  # which the shell, not yet there, did not learn above
        start_ipython(argv=["--no-banner", f"--ext={extension}"], user_ns={"p": p, "connect": connect})


def parse(text: str) -> Any:
    """The value of the Python literal `text`. Any other text is returned as it is; nothing is evaluated."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def _find(p, name: str) -> tuple[Any, str]:
    """The module's proxy and the attribute's name. The prefix `rp.` of hardware modules may be left out."""
    path, _, attribute = name.rpartition(".")
    module = p
    for step in path.split(".") if path else ():
        in_rp = (
            module is p and step not in p.description().submodules and step in p.rp.description().submodules
        )
        module = getattr(module.rp if in_rp else module, step)
    return module, attribute


def _show(value: Any, as_json: bool) -> None:
    if as_json:
        print(json.dumps(value, default=_plain))
    else:
        print(value if isinstance(value, str) else repr(value))


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray) and np.iscomplexobj(value):
        return {"real": value.real.tolist(), "imag": value.imag.tolist()}
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, complex):
        return {"real": value.real, "imag": value.imag}
    return repr(value)
