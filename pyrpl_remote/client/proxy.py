"""What the user holds: `RemotePyrpl` for the board, a `RemoteModule` for each of its modules.

Their classes are made from the schema: attributes become properties, methods functions with PyRPL's signatures and
documentation, so completion, help() and ? work without asking the daemon.
"""

from __future__ import annotations

import difflib
import inspect
import weakref
from typing import Any

import numpy as np

from .. import directory
from ..errors import NotRemote, UnknownAttribute
from ..schema import Attribute, Method, ModuleType
from . import curves
from .ipython import allow_completion
from .lists import AttributeList
from .session import Handle, Session


class RemoteModule:
    """A module of a board that a daemon serves. Attributes and methods are those of PyRPL."""

    __slots__ = ("_handle", "_path", "__weakref__")

    _is_module_proxy = True
    _own: tuple[str, ...] = ()  # what the class answers itself, whatever PyRPL has of that name
    _kind: ModuleType

    def __init__(self, handle: Handle, path: str):
        object.__setattr__(self, "_handle", handle)
        object.__setattr__(self, "_path", path)
        handle.session.holds(self)

    def description(self) -> ModuleType:
        """What PyRPL declares of this module: attributes with types, limits, options and units; methods; submodules."""
        return self._kind

    def options_of(self, name: str) -> list:
        """The values that the attribute `name` takes now (select and filter attributes)."""
        if name not in self._kind.attributes:
            raise self._unknown(name)
        return self._handle.options(self._path, name)

    def _follow(self) -> None:
        # PyRPL replaces a lockbox by one of another class; its proxies become proxies of the new one
        session = self._handle.session
        if self._path in session.description.modules:
            object.__setattr__(self, "__class__", class_of(session, self._path))

    def _replaced(self) -> bool:
        # another client, or PyRPL's window, may just have changed what this module is
        before = type(self)
        self._handle.session.lives()
        return type(self) is not before

    def _has(self, name: str) -> bool:
        return name in self._kind.attributes or name in self._kind.submodules

    def __getattr__(self, name: str) -> Any:
        # only for what the class has not, or where the property itself raised an AttributeError
        if name in self._kind.attributes:
            return self._handle.get(self._path, name)
        if not name.startswith("_") and self._replaced():
            return getattr(self, name)
        raise self._unknown(name)

    def __setattr__(self, name: str, value: Any) -> None:
        if not self._has(name) and (name.startswith("_") or not self._replaced() or not self._has(name)):
            raise self._unknown(name)
        object.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{self!r}: attributes of a board cannot be deleted")

    def _unknown(self, name: str) -> AttributeError:
        if name in self._kind.local_only:
            where = f"board {self._handle.board!r}: {self._path or 'the board'}"
            return NotRemote(f"{where} has {name!r} in the daemon's process only", self._kind.local_only[name])
        if name.startswith("_"):
            return AttributeError(f"{self!r} has no {name!r}; names with an underscore stay with the daemon")
        known = [*self._kind.attributes, *self._kind.methods, *self._kind.submodules]
        close = difflib.get_close_matches(name, known, n=3)
        return UnknownAttribute(
            f"board {self._handle.board!r}: {self._path or 'the board'} ({self._kind.name}) has no {name!r}; nothing was sent",
            f"did you mean {' or '.join(map(repr, close))}?" if close else "dir() lists what there is",
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RemoteModule):
            return NotImplemented
        return (self._path, self._handle.uri) == (other._path, other._handle.uri)

    def __hash__(self) -> int:
        return hash((self._path, self._handle.uri))

    def __enter__(self):
        return self

    def __exit__(self, *_) -> None:
        # as PyRPL's modules: `with p.pids.pop("me") as pid` frees the module
        self.owner = None

    def __repr__(self) -> str:
        state = "closed" if self._handle.released else "connected"
        return f"<{self._kind.name} {self._path} of board {self._handle.board!r}, {state}>"


class RemoteDict(RemoteModule):
    """A dict of modules, as PyRPL has it: iterating gives the modules, not their names."""

    __slots__ = ()

    def __iter__(self):
        return iter(self.values())


class RemoteList(RemoteModule):
    """A list of modules. An element's proxy means that element, whatever its number becomes."""

    __slots__ = ()
    _own = ("__getitem__",)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        return self._handle.call(self._path, "__getitem__", (index,), {})

    def __add__(self, other: list) -> list:
        return [*self, *other]

    def __radd__(self, other: list) -> list:
        return [*other, *self]

    def __eq__(self, other: object) -> bool:
        return list(self) == other if isinstance(other, list) else super().__eq__(other)

    __hash__ = RemoteModule.__hash__


