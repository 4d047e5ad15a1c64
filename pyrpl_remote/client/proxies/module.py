"""`RemoteModule`, the proxy of one module of a board, and `RemoteList` and `RemoteDict` for lists and dicts.

These are base classes. classes.py derives a class from them for each module type of the schema, with the
type's attributes, methods and submodules as members, so that completion, help() and ? need no request to the
daemon.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from ...errors import NotRemote, PyrplRemoteError, UnknownAttribute
from ...schema import ModuleType
from ...setup_names import did_you_mean, refusal
from ..doors import door
from ..sessions.events import Change, CurveFrame
from ..sessions.handle import Handle
from ..sessions.subscription import Subscription
from ..staying import Staying
from .ipython import table_html
from .overview import overview_html

Self = TypeVar("Self", bound="RemoteModule")  # typing.Self came with Python 3.11


class RemoteModule(Staying):
    """A module of a board that a daemon serves. Attributes and methods are those of PyRPL.

    Each access may raise a SessionError where the daemon or its board is away, AccessDenied where the role of
    this client does not allow it, and RemoteError for what PyRPL refuses.
    """

    __slots__ = ("__weakref__", "_handle", "_path")

    # our own attributes start with an underscore: any other name may be one of PyRPL's
    _handle: Handle
    _path: str
    _kind: ClassVar[ModuleType]
    # members of this class that the schema's members of the same name do not replace
    _own: ClassVar[tuple[str, ...]] = ()

    def __init__(self, handle: Handle, path: str):
        object.__setattr__(self, "_handle", handle)
        object.__setattr__(self, "_path", path)
        handle.session.add_proxy(self)

    def __dir__(self) -> list[str]:
        # object's own would list PyRPL's class, which `__class__` is where that is imported (see classes.py)
        return dir(type(self))

    def description(self) -> ModuleType:
        """What PyRPL declares about this module, as a schema.ModuleType.

        It has the attributes with types, limits, options and units, the methods with parameters, and the
        names of the submodules.
        """
        return self._kind

    @door
    def options_of(self, name: str) -> list[Any]:
        """The values that the attribute `name` accepts now (select and filter attributes), as it takes them.

        Raises UnknownAttribute.
        """
        if name not in self._kind.attributes:
            raise self._unknown(name)
        options: list[Any] = self._handle.ask("options", self._path, name)
        return options

    @door
    def snapshot(self, *names: str) -> dict[str, Any]:
        """The values of the attributes `names`, by name, in one round trip.

        They are in PyRPL's units, as `description().attributes[name].unit` says. Without names: all
        attributes that PyRPL saves. Raises UnknownAttribute before anything is sent.
        """
        kind = self._kind
        chosen = list(names) or [name for name in kind.setup_attributes if name not in kind.submodules]
        self._require(chosen)
        return self._handle.get_many(self._path, chosen)

    @door
    def update(self, **values: Any) -> None:
        """Set several attributes in one round trip, in the order given: `values` by name, in PyRPL's units.

        PyRPL calls `setup` only for those attributes for which it always does. Raises UnknownAttribute before
        anything is sent. If PyRPL refuses a value, its error is raised; the values before it remain set.
        """
        self._require(values)
        self._handle.set_many(self._path, values)

    @door
    def on_change(self, callback: Callable[[Change], object]) -> Subscription:
        """Call `callback(change)` each time anyone sets an attribute of this module or of a module inside it.

        `change` is a Change with module (path), name, value, who ("PyRPL" if no client did it), time and
        lost. Changes come in the order in which PyRPL makes them. It reports the attributes that PyRPL
        declares, `owner` and `running_state`, even if the new value equals the old one. It does not report
        values that PyRPL measures or computes, such as a voltage or data_avg. When a client has added,
        removed or replaced modules, the board itself (module "") reports its attribute `modules`.

        Callbacks run one after the other in a thread of this session. They may use proxies and close
        subscriptions. An exception in a callback is logged (logger pyrpl_remote) and the subscription
        continues. The subscription ends by its close(), or by the board's close(). If the daemon dies, it
        goes on with the next one, whose start counts as one change in `lost`.
        """
        return self._handle.subscribe("change", self._path, callback)

    @door
    def on_curve(self, callback: Callable[[CurveFrame], object]) -> Subscription:
        """Call `callback(frame)` for each curve of a running acquisition of this module.

        `frame` is a CurveFrame with x, y, number and skipped. Any client may have started the acquisition;
        this call starts none. A callback that is slower than the acquisition gets the newest curve each time.
        A sweep of the network analyser is delivered while it runs, with 0 for points that are not measured
        yet. Callbacks are called as those of on_change.

        Raises UnknownAttribute for a module that acquires no curves.
        """
        return self._handle.subscribe("curve", self._path, callback)

    @door
    def _get_other(self, name: str) -> Any:
        # called if the class has no such member, or if the member's property itself raised an AttributeError
        if name in self._kind.attributes or self._is_private(name):
            return self._handle.get(self._path, name)
        if not name.startswith("_"):
            self._follow_daemon()
            if self._has(name) or name in self._kind.methods:
                return getattr(self, name)
        raise self._unknown(name)

    def _set_other(self, name: str, value: Any) -> None:
        try:
            if self._is_private(name):
                self._handle.set(self._path, name, value)
                return
            if not self._has(name) and not name.startswith("_"):
                self._follow_daemon()
            if not self._has(name):
                raise self._unknown(name)
            object.__setattr__(self, name, value)
        except PyrplRemoteError as error:
            raise error.with_traceback(None) from None

    if not TYPE_CHECKING:  # a type checker is to find names that no module has (see board_types.pyi)
        __getattr__ = _get_other
        __setattr__ = _set_other

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{self!r}: attributes of a board cannot be deleted")

    def _has(self, name: str) -> bool:
        return name in self._kind.attributes or name in self._kind.submodules

    def _is_private(self, name: str) -> bool:
        """Whether `name` is one of PyRPL's names with an underscore, and the session may use those."""
        ours = name.startswith(("__", "_ipython", "_repr")) or name in ("_handle", "_path")
        ours = ours or name in self._kind.local_only
        return name.startswith("_") and not ours and self._handle.private

    def _follow_daemon(self) -> None:
        """Ask the daemon for a sign of life, whose reply says if modules were replaced.

        Another client, or PyRPL's window, may just have changed this one: the session then gives this proxy
        its new class.
        """
        self._handle.session.follow()

    def _require(self, names: Iterable[str]) -> None:
        for name in names:
            if name not in self._kind.attributes:
                raise self._unknown(name)

    def _unknown(self, name: str) -> AttributeError:
        """The error for a name that this module does not have, or that exists in the daemon only."""
        where = f"board {self._handle.board!r}: {self._path or 'the board'}"
        if name in self._kind.local_only:
            return NotRemote(
                f"{where} has {name!r} in the daemon's process only", self._kind.local_only[name]
            )
        if name.startswith("_"):
            return AttributeError(
                f"{self!r} has no {name!r}; names with an underscore need connect(..., private=True)"
            )
        known = [*self._kind.attributes, *self._kind.methods, *self._kind.submodules]
        return UnknownAttribute(
            f"{where} ({self._kind.name}) has no {name!r}; nothing was sent",
            self._kind.former_names.get(name)
            or did_you_mean(name, known, "dir() lists the names that it has"),
        )

    def _require_setup_names(self, names: Iterable[str]) -> None:
        """Raise UnknownAttribute for the first of `names` that this module does not have.

        Names with an underscore are left to the daemon: the schema does not have them.
        """
        kind = self._kind
        for name in names:
            if not self._has(name) and not name.startswith("_"):
                where = f"board {self._handle.board!r}: {self._path} ({kind.name})"
                raise refusal(name, where, kind.setup_attributes, kind.former_names)

    def _on_the_wire(self) -> str:
        return self._path

    def _board_of(self) -> tuple[str, str]:
        return self._handle.board, self._handle.identity

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RemoteModule):
            return NotImplemented
        return (self._path, self._handle.identity) == (other._path, other._handle.identity)

    def __hash__(self) -> int:
        return hash((self._path, self._handle.identity))

    def __enter__(self: Self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # as in PyRPL, `with p.pids.pop("me") as pid` frees the module at the end of the block
        self._set_other("owner", None)

    def __repr__(self) -> str:
        return f"<{self._kind.name} {self._path} of board {self._handle.board!r}, {self._handle.state}>"

    def _repr_html_(self) -> str:
        # called by notebooks for display; without a daemon there are no values
        if not self._kind.setup_attributes and self._kind.submodules:
            return overview_html(self)
        values = self.snapshot() if self._handle.state == "connected" else {}
        return table_html(repr(self), self._kind, values)


class RemoteDict(RemoteModule):
    """A dict of modules. As in PyRPL, iterating yields the modules, not their names."""

    __slots__ = ()

    def __iter__(self) -> Iterator[Any]:
        return iter(self._get_other("values")())


class RemoteList(RemoteModule):
    """A list of modules. The proxy of an element refers to the same element when its index changes."""

    __slots__ = ()
    _own = ("__getitem__",)

    if TYPE_CHECKING:  # from the schema

        def __len__(self) -> int: ...
        def __iter__(self) -> Iterator[Any]: ...

    @door
    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        return self._handle.call(self._path, "__getitem__", (index,), {})

    def __add__(self, other: list[Any]) -> list[Any]:
        return [*self, *other]

    def __radd__(self, other: list[Any]) -> list[Any]:
        return [*other, *self]

    def __eq__(self, other: object) -> bool:
        return list(self) == other if isinstance(other, list) else super().__eq__(other)

    __hash__ = RemoteModule.__hash__
