"""Alarms: for chosen events of the lock, a command is run and a web address is called.

Each has a thread of its own with a short queue and a time limit: neither holds up the watch, or the other.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import queue
import re
import shlex
import signal
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import psutil

from ...._version import __version__
from ....lock_history import KINDS, LockEvent

log = logging.getLogger(__name__)

COMMAND_SECONDS = 30.0
"""How long a command may run; then it is killed, with the processes that it has started."""

WEBHOOK_SECONDS = 10.0
"""How long a web server may be silent."""

WAITING = 20
"""How many alarms wait; of more, the oldest are dropped."""

SHOWN_BYTES = 500
"""How much of what a failing command wrote to its standard error is logged, from its end."""

PREFIX = "PYRPL_LOCK_"
"""What the names of a command's environment variables begin with."""


class Failed(Exception):
    """An alarm was not delivered; the text says why."""


def command_words(command: object, windows: bool = os.name == "nt") -> list[str]:
    """A command as a list of words: a text is split as a shell does, but no shell runs it.

    On `windows` a backslash is a part of a path, and protects nothing. Raises TypeError or ValueError.
    """
    if isinstance(command, str) and windows:
        words = [re.sub(r'^(["\'])(.*)\1$', r"\2", word) for word in shlex.split(command, posix=False)]
    elif isinstance(command, str):
        words = shlex.split(command)
    elif isinstance(command, Sequence) and all(isinstance(word, str) for word in command):
        words = list(command)
    else:
        raise TypeError(f"command is a text or a list of texts, not {command!r:.200}")
    if not words or not words[0] or any("\0" in word for word in words):
        raise ValueError(f"command is a program with its arguments, not {command!r:.200}")
    return words


def webhook_address(address: object) -> str:
    """A web address, checked. Raises TypeError or ValueError."""
    if not isinstance(address, str):
        raise TypeError(f"webhook is a web address, not {address!r:.200}")
    parts = urllib.parse.urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or not address.isprintable():
        raise ValueError(f"webhook is a web address such as https://example.org/hook, not {address!r:.200}")
    if parts.username is not None or parts.password is not None:
        raise ValueError("a webhook has no user and no password in its address: use a token in its path")
    return address


def alarm_kinds(kinds: object) -> tuple[str, ...]:
    """Kinds of events, checked. Raises TypeError or ValueError."""
    if not isinstance(kinds, Sequence) or isinstance(kinds, str):
        raise TypeError(f"alarm_on is a list of kinds of events, not {kinds!r:.200}")
    for kind in kinds:
        if kind not in KINDS:
            raise ValueError(f"there is no event {kind!r:.80}; there is {', '.join(KINDS)}")
    return tuple(kinds)


class Alarms:
    """The alarms of one watch. Its functions may be called from any thread, and never wait."""

    def __init__(self, board: str, command: Sequence[str] | None, webhook: str | None) -> None:
        self._board = board
        self._ways: list[_Way] = []
        if command is not None:
            self._ways.append(_Way(f"{command[0]!r}", lambda body: run_command(command, body)))
        if webhook is not None:
            self._ways.append(_Way(shown_address(webhook), lambda body: call_webhook(webhook, body)))

    def send(self, event: LockEvent) -> None:
        """Deliver an event soon."""
        body = {"board": self._board, **event.to_data()}
        for way in self._ways:
            way.put(body)

    def failures(self) -> list[str]:
        """Why alarms are not delivered now: a sentence for each way that failed last."""
        return [f"{way.name}: {way.failure}" for way in self._ways if way.failure]

    def close(self) -> None:
        """Deliver what waits, and end the threads; returns at once."""
        for way in self._ways:
            way.close()


