"""A handle: one `connect()`'s use of a session. All proxies of that `connect()` send requests through it."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from ...errors import NotTransferable, SessionClosed
from ...wire import decode, encode
from .future import RemoteFuture
from .pyrpl_wait import pyrpl_wait
from .session import Session
from .subscription import Subscription

HandleDecoders = Mapping[str, Callable[["Handle", Any], Any]]
"""For each tag (see wire.py) a function of the receiving handle and the content; it returns the object."""


class Handle:
    """One user of a session, which ends when all its handles are released or dropped."""

    def __init__(self, session: Session, decoders: HandleDecoders):
        """`decoders` make proxies and other objects for what exists only in the daemon."""
        self._session = session
        self._decoders = decoders
        self.board_proxy: Callable[[], Any] = lambda: None
        """Returns the board's proxy while it lives. Weak: the proxy holds this handle."""
        self.slots: dict[tuple[str, str], list[tuple[Callable[..., object], int]]] = {}
        """The functions connected to each signal, by (path, name), with their subscriptions' numbers."""
        # identifies this handle without keeping it alive
        self._token = object()
        session.share()
        self._finalizer = weakref.finalize(self, session.release, self._token)
        # the system closes the connections: daemonic threads that still run would see a closed session
        self._finalizer.atexit = False

    @property
    def session(self) -> Session:
        """The session. Raises SessionClosed after the release."""
        if not self._finalizer.alive:
            raise SessionClosed(
                f"a proxy of board {self.board!r} was used after close()", "call connect() again"
            )
        return self._session

    @property
    def board(self) -> str:
        """The board's name."""
        return self._session.board

    @property
    def private(self) -> bool:
        """Whether names that start with an underscore are allowed."""
        return self._session.private

    @property
    def identity(self) -> str:
        """The board's identity (see names/directory.py)."""
        return self._session.identity

    @property
    def released(self) -> bool:
        """Whether `release` was called."""
        return not self._finalizer.alive

    @property
    def state(self) -> str:
        """Either "connected", "gone" (the daemon did not answer the last request) or "closed"."""
        if self.released:
            return "closed"
        return "gone" if self._session.connections.gone else "connected"

    def release(self) -> None:
        """Stop using the session, and end this handle's subscriptions. A second call does nothing.

        It waits for no daemon, which may be frozen.
        """
        self._finalizer()

    def get(self, path: str, name: str) -> Any:
        """Read an attribute.

        For a method whose name has an underscore it returns a function that calls it.
        """
        return self._decode(*self.session.connections.exchange("get", (path, name), []))

    def set(self, path: str, name: str, value: Any) -> None:
        """Write an attribute."""
        self.ask("set", path, name, value)

    def get_many(self, path: str, names: list[str]) -> dict[str, Any]:
        """Read several attributes in one round trip."""
        values = self._decode(*self.session.connections.exchange("get_many", (path, names), []))
        return dict(zip(names, values))

    def set_many(self, path: str, values: dict[str, Any]) -> None:
        """Write several attributes in one round trip, in their order."""
        self.ask("set_many", path, values)

    def ask(self, verb: str, *args: Any) -> Any:
        """Send a verb of protocol.py with the values `args`; returns the value in the reply."""
        connections = self.session.connections
        arrays = connections.new_arrays()
        reference = self._reference
        plain = tuple(encode(value, reference, arrays) for value in args)
        return self._decode(*connections.exchange(verb, plain, arrays or []))

    def call(self, path: str, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call a method, and wait for its result."""
        connections = self.session.connections
        arrays = connections.new_arrays()
        reference = self._reference
        plain = encode(list(args), reference, arrays), encode(kwargs, reference, arrays)
        return self._decode(*connections.call(path, name, *plain, arrays or []))

    def wait_for(self, path: str, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """As `call`, for a method that runs PyRPL's event loop meanwhile: this program's coroutines go on."""
        wait = pyrpl_wait()
        if wait is None:
            return self.call(path, name, args, kwargs)
        future = self.begin(path, name, args, kwargs)
        try:
            return wait(future)
        except KeyboardInterrupt:
            future.cancel()
            raise

    def begin(self, path: str, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> RemoteFuture:
        """Begin to call a method; returns the future of its result."""
        connections = self.session.connections
        arrays = connections.new_arrays()
        reference = self._reference
        plain = encode(list(args), reference, arrays), encode(kwargs, reference, arrays)

        def send(number: int) -> None:
            connections.exchange("begin", (path, name, *plain, number), arrays or [])

        return self.session.stream.begin(self._decode, send, f"{path}.{name}()")

    def subscribe(
        self, kind: str, path: str, callback: Callable[[Any], object], name: str = ""
    ) -> Subscription:
        """Call `callback` for each event of a module, until the subscription or this handle is closed.

        `name` is that of a signal, if `kind` is "signal".
        """
        if not callable(callback):
            raise TypeError(f"the callback of a subscription must be callable, not {callback!r}")
        subscriptions = self.session.stream.subscriptions
        number = subscriptions.make(self._token, kind, path, callback, weakref.WeakMethod(self._decode), name)
        return Subscription(self, subscriptions, number)

    def _decode(self, plain: Any, beside: Sequence[memoryview | bytes] = ()) -> Any:
        if type(plain) is list:
            return [self._decode(item, beside) if type(item) in (list, dict) else item for item in plain]
        if type(plain) is not dict:
            return plain
        # made for each reply: kept, they would be a reference cycle, and a dropped handle would not be freed
        decoders = {tag: partial(decoder, self) for tag, decoder in self._decoders.items()}
        return decode(plain, decoders, beside)

    def _reference(self, value: Any) -> str | dict[str, Any] | None:
        """The path or tagged dict that is sent in place of a proxy or a saved curve, None for other values.

        Raises NotTransferable for those of another board.
        """
        stands_for = getattr(type(value), "_on_the_wire", None)
        if stands_for is None:
            return None
        board, identity = value._board_of()  # noqa: SLF001 - a proxy's own names have an underscore
        if identity != self.identity:
            raise NotTransferable(
                f"{value!r} belongs to board {board!r}, not to board {self.board!r}; nothing was sent",
                f"use what board {self.board!r} has itself",
            )
        plain: str | dict[str, Any] = stands_for(value)
        return plain
