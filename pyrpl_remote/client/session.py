"""A session: one process's tie to one board, shared by all its handles, proxies and threads.

It lasts from the first `connect` to the release of the last handle. A heartbeat keeps its lease, and tells
the daemon which modules the proxies hold.
"""

from __future__ import annotations

import getpass
import os
import socket
import sys
import threading
import time
import uuid
import weakref
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from .. import schema, settings
from ..errors import BoardGone, PyrplRemoteError, SessionClosed, UnknownAttribute
from ..wire import decode, encode
from .connection import Connections
from .events import Events, Subscription
from .future import RemoteFuture

Arrivals = dict[str, Callable[["Handle", Any], Any]]
"""By a value's tag (see wire.py): makes the object of it, for the handle through which it arrived."""


class Session:
    """All connections of this process to one board. Use `tie` and `release`, not the constructor."""

    def __init__(self, board: str, uri: str, private: bool):
        self.board = board
        self.uri = uri
        self.private = private
        hello = {"session": uuid.uuid4().hex, "private": private, **whoami()}
        self.connections = Connections(board, uri, hello, self.refresh)
        self.connections.open()
        self.description = schema.from_data(self.connections.ask("describe"))
        self.classes: dict[str, type] = {}
        self.events = Events(board, self.connections)
        # by identity: proxies of one module are equal to each other
        self.proxies: weakref.WeakValueDictionary[int, Any] = weakref.WeakValueDictionary()
        self.handles = 0
        self._told: list[str] | None = None
        self._ended = False
        self._refreshing = threading.RLock()
        self._wake = threading.Event()
        threading.Thread(target=self._beat, name=f"pyrpl_remote {board}", daemon=True).start()

    def status(self) -> dict:
        """The board, its daemon and its clients."""
        self._tell()
        return self.connections.ask("status")

    def lives(self) -> bool:
        """Whether the daemon still answers."""
        try:
            self.connections.ask("heartbeat")
        except BoardGone:
            return False
        return True

    def type_of(self, path: str) -> schema.ModuleType:
        """The type of the module at `path`, asked for again if the module is new."""
        if path not in self.description.modules:
            self.refresh()
        if path not in self.description.modules:
            raise UnknownAttribute(
                f"board {self.board!r} has no module {path!r}", "p.modules lists those there are"
            )
        return self.description.types[self.description.modules[path]]

    def refresh(self) -> None:
        """Ask for the description again; the proxies follow, each at its path."""
        # one at a time: the answer to an earlier question must not replace that to a later one
        with self._refreshing:
            self.description = schema.from_data(self.connections.ask("describe"))
            for proxy in list(self.proxies.values()):
                proxy._follow(self)

    def end(self) -> None:
        """Close all connections: the lease ends."""
        self._ended = True
        self._wake.set()
        self.connections.close()

    def forget(self) -> None:
        """After a fork: the session is the parent's."""
        self._ended = True
        self.events.drop()
        self.connections.forget()

    def holds(self, proxy: Any) -> None:
        """A proxy was made; the daemon hears of it soon."""
        self.proxies[id(proxy)] = proxy
        self._wake.set()

    def _beat(self) -> None:
        while not self._ended:
            self._wake.wait(settings.HEARTBEAT_SECONDS)
            self._wake.clear()
            try:
                self._tell()
            except PyrplRemoteError:
                # the next access of the user says what is wrong
                time.sleep(settings.HEARTBEAT_SECONDS if not self._ended else 0)

    def _tell(self) -> None:
        held = sorted({proxy._path for proxy in list(self.proxies.values())} - {"", "rp"})
        self.connections.ask("heartbeat", None if held == self._told else held)
        self._told = held


