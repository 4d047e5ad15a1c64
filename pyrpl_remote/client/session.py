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


class Session:
    """All connections of this process to one board. Use `tie` and `release`, not the constructor."""

    def __init__(self, board: str, uri: str):
        self.board = board
        self.uri = uri
        self.connections = Connections(board, uri, {"session": uuid.uuid4().hex, **whoami()}, self.refresh)
        self.greeting = self.connections.open()
        self.description = schema.from_data(self.connections.ask("describe"))
        self.classes: dict[str, type] = {}
        # by identity: proxies of one module are equal to each other
        self.proxies: weakref.WeakValueDictionary[int, Any] = weakref.WeakValueDictionary()
        self.handles = 0
        self._told: list[str] | None = None
        self._ended = False
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
            raise UnknownAttribute(f"board {self.board!r} has no module {path!r}", "p.modules lists those there are")
        return self.description.types[self.description.modules[path]]

    def refresh(self) -> None:
        """Ask for the description again; the proxies follow, each at its path."""
        self.description = schema.from_data(self.connections.ask("describe"))
        for proxy in list(self.proxies.values()):
            proxy._follow()

    def end(self) -> None:
        """Close all connections: the lease ends."""
        self._ended = True
        self._wake.set()
        self.connections.close()

    def forget(self) -> None:
        """After a fork: the session is the parent's."""
        self._ended = True
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

    def __init__(self, session: Session):
        self._session = session
        self.board_proxy: Callable[[], Any] = lambda: None
        """Gives the board's proxy while it lives. Weak, for it holds this handle: dropping it releases the board."""
        with _lock:
            session.handles += 1
        self._finalizer = weakref.finalize(self, _release, session)

    @property
    def session(self) -> Session:
        """The session. Raises SessionClosed after the release."""
        if self.released:
            raise SessionClosed(f"a proxy of board {self.board!r} was used after close()", "call connect() again")
        return self._session

    @property
    def board(self) -> str:
        """The board's name."""
        return self._session.board

    @property
    def uri(self) -> str:
        """The Pyro URI of the board's object."""
        return self._session.uri

    @property
    def released(self) -> bool:
        """Whether the share was given back."""
        return not self._finalizer.alive

    def release(self) -> None:
        """Give the share back; a second time does nothing."""
        self._finalizer()

    def get(self, path: str, name: str) -> Any:
        """Read an attribute."""
        return self._decode(self.session.connections.ask("get", path, name))

    def set(self, path: str, name: str, value: Any) -> None:
        """Write an attribute."""
        self.session.connections.ask("set", path, name, encode(value, reference))

    def call(self, path: str, name: str, args: tuple, kwargs: dict) -> Any:
        """Call a method."""
        plain = [encode(a, reference) for a in args]
        named = {key: encode(value, reference) for key, value in kwargs.items()}
        return self._decode(self.session.connections.call(path, name, plain, named))

    def options(self, path: str, name: str) -> list:
        """The values that a select or filter attribute takes now."""
        return self._decode(self.session.connections.ask("options", path, name))

    def edit(self, path: str, name: str, operation: str, args: tuple) -> tuple[Any, list]:
        """Change a list attribute in place; gives what the operation returns, and all elements after it."""
        answer = self.session.connections.ask("edit", path, name, operation, [encode(a, reference) for a in args])
        return self._decode(answer)

    def recall(self, what: str, *args: Any) -> Any:
        """Read what PyRPL keeps in files: its configuration or saved curves."""
        return self._decode(self.session.connections.ask("recall", what, [encode(a, reference) for a in args]))

    def store(self, what: str, *args: Any) -> Any:
        """Change what PyRPL keeps in files."""
        return self._decode(self.session.connections.ask("store", what, [encode(a, reference) for a in args]))

    def _decode(self, plain: Any) -> Any:
        if type(plain) is not dict and type(plain) is not list:
            return plain
        # proxies, branches and curves stand on handles
        from .config_tree import ConfigBranch
        from .curves import make
        from .proxy import module_proxy

        makers = {"!config": partial(ConfigBranch, self), "!curve": partial(make, self)}
        return decode(plain, partial(module_proxy, self), makers)


_lock = threading.RLock()
_sessions: dict[str, Session] = {}


def tie(board: str, uri: str) -> Handle:
    """A handle on this process's session with the daemon at `uri`; the session is begun if there is none.

    Raises Pyro5's CommunicationError if the daemon does not answer or is ending.
    """
    with _lock:
        session = _sessions.get(uri)
        if session is not None and not session.lives():
            # its daemon was killed; the name server will learn it soon
            del _sessions[uri]
            session = None
        if session is None:
            session = _sessions[uri] = Session(board, uri)
        return Handle(session)


def _release(session: Session) -> None:
    with _lock:
        session.handles -= 1
        if session.handles:
            return
        if _sessions.get(session.uri) is session:
            del _sessions[session.uri]
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
    from .curves import Curve, tagged

    if isinstance(value, Curve):
        return tagged(value)
    return getattr(type(value), "_is_module_proxy", False) and value._path or None
