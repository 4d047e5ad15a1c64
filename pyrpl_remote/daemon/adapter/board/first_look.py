"""The first look at a board, over SSH, before PyRPL takes it: its MAC address, and whether it is in use.

A board with two addresses, of cable and WiFi, has one MAC address.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ....names.directory import MAC_ADDRESS
from ....occupant import Occupant, find_occupant
from . import mark
from .mark import Found
from .questions import ask, own_end

log = logging.getLogger(__name__)

COMMAND = "cat /sys/class/net/eth0/address"
"""The command that prints the MAC address of the Ethernet port on any Red Pitaya OS, also without cable."""

ATTEMPTS = 4
"""How often a connection is tried; as often as PyRPL itself tries."""

GIVE_UP_SECONDS = 10.0
"""No further attempt begins after this time."""


@dataclass(frozen=True)
class FirstLook:
    """The board's MAC address in lower case, "" if it does not know it; who uses it, if anybody; its mark."""

    mac_address: str = ""
    occupant: Occupant | None = None
    found: Found = field(default_factory=Found)


def first_look(parameters: Mapping[str, Any]) -> FirstLook:
    """Connect to the board over SSH, and look; `parameters` are PyRPL's.

    Raises the errors of paramiko, or OSError, if no connection succeeds.
    """
    # kept until the end: an SshShell that is garbage-collected closes its connection
    shell = _connect(parameters)
    address, occupant = "", None
    try:
        try:
            text = ask(shell.ssh, COMMAND).strip().lower()
            address = text if MAC_ADDRESS.fullmatch(text) and text.strip("0:") else ""
            occupant = find_occupant(partial(ask, shell.ssh), own_end(shell.ssh), parameters)
        except Exception as error:  # noqa: BLE001  boundary: as below; PyRPL may still be able to start
            log.warning("the board did not answer all questions: %s", error)
        # an error here ends the start: without this answer it could end a held lock
        return FirstLook(address, occupant, mark.find(shell.ssh))
    finally:
        shell.ssh.close()


def remove_mark(parameters: Mapping[str, Any]) -> None:
    """Remove the mark on the board, before it is set up anew. Raises as `first_look`."""
    shell = _connect(parameters)
    try:
        mark.remove(shell.ssh)
    finally:
        shell.ssh.close()


def _connect(parameters: Mapping[str, Any]) -> Any:
    """PyRPL's SshShell, connected to the board, without a terminal."""
    from pyrpl.sshshell import SshShell  # not at the top: it imports PyRPL

    begin = time.monotonic()
    attempt = 1
    while True:
        try:
            return SshShell(
                hostname=parameters["hostname"],
                user=str(parameters.get("user", "root")),
                password=str(parameters.get("password", "root")),
                sshport=int(parameters.get("sshport", 22)),
                timeout=int(parameters.get("timeout", 1)),
                shell=False,
            )
        except Exception as error:  # boundary: paramiko and socket raise errors of many classes
            refused = type(error).__name__ == "AuthenticationException"
            if refused or attempt == ATTEMPTS or time.monotonic() - begin > GIVE_UP_SECONDS:
                raise
            log.info("attempt %d to connect to the board failed: %s", attempt, error)
            attempt += 1
