"""The first look at a board, over SSH, before PyRPL takes it: its MAC address, and whether it is in use.

A board with two addresses, of cable and WiFi, has one MAC address.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...names.directory import MAC_ADDRESS
from ...occupant import Occupant, find_occupant
from .questions import asks

log = logging.getLogger(__name__)

COMMAND = "cat /sys/class/net/eth0/address"
"""The command that prints the MAC address of the Ethernet port on any Red Pitaya OS, also without cable."""

ATTEMPTS = 4
"""How often a connection is tried; as often as PyRPL itself tries."""

GIVE_UP_SECONDS = 10.0
"""No further attempt begins after this time."""


@dataclass(frozen=True)
class FirstLook:
    """The board's MAC address in lower case, "" if it does not know it; and who uses it, if anybody."""

    mac_address: str = ""
    occupant: Occupant | None = None


def first_look(parameters: Mapping[str, Any]) -> FirstLook:
    """Connect to the board over SSH, and look; `parameters` are PyRPL's.

    Raises the errors of paramiko, or OSError, if no connection succeeds.
    """
    # kept until the end: an SshShell that is garbage-collected closes its connection
    shell = _connect(parameters)
    address, occupant = "", None
    try:
        ask, own_end = asks(shell.ssh)
        text = ask(COMMAND).strip().lower()
        address = text if MAC_ADDRESS.fullmatch(text) and text.strip("0:") else ""
        occupant = find_occupant(ask, own_end, parameters)
    except Exception as error:  # noqa: BLE001  boundary: as below; PyRPL may still be able to start
        log.warning("the board did not answer all questions: %s", error)
    finally:
        shell.ssh.close()
    return FirstLook(address, occupant)


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
