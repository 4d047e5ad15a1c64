"""`connect`: this process's session with a board, whose daemon is found or started."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import Any

from .. import settings
from ..errors import UnknownBoard
from ..names import directory
from .handle import Handle
from .launch import launch
from .locate import Locator
from .parameters import require_name, require_parameters
from .proxies.board import RemotePyrpl
from .proxies.classes import module_proxy
from .proxies.decoders import DECODERS
from .session import Handle, tie

START_SECONDS = 180.0
"""How long a client waits while another one starts the same board's daemon."""


def connect(
    config: str | None = None,
    source: str | None = None,
    *,
    private: bool = False,
    grace: float | None = None,
    progress: Callable[[str], None] | None = None,
    **redpitaya_parameters: Any,
) -> RemotePyrpl:
    """A proxy of the Pyrpl object of a board, shared with every other client of that board.

    Takes what `Pyrpl(config, source, **redpitaya_parameters)` takes: `hostname`, `user`, `password`,
    `sshport`, `port`, `reloadfpga`, `gui`... If no daemon serves the board, one is started with these
    parameters; else they only say which board is meant. `config` names the board; without it, the hostname
    does, and without both the only board that is served is meant. `connect("virtual")`, or
    `hostname="virtual"`, is a virtual Red Pitaya.

    `private`: names that start with an underscore are within reach too; PyRPL promises nothing about them.
    `grace`: seconds that a daemon started by this call waits after its last client left (default 10, or
    PYRPL_REMOTE_GRACE). `progress`: called with a line of text at each step of a start.

    Raises a StartError (see pyrpl_remote.errors): UnknownBoard, BoardUnreachable, WrongPassword,
    PyrplMissing... BadParameter for a name or a parameter that makes no sense.
    """
    require_parameters(redpitaya_parameters)
    hostname = redpitaya_parameters.get("hostname")
    if config is None and hostname is None:
        config = _only_board()
    if config == settings.VIRTUAL and hostname is None:
        hostname = redpitaya_parameters["hostname"] = settings.VIRTUAL
    name = board_name(hostname if config is None else config)
    sshport = int(redpitaya_parameters.get("sshport", 22))
    identity = directory.identity(hostname, sshport, name) if hostname else ""
    grace = settings.grace_seconds() if grace is None else grace
    start = partial(
        launch, name, config, source, redpitaya_parameters, grace, progress or (lambda text: None)
    )
    return join(Locator(name, identity, start), private, _board_proxy)


def _board_proxy(session: Session) -> RemotePyrpl:
    return module_proxy(Handle(session, DECODERS), "")


def board_name(text: Any) -> str:
    """A board's name: that of its configuration, or its hostname. Raises BadParameter if it can be none."""
    name = text
    if isinstance(text, str):
        name = (os.path.basename(text).lower() if os.sep in text else text).removesuffix(".yml")
    require_name(name)
    return name


def _only_board() -> str:
    names = [entry.name for entry in directory.boards()]
    if len(names) == 1:
        return names[0]
    raise UnknownBoard(
        "connect() was called without a board, and "
        + (f"these are served: {', '.join(names)}" if names else "none is served"),
        'name one, as in connect("virtual") or connect("lab", hostname="rp-f08d6c.local")',
    )


def _tie_running(name: str, identity: str | None, private: bool, patient: bool = False) -> Handle | None:
    """A handle on the daemon that serves the board, None if there is none.

    `patient`: wait for the end of a daemon that is just ending; its successor could not start before.
    """
    while True:
        entry = _find(name, identity)
        if entry is None:
            return None
        try:
            return tie(entry.name, entry.uri, private, DECODERS)
        except pyro_errors.CommunicationError as error:
            ending = "ending" in str(error)
        if not (patient and ending):
            return None
        time.sleep(0.05)


def _find(name: str, identity: str | None) -> Entry | None:
    boards = directory.boards()
    for entry in boards:
        if identity and entry.identity == identity:
            return entry
    for entry in boards:
        if entry.name == name:
            if identity:
                raise BoardNameTaken(
                    f"the name {name!r} is in use for the board {entry.identity}, not {identity}",
                    "give this board another name as the first argument of connect()",
                )
            return entry
    return None


def _tie_or_start(name: str, identity: str | None, private: bool, start: Callable[[], str]) -> Handle:
    """A handle on the board's daemon; one client at a time starts it, the others wait until it serves."""
    import filelock  # here and not above: who finds a daemon does without it, and it is a fifth of our import

    lock = filelock.FileLock(settings.lock_path(f"start-{name}"))
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            with lock.acquire(timeout=0.1):
                return _tie_running(name, identity, private, patient=True) or tie(
                    name, start(), private, DECODERS
                )
        except filelock.Timeout:
            handle = _tie_running(name, identity, private)
            if handle is not None:
                return handle
        except BoardNameTaken:
            # somebody's `pyrpl-remote serve`, which takes no start lock, was faster
            handle = _tie_running(name, identity, private)
            if handle is None:
                raise
            return handle
    raise DaemonFailed(
        f"another process has been starting board {name!r} for {START_SECONDS:g} s",
        f"see its log {settings.log_path(name)}",
    )
