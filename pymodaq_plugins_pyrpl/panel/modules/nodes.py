"""The rows of the tree: modules, their attributes, and the stages of filters."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pyrpl_remote.schema import Attribute, ModuleType

UNREAD: Any = object()
"""The value of an attribute that was not read yet."""

ANNOUNCED = ("running_state",)
"""Attributes for which PyRPL declares no type, but whose changes it announces (see `on_change`)."""


@dataclass(eq=False)
class Node(ABC):
    """A row; `parent` is None for the board itself, which is not shown."""

    parent: Node | None
    children: list[Any] = field(default_factory=list, init=False)

    @property
    def row(self) -> int:
        """Its index among its parent's children."""
        return self.parent.children.index(self) if self.parent is not None else 0

    @property
    @abstractmethod
    def module(self) -> ModuleNode:
        """The module that it belongs to, or is."""

    @property
    @abstractmethod
    def words(self) -> str:
        """The text that a search looks in."""


@dataclass(eq=False)
class ModuleNode(Node):
    """A module.

    `path` is as a user types it, with present indices; `proxy` is only used in the board's worker thread.
    `read`: the values of its attributes were read, or are being read.
    """

    parent: ModuleNode | None
    path: str
    proxy: Any
    kind: ModuleType
    owner: str | None = None
    read: bool = False

    @property
    def module(self) -> ModuleNode:
        """Itself."""
        return self

    @property
    def name(self) -> str:
        """Its name in the module above it."""
        above = self.parent.path if self.parent is not None else ""
        return self.path.removeprefix(above).removeprefix(".")

    @property
    def words(self) -> str:
        """Its path."""
        return self.path.lower()

    @property
    def locked(self) -> str:
        """Why its attributes cannot be edited; "" if they can."""
        return f"{self.path} is in use by {self.owner}, which sets its values" if self.owner else ""

    @property
    def attributes(self) -> list[AttributeNode]:
        """Those of its attributes that are shown."""
        return [child for child in self.children if isinstance(child, AttributeNode)]

    def walk(self) -> Iterator[ModuleNode]:
        """It and all modules inside it."""
        yield self
        for child in self.children:
            if isinstance(child, ModuleNode):
                yield from child.walk()


@dataclass(eq=False)
class AttributeNode(Node):
    """An attribute of a module.

    `refusal`: why the last edit was refused; `unreadable`: why it cannot be read; `remark`: what PyRPL
    warned of at the last edit. `who` has changed it last, at `time`. `writing`: so many edits are on their
    way. `options`: those that it takes now, once they were asked for.
    """

    parent: ModuleNode
    attribute: Attribute
    value: Any = UNREAD
    refusal: str = ""
    unreadable: str = ""
    remark: str = ""
    who: str = ""
    time: float = 0.0
    writing: int = 0
    options: list[Any] | None = None

    @property
    def module(self) -> ModuleNode:
        """The module."""
        return self.parent

    @property
    def name(self) -> str:
        """PyRPL's name for it."""
        return self.attribute.name

    @property
    def path(self) -> str:
        """The module's path and the name."""
        return f"{self.parent.path}.{self.name}"

    @property
    def words(self) -> str:
        """The path."""
        return self.path.lower()

    @property
    def offered(self) -> list[Any] | None:
        """The options that it takes now, as far as is known."""
        return self.options if self.options is not None else self.attribute.options

    @property
    def bad(self) -> str:
        """What went wrong: why the last edit was refused, or why it cannot be read."""
        return self.refusal or self.unreadable

    @property
    def locked(self) -> str:
        """Why it cannot be edited; "" if it can."""
        if self.unreadable:
            return "PyRPL cannot read it"
        if self.attribute.readonly or self.attribute.kind == "data":
            return "PyRPL does not let it be set"
        return self.parent.locked


@dataclass(eq=False)
class StageNode(Node):
    """One stage of a filter, the `number`-th from 0."""

    parent: AttributeNode
    number: int

    @property
    def module(self) -> ModuleNode:
        """The module."""
        return self.parent.parent

    @property
    def value(self) -> Any:
        """The frequency of this stage."""
        return self.parent.value[self.number]

    @property
    def words(self) -> str:
        """That of the whole filter."""
        return self.parent.words


def attribute_of(node: Any) -> AttributeNode:
    """The attribute that an edit of the row `node` concerns."""
    attribute: AttributeNode = node.parent if isinstance(node, StageNode) else node
    return attribute


def shown_attributes(kind: ModuleType) -> list[Attribute]:
    """The attributes that the tree shows: those that PyRPL saves, in its order, then the others.

    Those for which PyRPL declares no type are left out: reading some of them takes an iq from its owner, or
    computes for seconds.
    """
    known = kind.attributes
    saved = [known[name] for name in kind.setup_attributes if name in known]
    others = [known[name] for name in sorted(known.keys() - set(kind.setup_attributes))]
    return [
        one
        for one in (*saved, *others)
        if one.name in ANNOUNCED or (one.kind not in ("data", "module") and one.name not in kind.submodules)
    ]
