"""What the user holds: `RemotePyrpl` for the board, a `RemoteModule` for each of its modules.

Their classes are made from the schema: attributes become properties, methods functions with PyRPL's signatures and
documentation, so completion, help() and ? work without asking the daemon.
"""

from __future__ import annotations

import difflib
import weakref
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from ...errors import NotRemote, UnknownAttribute
from ...names import directory
from ...schema import ModuleType
from ..events import Change, CurveFrame, Subscription
from ..handle import Handle
from ..session import Session
from . import curves
from .ipython import allow_completion, table_html
from .members import function_of, property_of


class RemoteModule:
    """A module of a board that a daemon serves. Attributes and methods are those of PyRPL."""

    __slots__ = ("__weakref__", "_handle", "_path")

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
        return self._handle.ask("options", self._path, name)

    def snapshot(self, *names: str) -> dict[str, Any]:
        """The values of the attributes `names` in one round trip; of those that PyRPL saves, if none is named.

        Raises UnknownAttribute before anything is sent.
        """
        submodules = set(self._kind.submodules)
        chosen = list(names) or [name for name in self._kind.setup_attributes if name not in submodules]
        self._require(chosen)
        return self._handle.get_many(self._path, chosen)

    def update(self, **values: Any) -> None:
        """Set several attributes in one round trip, in the order given; `setup` is not called, unless PyRPL does.

        Raises UnknownAttribute before anything is sent. Where PyRPL refuses a value, those before it are set.
        """
        self._require(values)
        self._handle.set_many(self._path, values)

    def _require(self, names: Iterable[str]) -> None:
        for name in names:
            if name not in self._kind.attributes:
                raise self._unknown(name)

    def on_change(self, callback: Callable[[Change], object]) -> Subscription:
        """Call `callback(change)` for each attribute that is set, here or in a module inside this one, whoever sets it.

        `change` has module (path), name, value, who ("PyRPL" where no client did it), time and lost: see Change. What PyRPL
        announces is reported, in its order: whatever it declares, owner and running_state; not what it only
        measures or computes (a voltage, data_avg). Setting an attribute to the value that it has is reported too.

        Callbacks run one after the other in a thread of this session; they may use proxies, and close
        subscriptions. One that raises is logged (logger pyrpl_remote). The subscription ends with its close(), with
        the board's close(), and with the daemon, which is logged.
        """
        return self._handle.subscribe("change", self._path, callback)

    def on_curve(self, callback: Callable[[CurveFrame], object]) -> Subscription:
        """Call `callback(frame)` for each curve of a running acquisition of this module, whoever started it.

        `frame` has x, y, number and skipped: see CurveFrame. It starts no acquisition. A callback that is
        slower than the acquisition gets the newest curve each time. A sweep of the network analyzer is shown
        while it goes on, with 0 where it has yet to measure. Callbacks run as those of on_change.

        Raises UnknownAttribute for a module that acquires no curves.
        """
        return self._handle.subscribe("curve", self._path, callback)

    def _follow(self, session: Session) -> None:
        # PyRPL replaces a lockbox by one of another class; its proxies become proxies of the new one
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
        if name in self._kind.attributes or self._reaches(name):
            return self._handle.get(self._path, name)
        if not name.startswith("_") and self._replaced():
            return getattr(self, name)
        raise self._unknown(name)

    def _reaches(self, name: str) -> bool:
        """Whether `name` has an underscore and this handle may use it."""
        ours = name.startswith(("__", "_ipython", "_repr")) or name in self._kind.local_only
        return name.startswith("_") and not ours and self._handle.private

    def __setattr__(self, name: str, value: Any) -> None:
        if self._reaches(name):
            self._handle.set(self._path, name, value)
            return
        if not self._has(name) and (name.startswith("_") or not self._replaced() or not self._has(name)):
            raise self._unknown(name)
        object.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{self!r}: attributes of a board cannot be deleted")

    def _unknown(self, name: str) -> AttributeError:
        if name in self._kind.local_only:
            where = f"board {self._handle.board!r}: {self._path or 'the board'}"
            return NotRemote(
                f"{where} has {name!r} in the daemon's process only", self._kind.local_only[name]
            )
        if name.startswith("_"):
            return AttributeError(
                f"{self!r} has no {name!r}; names with an underscore need connect(..., private=True)"
            )
        known = [*self._kind.attributes, *self._kind.methods, *self._kind.submodules]
        close = difflib.get_close_matches(name, known, n=3)
        return UnknownAttribute(
            f"board {self._handle.board!r}: {self._path or 'the board'} ({self._kind.name}) has no {name!r}; nothing was sent",
            f"did you mean {' or '.join(map(repr, close))}?" if close else "dir() lists what there is",
        )

    def _on_the_wire(self) -> str:
        return self._path

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RemoteModule):
            return NotImplemented
        return (self._path, self._handle.identity) == (other._path, other._handle.identity)

    def __hash__(self) -> int:
        return hash((self._path, self._handle.identity))

    def __enter__(self):
        return self

    def __exit__(self, *_) -> None:
        # as PyRPL's modules: `with p.pids.pop("me") as pid` frees the module
        self.owner = None

    def __repr__(self) -> str:
        return f"<{self._kind.name} {self._path} of board {self._handle.board!r}, {self._handle.state}>"

    def _repr_html_(self) -> str:
        # notebooks ask for it; a board that is gone has no values to show
        values = self.snapshot() if self._handle.state == "connected" else {}
        return table_html(repr(self), self._kind, values)


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
        return self._handle.ask("save_curve", None, params, [np.asarray(x), np.asarray(y)])

    def close(self) -> None:
        """Release the board: all proxies of this handle. The daemon goes on while any other handle holds it."""
        self._handle.release()

    def __enter__(self):
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Pyrpl of board {self._handle.board!r}, {self._handle.state}>"


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
        members[attribute.name] = property_of(attribute)
    for method in kind.methods.values():
        members[method.name] = function_of(method)
    for name in kind.submodules:
        members[name] = Submodule(name)
    for name in base._own:
        members.pop(name, None)
    cls = type(kind.name, (base,), members)
    allow_completion(cls)
    return cls


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