class RemotePyrpl(RemoteModule):
    """A board that a daemon serves, with the attributes of PyRPL's `Pyrpl`. Made by `connect`."""

    __slots__ = ("_modules",)
    _own = ("close", "status", "name_server", "curves", "load_curve", "create_curve")

    def __init__(self, handle: Handle, path: str = ""):
        super().__init__(handle, path)
        # one module is one object, as in PyRPL, for as long as the board's proxy lives
        object.__setattr__(self, "_modules", {})
        handle.board_proxy = weakref.ref(self)

    @property
    def name_server(self) -> str:
        """The Pyro URI of the name server that lists this board and its modules."""
        return directory.uri()

    def status(self) -> dict:
        """The board, its daemon and its clients.

        Keys: board, state, hostname, daemon (pid, started in s since the epoch, uptime in s, version, grace in s, log), clients (a list
        with program, user, host, pid, since in s since the epoch, modules).
        """
        return self._handle.session.status()

    def curves(self) -> dict[int, str]:
        """The names of the curves that PyRPL saved where the daemon runs, by their number, the newest first."""
        return curves.names(self._handle)

    def load_curve(self, pk: int) -> curves.Curve:
        """A saved curve. Raises FileNotFoundError if there is none of this number."""
        return curves.load(self._handle, pk)

    def create_curve(self, x: Any, y: Any, **params: Any) -> curves.Curve:
        """Save a curve of one's own as PyRPL's CurveDB.create does: `x`, `y` 1-d of one length, `params` with a `name`."""
        return self._handle.store("save_curve", None, params, [np.asarray(x), np.asarray(y)])

    def close(self) -> None:
        """Release the board: all proxies of this handle. The daemon goes on while any other handle holds it."""
        self._handle.release()

    def __enter__(self):
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def __repr__(self) -> str:
        state = "closed" if self._handle.released else "connected"
        return f"<Pyrpl of board {self._handle.board!r}, {state}>"


def module_proxy(handle: Handle, path: str) -> RemoteModule:
    """The proxy of the module at `path`; "" is the board itself."""
    board = handle.board_proxy()
    if board is None:
        return _make_proxy(handle, path)
    if not path:
        return board
    if path not in board._modules:
        board._modules[path] = _make_proxy(handle, path)
    return board._modules[path]


def _make_proxy(handle: Handle, path: str) -> RemoteModule:
    return class_of(handle.session, path)(handle, path)


BASES = {"list": RemoteList, "dict": RemoteDict, "": RemoteModule}
"""By ModuleType.container."""


def class_of(session: Session, path: str) -> type[RemoteModule]:
    """The class of the proxy of the module at `path`, made when first needed."""
    kind = session.type_of(path)
    key = session.description.modules[path]
    if key not in session.classes or session.classes[key]._kind != kind:
        session.classes[key] = make_class(kind, BASES[kind.container] if path else RemotePyrpl)
    return session.classes[key]


def make_class(kind: ModuleType, base: type[RemoteModule]) -> type[RemoteModule]:
    """The class of all proxies of modules of one type."""
    members: dict[str, Any] = {"__slots__": (), "__doc__": kind.doc or base.__doc__, "_kind": kind}
    for attribute in kind.attributes.values():
        members[attribute.name] = _property(attribute)
    for method in kind.methods.values():
        members[method.name] = _function(method)
    for name in kind.submodules:
        members[name] = Submodule(name)
    for name in base._own:
        members.pop(name, None)
    cls = type(kind.name, (base,), members)
    allow_completion(cls)
    return cls


def _property(attribute: Attribute) -> property:
    name = attribute.name

    def fget(self):
        value = self._handle.get(self._path, name)
        return AttributeList(self._handle, self._path, name, value) if attribute.kind == "list" else value

    def fset(self, value):
        self._handle.set(self._path, name, value)

    return property(fget, None if attribute.readonly else fset, doc=documentation(attribute))


class Submodule:
    """The descriptor of a module in a module.

    Not a property: IPython's ? shows of a property its own text, of this the module's.
    """

    def __init__(self, name: str):
        self.name = name

    def __get__(self, module: RemoteModule | None, owner: type | None = None):
        if module is None:
            return self
        return module_proxy(module._handle, f"{module._path}.{self.name}" if module._path else self.name)

    def __set__(self, module: RemoteModule, value: Any) -> None:
        # as in PyRPL: assigning a dict sets up the module
        module._handle.set(module._path, self.name, value)


def _function(method: Method):
    name = method.name

    def function(self, *args, **kwargs):
        return self._handle.call(self._path, name, args, kwargs)

    function.__name__ = function.__qualname__ = name
    # a text whose first line is indented further than the others would be dedented once more
    function.__doc__ = method.doc if inspect.cleandoc(method.doc) == method.doc else f"\n{method.doc}"
    own = inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY)
    function.__signature__ = inspect.Signature([own, *method.signature().parameters.values()])
    return function


def documentation(attribute: Attribute) -> str:
    """PyRPL's documentation of an attribute, with its type, limits and options."""
    facts = [attribute.kind]
    if attribute.minimum is not None or attribute.maximum is not None:
        facts.append(f"{_limit(attribute.minimum, '-inf')} to {_limit(attribute.maximum, 'inf')} {attribute.unit}".strip())
    elif attribute.unit:
        facts.append(f"in {attribute.unit}")
    if attribute.readonly:
        facts.append("read-only")
    if attribute.options:
        facts.append("one of " + ", ".join(map(repr, attribute.options)))
    return f"{attribute.doc}\n\n({'; '.join(facts)})".strip()


def _limit(value, missing: str) -> str:
    return missing if value is None else f"{value:g}"
