"""Undoes what the tests of the control channel have done to a board."""

from __future__ import annotations

from pyrpl_remote.virtual.control import BoardControl

from ..processes import wait_until


def repair(control: BoardControl) -> None:
    """Undo all faults; what programs have written to registers remains."""
    control.silence(False)
    control.latency(0)
    control.password("root")
    control.os_version("2.07")
    control.plant("loopback")
    control.reboot(away=0)
    wait_until(lambda: control.status()["ssh"], what="the board's return")
    control.load_gateware("pyrpl")