class Handle:
    """One `connect()`'s share of a session, through which all its proxies speak.

    The session ends when all its handles are released or forgotten.
    """

    def __init__(self, session: Session, arrivals: Arrivals):
        """`arrivals` make what arrives from the daemon and stands for something there."""
        self._session = session
        self._arrivals = arrivals
        self.board_proxy: Callable[[], Any] = lambda: None
        """Gives the board's proxy while it lives. Weak, for it holds this handle: dropping it releases the board."""
        # stands for this handle where holding it would keep it alive
        self._share = object()
        with _lock:
            session.handles += 1
        self._finalizer = weakref.finalize(self, _release, session, self._share)

    @property
    def session(self) -> Session:
        """The session. Raises SessionClosed after the release."""
        if self.released:
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
        """Whether names with an underscore are within reach."""
        return self._session.private

    @property
    def uri(self) -> str:
        """The Pyro URI of the board's object."""
        return self._session.uri

    @property
    def released(self) -> bool:
        """Whether the share was given back."""
        return not self._finalizer.alive

    @property
    def state(self) -> str:
        """ "connected", "gone" (the daemon no longer answered, when last asked) or "closed"."""
        if self.released:
            return "closed"
        return "gone" if self._session.connections.gone else "connected"

    def release(self) -> None:
        """Give the share back; a second time does nothing."""
        if not self.released:
            self._session.events.close_all(self._share)
        self._finalizer()

    def get(self, path: str, name: str) -> Any:
        """Read an attribute; a method with an underscore comes as a function."""
        plain = self.session.connections.ask("get", path, name)
        if type(plain) is dict and "!method" in plain:
            return lambda *args, **kwargs: self.call(path, name, args, kwargs)
        return self._decode(plain)

    def set(self, path: str, name: str, value: Any) -> None:
        """Write an attribute."""
        self.session.connections.ask("set", path, name, encode(value, reference))

    def call(self, path: str, name: str, args: tuple, kwargs: dict) -> Any:
        """Call a method."""
        plain = [encode(a, reference) for a in args]
        named = {key: encode(value, reference) for key, value in kwargs.items()}
        return self._decode(self.session.connections.call(path, name, plain, named))

    def begin(self, path: str, name: str, args: tuple, kwargs: dict) -> RemoteFuture:
        """Begin to call a method."""
        connections = self.session.connections
        plain = [encode(a, reference) for a in args]
        named = {key: encode(value, reference) for key, value in kwargs.items()}
        number = connections.begin(path, name, plain, named)
        return RemoteFuture(
            lambda: self._decode(connections.collect(number)),
            lambda: connections.abandon(number),
            f"{path}.{name}",
        )

    def get_many(self, path: str, names: list[str]) -> dict[str, Any]:
        """Read several attributes in one round trip."""
        values = self.session.connections.ask("get_many", path, names)
        return {name: self._decode(value) for name, value in zip(names, values)}

    def set_many(self, path: str, values: dict[str, Any]) -> None:
        """Write several attributes in one round trip, in their order."""
        plain = {name: encode(value, reference) for name, value in values.items()}
        self.session.connections.ask("set_many", path, plain)

    def options(self, path: str, name: str) -> list:
        """The values that a select or filter attribute takes now."""
        return self._decode(self.session.connections.ask("options", path, name))

    def subscribe(self, kind: str, path: str, callback: Callable[[Any], object]) -> Subscription:
        """Call `callback` for each event of a module, until the subscription or this handle is closed."""
        if not callable(callback):
            raise TypeError(f"what is called for each event is to be callable, not {callback!r}")
        events = self.session.events
        return Subscription(
            self,
            events,
            events.subscribe(self._share, kind, path, callback, weakref.WeakMethod(self._decode)),
        )

    def edit(self, path: str, name: str, operation: str, args: tuple) -> tuple[Any, list]:
        """Change a list attribute in place; gives what the operation returns, and all elements after it."""
        answer = self.session.connections.ask(
            "edit", path, name, operation, [encode(a, reference) for a in args]
        )
        return self._decode(answer)

    def recall(self, what: str, *args: Any) -> Any:
        """Read what PyRPL keeps in files: its configuration or saved curves."""
        return self._decode(
            self.session.connections.ask("recall", what, [encode(a, reference) for a in args])
        )

    def store(self, what: str, *args: Any) -> Any:
        """Change what PyRPL keeps in files."""
        return self._decode(self.session.connections.ask("store", what, [encode(a, reference) for a in args]))

    def _decode(self, plain: Any) -> Any:
        if type(plain) not in (dict, list):
            return plain
        # made anew each time: kept, they would hold this handle in a circle, and a dropped board would stay
        return decode(plain, {tag: partial(make, self) for tag, make in self._arrivals.items()})


_lock = threading.RLock()
_sessions: dict[tuple[str, bool], Session] = {}


def tie(board: str, uri: str, private: bool, arrivals: Arrivals) -> Handle:
    """A handle on this process's session with the daemon at `uri`; the session is begun if there is none.

    `arrivals`: see Handle. `private` sessions reach names with an underscore; they are sessions of their own. Raises Pyro5's CommunicationError if the daemon does not answer or is ending.
    """
    with _lock:
        session = _sessions.get((uri, private))
        if session is not None and not session.lives():
            # its daemon was killed; the name server will learn it soon
            del _sessions[uri, private]
            session = None
        if session is None:
            session = _sessions[uri, private] = Session(board, uri, private)
        return Handle(session, arrivals)


def _release(session: Session, share: object) -> None:
    session.events.forget(share)
    with _lock:
        session.handles -= 1
        if session.handles:
            return
        if _sessions.get((session.uri, session.private)) is session:
            del _sessions[session.uri, session.private]
    session.end()


def _after_fork() -> None:
    """A forked child has sessions of its own: it must neither use nor hold open its parent's sockets."""
    global _lock
    _lock = threading.RLock()
    for session in _sessions.values():
        session.forget()
    _sessions.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def whoami() -> dict:
    """What the daemon's registry shows of this process."""
    main = sys.modules.get("__main__")
    script = Path(getattr(main, "__file__", None) or (sys.argv[0] if sys.argv else ""))
    spec = getattr(main, "__spec__", None)
    if spec is not None and spec.name:
        program = spec.name.removesuffix(".__main__")
    elif "IPython" in sys.modules or "ipykernel" in sys.modules:
        program = "IPython"
    else:
        program = (script.parent.name if script.name == "__main__.py" else script.name) or "python"
    return {"program": program, "user": getpass.getuser(), "host": socket.gethostname(), "pid": os.getpid()}


def reference(value: Any) -> str | dict | None:
    """What is sent to the daemon of a proxy or a saved curve, None for anything else."""
    stands_for = getattr(type(value), "_on_the_wire", None)
    return None if stands_for is None else stands_for(value)
