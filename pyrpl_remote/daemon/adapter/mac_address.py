"""Asks a board for its MAC address over SSH: a board with two addresses, of cable and WiFi, has one."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from typing import Any

from ...names.directory import MAC_ADDRESS

log = logging.getLogger(__name__)

COMMAND = "cat /sys/class/net/eth0/address"
"""The command that prints the MAC address of the Ethernet port on any Red Pitaya OS, also without cable."""

ATTEMPTS = 4
"""How often a connection is tried; as often as PyRPL itself tries."""

GIVE_UP_SECONDS = 10.0
"""No further attempt begins after this time."""

ANSWER_SECONDS = 5.0
"""How long the board may take to answer."""


def mac_address(parameters: Mapping[str, Any]) -> str:
    """The board's MAC address in lower case; "" if the board does not know it.

    `parameters` are PyRPL's. Raises the errors of paramiko, or OSError, if no connection succeeds.
    """
    from pyrpl.sshshell import SshShell  # not at the top: it imports PyRPL

    begin = time.monotonic()
    for attempt in range(1, ATTEMPTS + 1):
        try:
            shell = SshShell(
                hostname=parameters["hostname"],
                user=str(parameters.get("user", "root")),
                password=str(parameters.get("password", "root")),
                sshport=int(parameters.get("sshport", 22)),
                timeout=int(parameters.get("timeout", 1)),
                shell=False,
            )
            break
        except Exception as error:  # boundary: paramiko and socket raise errors of many classes
            refused = type(error).__name__ == "AuthenticationException"
            if refused or attempt == ATTEMPTS or time.monotonic() - begin > GIVE_UP_SECONDS:
                raise
            log.info("attempt %d to connect to the board failed: %s", attempt, error)
    try:
        _, output, _ = shell.ssh.exec_command(COMMAND, timeout=ANSWER_SECONDS)
        text = output.read().decode("ascii", "replace").strip().lower()
    except Exception as error:  # noqa: BLE001  boundary: as above; PyRPL may still be able to start
        log.warning("the board did not tell its MAC address: %s", error)
        return ""
    finally:
        shell.ssh.close()
    return text if MAC_ADDRESS.fullmatch(text) and text.strip("0:") else ""
