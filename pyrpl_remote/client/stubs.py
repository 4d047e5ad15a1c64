"""Type stubs made from a board's description: editors complete `p.rp.scope.`, and `setpont = 3` is found.

The stubs that are shipped, proxies/board_types.pyi, hold for every board. Those of one board also have the
signals of its lockbox and the members of its user's own lockbox class.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator
from keyword import iskeyword
from pathlib import Path

from ..schema import Attribute, Description, Method, ModuleType
from .proxies.board import RemotePyrpl

HEAD = '''"""The types of {what}, for editors and type checkers.

Made by `pyrpl-remote stubs`: change what it is made from, not this file.
"""

from collections.abc import Iterator
from typing import Any, Generic, Literal, TypeVar, overload

from pyrpl_remote.client.sessions.future import RemoteFuture
from pyrpl_remote.client.proxies.board import RemotePyrpl
from pyrpl_remote.client.proxies.module import RemoteDict, RemoteList, RemoteModule

Got = TypeVar("Got", covariant=True)
Taken = TypeVar("Taken", contravariant=True)

class Setting(Generic[Got, Taken]):
    """An attribute that returns a Got when it is read, and takes a Taken."""

    @overload
    def __get__(self, module: None, owner: type) -> Setting[Got, Taken]: ...
    @overload
    def __get__(self, module: object, owner: type) -> Got: ...
    def __set__(self, module: object, value: Taken) -> None: ...
'''

BASES = {"list": "RemoteList", "dict": "RemoteDict", "": "Module"}
"""The base class for each value of ModuleType.container."""

NUMBERS = {
    "float": ("float", "float"),
    "int": ("int", "int"),
    "bool": ("bool", "bool"),
    "string": ("str", "str"),
    "complex": ("complex", "complex"),
    "filter": ("float | list[float]", "float | list[float]"),
}
"""For each kind of attribute, what it returns and what it takes."""

ANYTHING = ("Any", "Any")

SHIPPED = Path(__file__).parent / "proxies" / "board_types.pyi"
"""The stubs for every board."""


def stubs_of(description: Description, board: str = "") -> str:
    """The text of a stub file with the class `Pyrpl`, what `connect` returns, and those of all modules.

    `board` is the name of the board that it is for; without it, it is for any: what depends on the lockbox
    that a board has is left open.
    """
    homes: dict[str, str] = {}
    for path, key in description.modules.items():
        homes.setdefault(key, path)
    common = _common([kind for key, kind in description.types.items() if not kind.container and homes[key]])
    head = HEAD.format(what=f"board {board}" if board else "every board")
    classes = [
        _lines("Module", "RemoteModule", common, _members(common, set(), False, not board)),
        *(_class(description, key, path, common, not board) for key, path in sorted(homes.items())),
    ]
    return head + "".join("\n" + "\n".join(lines) + "\n" for lines in classes)


def _common(kinds: list[ModuleType]) -> ModuleType:
    """What all module types have in common."""
    first, *others = kinds
    return ModuleType(
        "Module",
        "What every module has.",
        {n: a for n, a in first.attributes.items() if all(k.attributes.get(n) == a for k in others)},
        {
            n: m
            for n, m in first.methods.items()
            if not m.sets_up and all(k.methods.get(n) == m for k in others)
        },
    )


def _class(
    description: Description, key: str, path: str, common: ModuleType, every_board: bool
) -> Iterator[str]:
    kind = description.types[key]
    base = BASES[kind.container] if path else "RemotePyrpl"
    known = {*common.attributes, *common.methods} if base == "Module" else set()
    open_ended = every_board and path.startswith("lockbox")
    return _lines(
        _class_name(key),
        base,
        kind,
        itertools.chain(_submodules(description, kind, path), _members(kind, known, open_ended, every_board)),
    )


def _lines(name: str, base: str, kind: ModuleType, members: Iterator[str]) -> Iterator[str]:
    doc = _first_line(kind.doc) or f"PyRPL's {kind.name}."
    yield f"class {name}({base}):"
    yield f'    """{doc}"""'
    yield ""
    yield from members


def _submodules(description: Description, kind: ModuleType, path: str) -> Iterator[str]:
    for name in kind.submodules:
        module = f"{path}.{name}" if path else name
        if module in description.modules and _usable(name):
            # as in PyRPL: assigning a dict, or a list of dicts, sets up the module
            yield f"    {name}: Setting[{_class_name(description.modules[module])}, Any]"
    element = description.modules.get(f"{path}[#0]")
    if element is not None:
        yield f"    def __getitem__(self, index: Any) -> {_class_name(element)}: ..."
        yield f"    def __iter__(self) -> Iterator[{_class_name(element)}]: ..."


def _members(kind: ModuleType, known: set[str], open_ended: bool, every_board: bool) -> Iterator[str]:
    """The lines for attributes and methods, but those that are `known`."""
    for attribute in kind.attributes.values():
        if _usable(attribute.name) and attribute.name not in known and attribute.name not in kind.submodules:
            yield from _attribute(attribute, open_ended, every_board)
    for method in kind.methods.values():
        if _usable(method.name) and method.name not in known:
            parameters = _parameters(method, kind, open_ended, every_board)
            yield f"    def {method.name}({parameters}) -> {_returns(method)}: ..."
    if open_ended:
        yield "    def __getattr__(self, name: str) -> Any: ..."
        yield "    def __setattr__(self, name: str, value: Any) -> None: ..."


def _usable(name: str) -> bool:
    """Whether a name can stand in a stub, and is not one of the proxy itself."""
    return name.isidentifier() and not iskeyword(name) and not name.startswith("_")


def _class_name(key: str) -> str:
    return key.replace("#", "")


def _first_line(text: str) -> str:
    """The first sentence or paragraph of PyRPL's documentation, in one line."""
    paragraph = text.partition("Setup Attributes")[0].strip().partition("\n\n")[0]
    return " ".join(paragraph.split()).replace("\\", "\\\\").replace('"""', "'''")


