"""The start and the end of a board: PyRPL on a Red Pitaya, or on a virtual one that this process owns.

Importing this file does not import PyRPL, so that a daemon without PyRPL can report the error.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ... import settings
from ...errors import UnknownBoard
from ...names import directory
from .failures import import_error, start_error
from .saved_parameters import saved_parameters
from .virtual_process import VirtualBoardProcess

if TYPE_CHECKING:
    from .link import Link

log = logging.getLogger(__name__)


@dataclass
class Request:
    """A request to start a board: its `name`, and the arguments of Pyrpl(config, source, **parameters)."""

    name: str
    config: str | None
    source: str | None = None
    parameters: dict[str, Any] = field(default_factory=dict)


class Board:
    """One board and its Pyrpl. Made, used and closed in the Qt thread.

    Attributes: `pyrpl` (the Pyrpl instance), `link` (its connection to the board), `hostname`.
    """

    pyrpl: Any
    link: Link
    hostname: str

    def __init__(self, request: Request, progress: Callable[[str], None], claim: Callable[[str], None]):
        """Start PyRPL on the board.

        `progress(text)` is called before each step. `claim(identity)` is called before the first access to
        the board; an error that it raises ends the start. Raises a StartError.
        """
        self._virtual: VirtualBoardProcess | None = None
        parameters = {"gui": False, **request.parameters}
        if parameters.get("hostname") == settings.VIRTUAL:
            claim(directory.identity(settings.VIRTUAL, name=request.name))
            progress("starting a virtual Red Pitaya")
            self._virtual = VirtualBoardProcess(request.name)
        try:
            # while the virtual board starts
            progress("importing PyRPL")
            pyrpl = _import_pyrpl()
            if self._virtual is not None:
                parameters.update(self._virtual.parameters(progress))
            known = {**saved_parameters(request.config), **parameters}
            if not known.get("hostname"):
                raise UnknownBoard(
                    f"board {request.name!r}: no daemon runs under this name, and no hostname is known "
                    "for it",
                    f'pass it once, as in connect({request.name!r}, hostname="rp-f08d6c.local"); '
                    "PyRPL remembers it",
                )
            self.hostname = known["hostname"]
            if self._virtual is None:
                claim(directory.identity(self.hostname, int(known.get("sshport", 22))))
            progress(f"connecting to the Red Pitaya {self.hostname}")
            try:
                # not None, with which PyRPL asks on the terminal; with "" it uses no configuration file
                self.pyrpl = pyrpl.Pyrpl(config=request.config or "", source=request.source, **parameters)
            except Exception as error:  # boundary: PyRPL raises errors of many classes
                raise start_error(request.name, self.hostname, error) from error
            from .link import Link  # not at the top: it imports PyRPL

            self.link = Link(self.pyrpl.rp.client)
        except BaseException:
            self._end_virtual()
            raise

    def close(self) -> None:
        """End PyRPL. The FPGA keeps running unchanged: a locked laser remains locked."""
        try:
            self.pyrpl._clear()  # noqa: SLF001 - PyRPL has no public way to end
        except Exception as error:  # noqa: BLE001 - boundary: the daemon ends, whatever PyRPL raises
            log.warning(
                "PyRPL did not end as it should (is its board away?): %s: %s", type(error).__name__, error
            )
        finally:
            self._end_virtual()

    def last_access(self) -> float:
        """The time of the board's last reply (see Link)."""
        return self.link.last_access

    def _end_virtual(self) -> None:
        if self._virtual is not None:
            self._virtual.end()


def _import_pyrpl() -> Any:
    """Import PyRPL, which creates the Qt application; Qt is configured before. Raises PyrplMissing."""
    if sys.platform.startswith("linux"):
        if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
            os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        # GLib's event loop waits in whole milliseconds; PyRPL waits several times for each point of a sweep
        os.environ.setdefault("QT_NO_GLIB", "1")
    try:
        import pyrpl
    except ImportError as error:
        raise import_error(error) from error
    return pyrpl
