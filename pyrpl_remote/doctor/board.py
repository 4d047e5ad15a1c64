"""Checks of a board that no daemon serves, over SSH: its system, its gateware, who uses it, its registers."""

from __future__ import annotations

from ..board_shell import (
    GATEWARE_COMMAND,
    OS_VERSION,
    OS_VERSION_COMMAND,
    REGISTER,
    REGISTER_COMMAND,
)
from ..board_status import UP
from ..occupant import find_occupant
from .finding import WRONG_GATEWARE, WRONG_OS, ZERO_DIVISION, Finding, failed, ok, skipped
from .target import Target

KNOWN_SYSTEMS = ("2", "3")
"""The releases of Red Pitaya OS on which PyRPL loads its gateware by the system's own way. On earlier ones it
writes to /dev/xdevcfg, where its file may be refused without a word."""

NEVER_ZERO = (0x40300220, 0x40300228)
"""Registers that are constants of PyRPL's gateware: the stages of pid0's filter, and its least bandwidth, by
which PyRPL divides. Red Pitaya's own gateware has 0 there, and PyRPL's identification at 0x40000000."""


def os_version(target: Target) -> Finding:
    """Whether the board's system is one with which PyRPL works."""
    printed = target.ssh.ask(OS_VERSION_COMMAND)
    found = OS_VERSION.search(printed)
    if found is None:
        return failed(
            f"/root/.version has no version of Red Pitaya OS: {printed.strip()[:80]!r}",
            "is it a Red Pitaya? PyRPL needs Red Pitaya OS 2 or 3 on its SD card",
            WRONG_OS,
        )
    if found[0].partition(".")[0] in KNOWN_SYSTEMS:
        return ok(f"Red Pitaya OS {found[0]}")
    if target.status is not None and target.status.link.state == UP:
        return ok(f"Red Pitaya OS {found[0]}, with which its daemon works")
    return failed(
        f"Red Pitaya OS {found[0]}; PyRPL loads its gateware on OS 2 and 3, elsewhere it often ends in a "
        "ZeroDivisionError",
        "write an image of Red Pitaya OS 2 or 3 to its SD card",
        WRONG_OS,
    )


def gateware(target: Target) -> Finding:
    """Whether PyRPL's gateware is loaded."""
    printed = target.ssh.ask(GATEWARE_COMMAND).strip()
    if "pyrpl" in printed.lower():
        return ok(printed.split()[0])
    missing = "no such file" in printed.lower() or not printed
    what = "none is loaded yet" if missing else f"{printed.split()[0]} is loaded"
    if target.parameters["reloadfpga"] is False:
        return failed(
            f"{what}, and reloadfpga=False keeps PyRPL from loading its own: it ends in a ZeroDivisionError",
            "load it once: " + target.connecting('reloadfpga="auto"'),
            WRONG_GATEWARE,
        )
    return failed(
        f"{what}, and not PyRPL's: as after a reboot, or when its web page was used",
        f"{target.connecting()} loads PyRPL's, and ends what the other gateware does",
        WRONG_GATEWARE,
    )


def monitor_port(target: Target) -> Finding:
    """Whether another program is connected to the board's monitor server, which serves a single one."""
    port = target.parameters["port"]
    found = find_occupant(target.ssh.ask, target.ssh.own_end, target.parameters)
    if found is None:
        return ok(f"nobody is connected to port {port}")
    return failed(
        str(found),
        "end that program first: the board serves a single one, and connect() would end its connection",
    )


def registers(target: Target) -> Finding:
    """Whether PyRPL's registers are there.

    Red Pitaya's own program reads them: a connection to the monitor server would end it when it closes.
    """
    for address in NEVER_ZERO:
        printed = target.ssh.ask(REGISTER_COMMAND.format(address=address))
        found = REGISTER.search(printed)
        if found is None:
            return skipped(f"the board cannot read them by itself: {printed.strip()[:80]}")
        if int(found[1], 16) == 0:
            return failed(
                f"PyRPL would end in one: its register at {address:#x} is 0, although the gateware is called "
                "PyRPL's",
                f"load it again: {target.connecting('reloadfpga=True')}, or restart the board first",
                ZERO_DIVISION,
            )
    return ok("those of PyRPL's gateware")
