"""A gate for one connection, on this process's standard input and output: what ssh runs on a host.

Whoever may log in as this user owns this user's boards.
"""

from __future__ import annotations

import logging
import os
import socket
import sys

from Pyro5 import errors as pyro_errors

from ..protocol import Role
from ..transport.lan.json_lines import BadLine
from ..transport.lan.paired_hosts import valid_name
from ..transport.lan.pump import pump
from ..transport.pyro_config import configure_server
from . import state
from .visitor import Visitor, serve_requests

log = logging.getLogger(__name__)


def serve_stdio() -> None:
    """Serve the client at the other end of the standard input and output."""
    configure_server()
    ours, its = socket.socketpair()
    threads = pump(its, os.fdopen(os.dup(0), "rb", 0), os.fdopen(os.dup(1), "wb", 0))
    # nothing else may be printed among the messages
    os.dup2(2, 1)
    peer = os.environ.get("SSH_CONNECTION", "").partition(" ")[0]
    visitor = Visitor(valid_name(peer or "ssh"), Role.OWNER, "ssh")
    try:
        serve_requests(ours, visitor, state.own_name(), lambda: None, lambda text: log.warning("%s", text))
    except (OSError, BadLine, pyro_errors.PyroError) as error:
        print(f"pyrpl-remote relay: {error}", file=sys.stderr)
    finally:
        ours.close()
        threads[1].join(1.0)
