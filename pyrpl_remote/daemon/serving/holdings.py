"""What each client holds, and what waits for it: for the status."""

from __future__ import annotations

import dataclasses

from ...board_status import ClientStatus
from ..dispatcher import Dispatcher
from ..events.mailboxes import Mailboxes
from .clients import Clients


def clients_status(clients: Clients, dispatcher: Dispatcher, mailboxes: Mailboxes) -> list[ClientStatus]:
    """The status of all clients, the oldest first; from any thread."""
    holders = dispatcher.holders()
    found = []
    for session, client in clients.by_session().items():
        label, mailbox = clients.label(session), mailboxes.find(session)
        held = dataclasses.replace(client, acquisitions=[path for path, holder in holders if holder == label])
        if mailbox is not None:
            held = dataclasses.replace(
                held, subscriptions=len(mailbox.subscriptions()), backlog=mailbox.backlog()
            )
        found.append(held)
    return found
