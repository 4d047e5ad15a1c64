"""The connections of one session to its daemon: at most two for each thread that uses the session.

Requests to the board use a direct connection, which the daemon serves in its Qt thread. The other requests
use an ordinary connection, and are answered even while the Qt thread is busy. Each connection is opened at
its first request.
"""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import math
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...errors import AccessDenied, SessionClosed
from ...protocol import VERBS, Greeting
from ...transport.any_channel import channel_to
from ...transport.channel import may_be_fast
from .living import Living

if TYPE_CHECKING:
    from ...transport.any_channel import AnyChannel

log = logging.getLogger("pyrpl_remote")

KINDS = ("direct", "ordinary")
"""The kinds of connections that a thread has."""


class Channels:
    """Opens, replaces and closes the connections of all threads to one board's daemon."""

    def __init__(self, board: str, uri: str, greeting: Greeting, on: str) -> None:
        """As Connections (connection.py)."""
        self.most_seconds = math.inf
        """As for Channel: the limit of a reply, where it is shorter than that of others."""
        self.generation = 0
        """Counts how often the daemon was lost or replaced: a connection of an earlier one is not used."""
        self.uri = uri
        self._board = board
        self._on = on
        self._greeting = greeting
        self._fast = self._may_be_fast()
        self._of_thread = threading.local()
        self._all: Living[AnyChannel] = Living()
        self._owner: str | None = None
        self._closed = False

    def reopen(self) -> None:
        """Open new connections from now on: those of before are known to be closed."""
        self.generation += 1

    @contextlib.contextmanager
    def moving(self, uri: str) -> Iterator[None]:
        """Within the block, this thread's requests go to the daemon at `uri`; after it, those of all."""
        own = self._of_thread.__dict__
        before = list(self._all)
        self._fast = self._may_be_fast()
        self._drop_own()
        own["uri"] = uri
        try:
            yield
        except BaseException:
            for channel in self._drop_own():
                channel.close()
            raise
        finally:
            del own["uri"]
        if uri != self.uri:
            for channel in before:
                channel.close()
        self.uri = uri
        self.generation += 1
        for kind in KINDS:
            if kind in own:
                own[kind].generation = self.generation

    def limit_this_thread(self) -> None:
        """This thread sends only requests that the daemon answers soon: it must do so."""
        self._of_thread.limited = True

    def channel_of(self, verb: str) -> AnyChannel | None:
        """The connection on which this thread sent its last request with `verb`."""
        return self._of_thread.__dict__.get(self._kind(verb))

    @property
    def is_ours_here(self) -> bool:
        """Whether the daemon is on this machine, and of this program's user: they share files."""
        return not self._on and not self._owner

    def close(self) -> None:
        """Close the connections of all threads."""
        self._closed = True
        for channel in self._all:
            channel.close()

    def forget(self) -> None:
        """To be called in a forked child: close its copies of the parent's sockets."""
        self._closed = True
        for channel in self._all:
            channel.forget()

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed

    def _open(self, channel: AnyChannel) -> None:
        channel.open()
        if channel.owner != self._owner:
            self._owned_by(channel)
        if self._closed:  # close() came meanwhile, and found it without a connection
            channel.close()
            raise self._session_closed()

    def _owned_by(self, channel: AnyChannel) -> None:
        """Note whose daemon it is. Raises AccessDenied if that of yet another user answers now."""
        if self._owner is not None and channel.owner:
            channel.close()
            raise AccessDenied(
                f"board {self._board!r}: a program of user {channel.owner} answers in place of "
                f"{f'that of {self._owner}' if self._owner else 'your daemon'}; nothing was sent to it",
                "connect() again if you mean that user's board; else end that program",
            )
        if channel.owner:
            log.warning("board %r belongs to user %s, who shares it with you", self._board, channel.owner)
        self._owner = channel.owner

    def _session_closed(self) -> SessionClosed:
        return SessionClosed(f"the session with board {self._board!r} is closed", "call connect() again")

    def _channel(self, verb: str) -> AnyChannel:
        if self._closed:
            raise self._session_closed()
        kind = self._kind(verb)
        channel: AnyChannel | None = getattr(self._of_thread, kind, None)
        if channel is not None and channel.generation != self.generation:
            channel = None
        if channel is not None and not channel.busy:
            return channel
        # before its address: one that is made while the daemon is replaced must count as an earlier one
        generation = self.generation
        # an ordinary connection serves calls, which may take long, only where there is no direct one
        soon = self._fast or self._greeting.session is None or self._of_thread.__dict__.get("limited", False)
        made = channel_to(
            self._of_thread.__dict__.get("uri", self.uri),
            dataclasses.replace(self._greeting, direct=kind == "direct"),
            limited=kind == "ordinary" and soon,
            host=self._on,
            most_seconds=self.most_seconds,
        )
        made.generation = generation
        if channel is None:
            setattr(self._of_thread, kind, made)
        # else: for this request only, which came in the middle of another one of this thread
        self._all.add(made)
        return made

    def _drop_own(self) -> list[AnyChannel]:
        """Use this thread's connections no longer; returns them."""
        own = self._of_thread.__dict__
        return [own.pop(kind) for kind in KINDS if kind in own]

    def _kind(self, verb: str) -> str:
        return "direct" if self._fast and VERBS[verb].direct else "ordinary"

    def _may_be_fast(self) -> bool:
        return self._greeting.session is not None and may_be_fast()
