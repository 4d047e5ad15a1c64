"""Whether a start keeps the FPGA as it is, or loads the configuration; and how it keeps it.

An FPGA whose gateware lives, and that a daemon with the same configuration has left, is kept: its registers
win over the file. Another configuration that is asked for by name is loaded, and so is any on a board without
a mark.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from .... import settings
from ..board.mark import CYCLES_ADDRESS, Found, Mark

if TYPE_CHECKING:
    from ..board.link import GuardedClient
    from .held_writes import HeldWrites

log = logging.getLogger(__name__)

RELOAD = "reloadfpga"
"""PyRPL's parameter; with True it resets the FPGA."""


class Keeping:
    """One start: decides at first, and keeps the FPGA then. To be used in the Qt thread.

    Attributes: `keeps`, `text` (what the start does, for its progress; "" for what is usual), `marked`
    (whether the board has a mark that this start makes invalid).
    """

    def __init__(self, name: str, fileless: bool, restore: str | None, found: Found, parameters: Any):
        """`name`: of the board and its configuration; `parameters`: those that were given for this start."""
        self._held: HeldWrites | None = None
        self._mark = found.mark
        resets = str(parameters.get(RELOAD)).lower() == "true"
        self.keeps, self.text = _decision(name, fileless, restore, found, resets)
        self.marked = found.mark is not None and not self.keeps

    def parameters(self, saved: Any) -> dict[str, Any]:
        """Parameters that PyRPL must have although `saved` ones say otherwise."""
        # PyRPL saves reloadfpga=True that was passed once
        return {RELOAD: "auto"} if self.keeps and str(saved.get(RELOAD)).lower() == "true" else {}

    def connected(self, client: GuardedClient) -> None:
        """Hold PyRPL's writes from now on, if the FPGA is kept; to be called before its first access."""
        if not self.keeps:
            return
        from ..board.link import PROOF_ADDRESS
        from .held_writes import HeldWrites  # not at the top: the next one imports PyRPL

        low, high = client.reads(CYCLES_ADDRESS, 2)
        began_again = self._mark is not None and int(low) + (int(high) << 32) < self._mark.cycles
        if began_again or not client.reads(PROOF_ADDRESS, 1)[0]:
            log.warning(
                "the gateware was loaded again since the board was marked: the configuration is loaded"
            )
            self.keeps = False
            return
        self._held = HeldWrites(client)

    def started(self, pyrpl: Any, saved: Any) -> str:
        """Take over what the FPGA has, now that PyRPL has started; returns a text about what differs."""
        from ..configuration.owned import Owned
        from .kept_registers import keep_registers  # not at the top: they import PyRPL

        tree = pyrpl.c
        if self._held is None:
            tree._owned = Owned(pyrpl)  # noqa: SLF001 - the tree's own names are for entries
            return ""
        if self.parameters(saved):
            tree["redpitaya"][RELOAD] = saved[RELOAD]
        differences = keep_registers(pyrpl, self._held, self._mark)
        tree._owned = Owned(pyrpl, kept=True)  # noqa: SLF001
        self._held.drop()
        self._held.release()
        return differences


def _decision(name: str, fileless: bool, restore: str | None, found: Found, resets: bool) -> tuple[bool, str]:
    """Whether the FPGA is kept, and what the progress says."""
    mark = found.mark
    if restore == settings.REGISTERS and not (found.alive and not resets):
        log.warning(
            "there is nothing to keep, because PyRPL's gateware is not loaded: the configuration is loaded"
        )
        return False, ""
    if resets or not found.alive or (mark is None and restore != settings.REGISTERS):
        return False, ""
    if restore == settings.FILE:
        return False, f"loading the configuration {name!r}{_over(mark)}"
    if restore is None and mark is not None and mark.configuration != name and not fileless:
        return False, f"loading the configuration {name!r}{_over(mark)}"
    return True, "keeping the FPGA as it is" + (f" (configuration {mark})" if mark else "")


def _over(mark: Mark | None) -> str:
    return f" over {mark}" if mark is not None else ""
