"""A session: one process's connections to one board, shared by all its handles, proxies and threads.

It begins with the first `connect` and ends when the last handle is released. When its daemon has died, it
goes on with another one (revival.py).
"""

from __future__ import annotations

import contextlib
import os
import threading
import uuid
from collections.abc import Callable
from typing import Any, TypeVar

from ... import board_status, schema
from ...errors import SessionError, UnknownAttribute
from ...names.directory import Entry
from ...protocol import Greeting
from ..connections.connection import Connections
from ..connections.living import Living
from ..connections.whoami import whoami
from ..finding.locate import Locator
from .revival import LocatorFor, Revival, is_alive
from .stream import Stream


class Session:
    """All connections of this process to one board. Use `join`, not the constructor."""

    def __init__(self, entry: Entry, private: bool, locator_for: LocatorFor):
        """The caller holds one share of it, as a handle does, until it calls `release`.

        `locator_for(entry)` returns a Locator that finds or starts a daemon in place of that of `entry`.
        Raises protocol.Refused or Pyro5's CommunicationError if the daemon refuses or does not answer.
        """
        self.board = entry.name
        self.identity = entry.place
        self.private = private
        greeting = Greeting(session=f"{_process}.{uuid.uuid4().hex}", private=private, **whoami())
        self.connections = Connections(entry.name, entry.uri, greeting, self._restructured, entry.on)
        self.classes: dict[str, type] = {}
        self.proxies: Living[Any] = Living()
        self.stream = Stream(entry.name, self.connections, self._held)
        self.revival = Revival(self.connections, self.stream, self.refresh, entry, locator_for)
        self.connections.come_back = self.revival.come_back
        self.stream.revival = self.revival
        _all.add(self)
        self._shares = 1
        self._refreshing = threading.RLock()
        try:
            with self.connections.present():  # who begins a session looks for a daemon already
                self.connections.open()
                self.description = self._describe()
                self.stream.start()
        except BaseException:
            self.connections.close()
            raise

    def status(self) -> board_status.BoardStatus:
        """The board, its daemon and its clients."""
        self.stream.report_held()
        return board_status.status_from_data(self.connections.ask("status"))

    def is_alive(self) -> bool:
        """Whether the daemon answers, and is not about to end."""
        return is_alive(self.connections)

    def follow(self) -> None:
        """Ask the daemon for a sign of life, whose reply says if modules were replaced, and follow that."""
        self.is_alive()
        with self._refreshing:  # another thread may have been told first, and still be at it
            pass

    def type_of(self, path: str) -> schema.ModuleType:
        """The type of the module at `path`. Raises UnknownAttribute if there is no such module.

        If `path` is not in the description, as for a new module, the description is requested again.
        """
        if path not in self.description.modules:
            self.refresh()
        if path not in self.description.modules:
            raise UnknownAttribute(
                f"board {self.board!r} has no module {path!r}", "p.modules lists the modules"
            )
        return self.description.types[self.description.modules[path]]

    def refresh(self) -> None:
        """Get the description again, and give each proxy the class of the module that is at its path now.

        Of the present daemon only: who looks for another one waits for this.
        """
        # one thread at a time: an older description must not replace a newer one
        with self._refreshing, self.connections.present():
            self.description = self._describe()
            for proxy in self.proxies:
                proxy._follow(self)

    def add_proxy(self, proxy: Any) -> None:
        """A proxy was made; the next heartbeat reports it to the daemon."""
        self.proxies.add(proxy)

    def share(self) -> None:
        """One more share."""
        with _lock:
            self._shares += 1

    def release(self, token: object = None) -> None:
        """One share less; `token` identifies its handle, if it has one. The last one ends the session.

        The garbage collector may call this in the middle of anything: it must not wait for a daemon.
        """
        self.stream.subscriptions.drop(token)
        with _lock:
            self._shares -= 1
            if self._shares:
                return
            _remove(self)
        self.connections.close()
        self.stream.wake()

    def forget(self) -> None:
        """To be called in a forked child: close its copy of the parent's session."""
        self.stream.forget()
        self.connections.forget()

    def _restructured(self) -> None:
        # where the daemon has died since, the next request finds another one, and gets its description; the
        # request of this reply was carried out
        with contextlib.suppress(SessionError):
            self.refresh()

    def _describe(self) -> schema.Description:
        return schema.description_from_data(self.connections.ask("describe"))

    def _held(self) -> list[str]:
        held = {proxy._path for proxy in self.proxies if not proxy._handle.released}
        return sorted(held - {"", "rp"})


_process = uuid.uuid4().hex
"""What the ids of all sessions of this process begin with (see protocol.program_of)."""
_lock = threading.RLock()
"""Held for moments, never while a daemon is waited for: who releases a session takes it, in any thread."""
_sessions: dict[tuple[str, bool], Session] = {}
"""The sessions of this process, by their board's identity and whether they are private."""
_all: Living[Session] = Living()
"""Every session of this process, also those whose daemon has ended."""
_joining: dict[tuple[str, bool], threading.RLock] = {}
"""By the same keys, what is held while a session is begun, or found to live: by one thread at a time."""


Used = TypeVar("Used")


def join(locator: Locator, private: bool, use: Callable[[Session], Used], locator_for: LocatorFor) -> Used:
    """Begin or join this process's session with a board; returns what `use(session)` returns.

    A `private` session allows names with an underscore, and is separate from one that does not. A session
    whose daemon has ended goes on with the one that `locator` finds or starts. `locator_for` is as for
    Session. Raises a StartError.
    """

    def enter(entry: Entry) -> Used:
        key = (entry.place, private)
        with _joining.setdefault(key, threading.RLock()):
            session = _shared(key)
            begun = session is None
            if session is None:
                session = Session(entry, private, locator_for)
                with _lock:
                    _sessions[key] = session
            try:
                if not begun:
                    session.revival.follow(entry)
                return use(session)
            finally:
                session.release()

    return locator.find_or_start(enter)


def _shared(key: tuple[str, bool]) -> Session | None:
    """This process's session, with one more share; None if there is none."""
    with _lock:
        session = _sessions.get(key)
        if session is not None:
            session.share()
        return session


def _remove(session: Session) -> None:
    if _sessions.get((session.identity, session.private)) is session:
        del _sessions[session.identity, session.private]


def _after_fork() -> None:
    """In a forked child, close its copies of all sessions: their sockets are the parent's."""
    global _lock, _process
    _lock = threading.RLock()
    _process = uuid.uuid4().hex
    _joining.clear()
    for session in _all:
        session.forget()
    _sessions.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
