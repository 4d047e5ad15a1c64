"""How notebooks display a board and its hardware: a table of the modules, and who uses the board."""

from __future__ import annotations

import html
import time
from collections.abc import Iterator
from typing import Any

from ...board_status import BoardStatus
from ...errors import PyrplRemoteError
from .ipython import plain_table

STATES = ("running_state", "current_state", "on")
"""The attributes that say what a module does. A module has the first one of them that it has."""


def overview_html(proxy: Any) -> str:
    """The modules inside `proxy`, the board or its `rp`, with kind, owner and state, as HTML.

    For the board also the daemon and the clients. If the daemon does not answer, the reason in place of them.
    """
    title = f"<b>{html.escape(repr(proxy))}</b>"
    if proxy._handle.state == "closed":
        return f"<div>{title}</div>"
    try:
        about = "" if proxy._path else _about(proxy._handle.session.status())
        table = plain_table(["module", "kind", "owner", "state"], _modules(proxy))
    except PyrplRemoteError as error:
        return f"<div>{title}<pre>{html.escape(str(error))}</pre></div>"
    return f"<div>{title}{about}{table}</div>"


def _modules(proxy: Any) -> Iterator[list[str]]:
    for name in proxy._kind.submodules:
        module = getattr(proxy, name)
        if module._path == "rp":
            yield from _modules(module)
            continue
        kind = module._kind
        state = next((one for one in STATES if one in kind.attributes), None)
        names = ["owner"] + ([state] if state else [])
        values = module.snapshot(*names) if "owner" in kind.attributes else {}
        yield [module._path, kind.name, str(values.get("owner") or ""), _state(values.get(state))]


def _state(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return "" if value is None else str(value)


def _about(status: BoardStatus) -> str:
    daemon, link = status.daemon, status.link
    ends = (
        "until it is stopped" if daemon.grace is None else f"until {daemon.grace:g} s after its last client"
    )
    facts = [
        ("board", f"{status.board} ({status.hostname}), {status.state}"),
        ("link", link.state + (f": {link.reason}" if link.reason else "")),
        ("daemon", f"pid {daemon.pid}, release {daemon.version}, up {daemon.uptime:.0f} s, {ends}"),
        ("log", daemon.log),
    ]
    clients = [
        [
            client.program,
            f"{client.user} at {client.host}",
            str(client.pid or "?"),
            time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(client.since)),
            ", ".join(client.modules),
        ]
        for client in status.clients
    ]
    head = ["client", "user", "pid", "since", "holds"]
    return plain_table(["", ""], facts) + plain_table(head, clients)
