"""Checks of the way to a board: its name, the network, SSH and the password."""

from __future__ import annotations

import importlib.util

from ..board_status import UP
from ..machine import extras
from ..names import directory
from .finding import NO_ROUTE, WRONG_OS, WRONG_PASSWORD, Finding, failed, ok, skipped
from .limit import in_time
from .target import Target

RESOLVED_SECONDS = 10.0
"""How long it may take to resolve a name."""


def name(target: Target) -> Finding:
    """Whether the board's hostname has an address."""
    if not target.hostname and target.file_problem is not None:
        return failed(target.file_problem.message, target.file_problem.remedy)
    if not target.hostname:
        return failed(
            f"no hostname is saved in {target.file}",
            f'pass it once, as in connect({target.name!r}, hostname="rp-f08d6c.local"): PyRPL remembers it',
        )
    try:
        address = in_time(RESOLVED_SECONDS, lambda: directory.address(target.hostname))
    except TimeoutError:
        address = None
    if address is None:
        return failed(
            f"{target.hostname} cannot be resolved",
            "is it spelt as on the board's sticker (rp-f08d6c.local), is the board switched on, and on this "
            "network? try its address, as 192.168.1.5, instead",
        )
    target.address = address
    return ok(address if address == target.hostname else f"{target.hostname} is {address}")


def reachable(target: Target) -> Finding:
    """Whether anything answers at the board's address."""
    try:
        target.ssh.connect(target.address, target.parameters["sshport"])
    except OSError as error:
        return failed(
            f"nothing answers at {target.address} ({error.strerror or error})",
            "is the board switched on, and on this network? open its hostname in a web browser, or ping it",
            NO_ROUTE,
        )
    return ok(f"{target.address} answers")


def ssh(target: Target) -> Finding:
    """Whether SSH answers at the board's SSH port."""
    port = target.parameters["sshport"]
    if target.ssh.refused is not None:
        return failed(
            f"{target.address} accepts no connection at port {port}",
            "is it a Red Pitaya, and is this its SSH port (--sshport)? one that has just been switched on "
            "needs half a minute",
        )
    if importlib.util.find_spec("paramiko") is None:
        return skipped("paramiko, which comes with PyRPL, is missing", extras.install("daemon"))
    try:
        target.ssh.start()
    except Exception as error:  # noqa: BLE001 - boundary: paramiko raises errors of many classes
        if type(error).__name__ == "IncompatiblePeer":
            return failed(
                f"the SSH of its system is too old for this machine's ({error})",
                "write an image of Red Pitaya OS 2 or 3 to its SD card",
                WRONG_OS,
            )
        return failed(
            f"what answers at port {port} does not speak SSH ({error or type(error).__name__})",
            "is this the SSH port of a Red Pitaya (--sshport)?",
        )
    return ok(f"answers at port {port}")


def password(target: Target) -> Finding:
    """Whether the board accepts user and password."""
    user = str(target.parameters["user"])
    try:
        target.ssh.login(user, str(target.parameters["password"]))
    except Exception as error:  # noqa: BLE001 - boundary: as above
        # by name: the classes are paramiko's, which is installed with PyRPL only
        refused = type(error).__name__ in ("AuthenticationException", "BadAuthenticationType")
        if refused and target.status is not None and target.status.link.state == UP:
            return skipped("its daemon has logged in with another password than the saved one (--password)")
        if refused:
            return failed(
                f"the board refuses the user {user!r} with this password",
                "pass the right ones: --user, --password; "
                + target.connecting('user="root"', 'password="..."')
                + " saves them",
                WRONG_PASSWORD,
            )
        return failed(f"the login ended: {error or type(error).__name__}", "try again")
    return ok(f"accepted for {user}")