class _Way:
    """One way to deliver alarms. Attributes: `name`, `failure` (the last since one was delivered, or "")."""

    def __init__(self, name: str, deliver: Callable[[Mapping[str, Any]], None]) -> None:
        self.name = name
        self.failure = ""
        self._logged: set[str] = set()
        self._deliver = deliver
        self._waiting: queue.Queue[Mapping[str, Any] | None] = queue.Queue(WAITING)
        self._thread = threading.Thread(target=self._run, name=f"alarms to {name}", daemon=True)
        self._thread.start()

    def put(self, body: Mapping[str, Any]) -> None:
        while True:
            try:
                self._waiting.put_nowait(body)
                return
            except queue.Full:
                with contextlib.suppress(queue.Empty):
                    self._waiting.get_nowait()
                    self._failed("alarms come faster than they can be delivered; the oldest are dropped")

    def close(self) -> None:
        threading.Thread(target=self._waiting.put, args=(None,), daemon=True).start()

    def _run(self) -> None:
        while (body := self._waiting.get()) is not None:
            try:
                self._deliver(body)
            except Failed as error:
                self._failed(str(error))
            except Exception as error:  # boundary: the thread must go on
                log.debug("an alarm failed", exc_info=True)
                self._failed(f"{type(error).__name__}: {error}")
            else:
                if self.failure:
                    log.warning("alarms to %s work again", self.name)
                self.failure = ""
                self._logged.clear()

    def _failed(self, why: str) -> None:
        self.failure = why
        if why not in self._logged:  # once, until it works again
            self._logged.add(why)
            log.warning("an alarm to %s failed: %s", self.name, why)


def run_command(command: Sequence[str], body: Mapping[str, Any], seconds: float = COMMAND_SECONDS) -> None:
    """Run `command` with the event as JSON on its standard input, and in environment variables.

    Raises Failed if it cannot be started, ends with another exit code than 0, or runs longer than `seconds`.
    """
    variables = {PREFIX + name.upper(): "" if value is None else str(value) for name, value in body.items()}
    with tempfile.TemporaryFile() as errors:
        try:
            process = subprocess.Popen(
                list(command),
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                env={**os.environ, **variables},
                start_new_session=True,
            )
        except OSError as error:
            raise Failed(f"it cannot be started: {error.strerror or error}") from error
        try:
            process.communicate(json.dumps(body).encode(), timeout=seconds)
        except subprocess.TimeoutExpired:
            _kill(process)
            raise Failed(f"it ran longer than {seconds:g} s and was killed") from None
        if process.returncode:
            errors.seek(max(0, errors.seek(0, os.SEEK_END) - SHOWN_BYTES))
            said = " ".join(errors.read(SHOWN_BYTES).decode(errors="replace").split())
            raise Failed(f"exit code {process.returncode}{said and ': ' + said}")


def call_webhook(address: str, body: Mapping[str, Any], seconds: float = WEBHOOK_SECONDS) -> None:
    """Send the event as JSON with POST. Raises Failed unless the server answers with a status of 200 to 299.

    A redirection is a failure: the owner has named this address, and no other.
    """
    headers = {"Content-Type": "application/json", "User-Agent": f"pyrpl_remote/{__version__}"}
    request = urllib.request.Request(address, json.dumps(body).encode(), headers, method="POST")
    began = time.monotonic()
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=seconds):
            pass
    except urllib.error.HTTPError as error:
        error.close()
        raise Failed(f"the server answered {error.code} {error.reason}") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        late = f" after {seconds:g} s" if time.monotonic() - began >= seconds else ""
        raise Failed(f"the server cannot be reached{late}: {reason}") from error


def shown_address(address: str) -> str:
    """A web address for messages: without its path and its query, which may be secrets."""
    parts = urllib.parse.urlsplit(address)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname}{port}"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """None: the redirection is the answer."""


def _kill(process: subprocess.Popen[bytes]) -> None:
    # what it has started too, which would go on, and keep its files open
    children: list[psutil.Process] = []
    with contextlib.suppress(psutil.Error):
        children = psutil.Process(process.pid).children(recursive=True)
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    for child in children:
        with contextlib.suppress(psutil.Error):
            child.kill()
    process.wait()
