"""`connect`: begin or join this process's session with a board; the daemon is found or started."""

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
from .parameters import require_grace, require_name, require_parameters, require_variables
from .proxies.board import RemotePyrpl
from .proxies.classes import module_proxy
from .proxies.decoders import DECODERS
from .session import Session, join


def connect(
    config: str | None = None,
    source: str | None = None,
    *,
    private: bool = False,
    grace: float | None = None,
    progress: Callable[[str], None] | None = None,
    **redpitaya_parameters: Any,
) -> RemotePyrpl:
    """Connect to a board; returns a proxy of its Pyrpl object, which all clients of the board share.

    Takes the arguments of `Pyrpl(config, source, **redpitaya_parameters)`: `hostname`, `user`, `password`,
    `sshport`, `port`, `reloadfpga`, `gui`... If no daemon serves the board, one is started with these
    arguments; otherwise they only select the board. `config` is the board's name. Without `config` the
    hostname is the name; without both, the only board that is served is used. `connect("virtual")`, or
    `hostname="virtual"`, connects to a virtual Red Pitaya.

    `private`: also allow names that start with an underscore, which PyRPL may change in any release.
    `grace`: seconds that a daemon started by this call waits after its last client has left (default 10, or
    PYRPL_REMOTE_GRACE). `progress(text)` is called at each step while a daemon starts.

    Raises a StartError (see pyrpl_remote.errors): UnknownBoard, BoardUnreachable, WrongPassword,
    PyrplMissing..., and BadParameter for an invalid name or parameter.
    """
    require_parameters(redpitaya_parameters)
    require_variables()
    hostname = redpitaya_parameters.get("hostname")
    if config is None and hostname is None:
        config = _only_board()
    if config == settings.VIRTUAL and hostname is None:
        hostname = redpitaya_parameters["hostname"] = settings.VIRTUAL
    name = board_name(hostname if config is None else config)
    sshport = int(redpitaya_parameters.get("sshport", 22))
    identity = directory.identity(hostname, sshport, name) if hostname else ""
    if grace is None:
        grace = settings.grace_seconds()
    require_grace(grace)
    start = partial(
        launch, name, config, source, redpitaya_parameters, grace, progress or (lambda text: None)
    )
    return join(Locator(name, identity, start), private, _board_proxy)


def _board_proxy(session: Session) -> RemotePyrpl:
    proxy = module_proxy(Handle(session, DECODERS), "")
    assert isinstance(proxy, RemotePyrpl)
    return proxy


def board_name(text: Any) -> str:
    """The board's name: that of its configuration file, or its hostname. Raises BadParameter."""
    name = text
    if isinstance(text, str):
        name = (os.path.basename(text).lower() if os.sep in text else text).removesuffix(".yml")
    require_name(name)
    return str(name)


def _only_board() -> str:
    names = [entry.name for entry in directory.boards()]
    if len(names) == 1:
        return names[0]
    raise UnknownBoard(
        "connect() was called without a board, and "
        + (f"these are served: {', '.join(names)}" if names else "none is served"),
        'name one, as in connect("virtual") or connect("lab", hostname="rp-f08d6c.local")',
    )