def _attribute(attribute: Attribute, open_ended: bool, every_board: bool) -> Iterator[str]:
    got, taken = types_of(attribute, open_ended, every_board)
    annotation = "Any" if got == taken == "Any" else f"Setting[{got}, {taken}]"
    yield f"    {attribute.name}: {annotation}"
    if facts := " ".join(filter(None, [_limits(attribute), _first_line(attribute.doc)])):
        # a quotation mark at its end would end the text too soon
        yield f'    """{facts} """' if facts.endswith('"') else f'    """{facts}"""'


def _limits(attribute: Attribute) -> str:
    limits = f"{attribute.limits()} {attribute.unit}".strip()
    return f"({limits})" if limits else ""


def types_of(attribute: Attribute, open_ended: bool = False, every_board: bool = False) -> tuple[str, str]:
    """What an attribute returns and what it takes, as annotations.

    `open_ended`: the options differ from board to board. `every_board`: signals of the lockbox do.
    """
    if attribute.kind == "select":
        return _select(attribute.options or [], open_ended, every_board)
    if attribute.kind == "complex" and isinstance(attribute.default, list):
        return ANYTHING
    return NUMBERS.get(attribute.kind, ANYTHING)


def _select(options: list[object], open_ended: bool, every_board: bool) -> tuple[str, str]:
    if options and all(type(one) in (int, float) for one in options):
        number = "int" if all(type(one) is int for one in options) else "float"
        return number, number
    if not options or not all(type(one) is str for one in options):
        return ANYTHING
    if open_ended:
        return "str", "str"
    fixed = [one for one in options if not (every_board and str(one).startswith("lockbox."))]
    choice = f"Literal[{', '.join(f'{one!r}' for one in fixed)}]".replace("'", '"')
    if len(fixed) == len(options) and not any(str(one).startswith("lockbox.") for one in options):
        return choice, choice
    # signals: a module stands for its own, and other boards have other ones
    return "str" if every_board else choice, f"{choice} | RemoteModule"


def _parameters(method: Method, kind: ModuleType, open_ended: bool, every_board: bool) -> str:
    if method.sets_up:
        settable = [a.name for a in kind.attributes.values() if not a.readonly and a.kind != "data"]
        names = [name for name in dict.fromkeys([*kind.setup_attributes, *settable]) if _usable(name)]
        declared = [kind.attributes.get(name, Attribute(name)) for name in names]
        keywords = [f"{a.name}: {types_of(a, open_ended, every_board)[1]} = ..." for a in declared]
        more = ["**more: Any"] if open_ended else []
        return ", ".join(["self", *(["*"] if keywords else []), *keywords, *more])
    parts = ["self"]
    marked = False
    for parameter in method.parameters:
        if parameter.kind == "KEYWORD_ONLY" and not marked:
            parts.append("*")
        marked = marked or parameter.kind in ("KEYWORD_ONLY", "VAR_POSITIONAL")
        stars = {"VAR_POSITIONAL": "*", "VAR_KEYWORD": "**"}.get(parameter.kind, "")
        default = " = ..." if parameter.has_default else ""
        parts.append(f"{stars}{parameter.name}: Any{default}")
    return ", ".join(parts)


def _returns(method: Method) -> str:
    if method.name.endswith("_async"):
        return "RemoteFuture"
    return "None" if method.sets_up else "Any"


def description_of(board: RemotePyrpl) -> Description:
    """What the daemon says of all modules of a board."""
    return board._handle.session.description  # noqa: SLF001 - a proxy's own names have an underscore


def main(board: str) -> None:
    """Write the stubs that are shipped from the board of this name, which has PyRPL's default lockbox."""
    from .connect import connect

    with connect(board) as p:
        SHIPPED.write_text(stubs_of(description_of(p)), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
