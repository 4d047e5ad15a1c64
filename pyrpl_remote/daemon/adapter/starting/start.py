"""The start and the end of a board: PyRPL on a Red Pitaya, or on a virtual one that this process owns.

Importing this file does not import PyRPL, so that a daemon without PyRPL can report the error.
"""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .... import settings
from ....errors import BoardLinkLost, BoardTaken, UnknownBoard
from ....names import directory
from ..board.first_look import FirstLook, first_look, remove_mark
from ..board.virtual_process import VirtualBoardProcess
from ..kept.keeping import Keeping
from .failures import libraries_missing, start_error
from .pyrpl_import import import_pyrpl
from .saved_parameters import saved_parameters

if TYPE_CHECKING:
    from ..board.interrupted import Interrupted
    from ..board.link import Link
    from ..board.marker import Marker
    from ..board.recovery import Recovery
    from ..configuration.changes import Changes

log = logging.getLogger(__name__)


@dataclass
class Request:
    """A request to start a board: its `name`, and the arguments of Pyrpl(config, source, **parameters).

    `config` and `source` are absolute paths, or names in PyRPL's folder; without `config` there is no file.
    `set_aside`: a section that is moved out of the configuration file first, "" for none. `take_over`: take
    the board even if another program uses it. `gateware`: "say" or "restore", what is done where another
    gateware replaces PyRPL's while the daemon runs. `restore`: "registers" to keep the FPGA as it is, "file"
    to load the configuration, None to keep an FPGA that a daemon with this configuration has left.
    """

    name: str
    config: str | None
    source: str | None = None
    parameters: dict[str, Any] = field(default_factory=dict)
    set_aside: str = ""
    take_over: bool = False
    gateware: str = settings.SAY
    restore: str | None = None

    @property
    def shown(self) -> str:
        """The configuration as an error shows it: what a client passes to connect() for the same file."""
        if self.config is None or not os.path.isabs(self.config):
            return self.name
        if os.path.isfile(self.config):
            return self.config
        return os.path.basename(self.config).removesuffix(".yml")


class Board:
    """One board and its Pyrpl. Made, used and closed in the Qt thread.

    Attributes: `pyrpl` (the Pyrpl instance), `link` (its connection to the board), `hostname`, `file` (its
    configuration file, "" if it has none), `changes` (those that are not in this file yet), `aliases` (see
    names.directory.Entry), `kept` (the start left the FPGA as it was), `interrupted` (what a loss of the
    board interrupts).
    """

    pyrpl: Any
    link: Link
    hostname: str
    file: str
    changes: Changes
    aliases: tuple[str, ...]
    kept: bool
    interrupted: Interrupted

    def __init__(self, request: Request, progress: Callable[[str], None], claim: Callable[[str], None]):
        """Start PyRPL on the board.

        `progress(text)` is called before each step. `claim(text)` is called for what no other daemon may
        have: the board's identity, before the first access to the board; its MAC address and its name, before
        PyRPL takes the board. An error that it raises ends the start. Raises a StartError.
        """
        self._virtual: VirtualBoardProcess | None = None
        self._marker: Marker | None = None
        self._restore_gateware = request.gateware == settings.RESTORE
        parameters = {"gui": False, **request.parameters}
        plant = parameters.pop("plant", settings.LOOPBACK)
        if parameters.get("hostname") == settings.VIRTUAL:
            if missing := libraries_missing(request.name):
                raise missing
            claim(directory.identity(settings.VIRTUAL, name=request.name))
            progress("starting a virtual Red Pitaya")
            self._virtual = VirtualBoardProcess(request.name, plant)
        try:
            # while the virtual board starts
            progress("importing PyRPL")
            pyrpl = import_pyrpl()
            # not at the top: these import PyRPL
            from ..configuration.tree import SharedTree
            from .configuration_file import configuration_path, require_readable, set_aside

            path = configuration_path(request.config)
            require_readable(request.name, path)
            if self._virtual is not None:
                parameters.update(self._virtual.parameters(progress))
            known = {**saved_parameters(request.config, request.source), **parameters}
            if not known.get("hostname"):
                raise UnknownBoard(
                    f"board {request.name!r}: no daemon runs under this name, and no hostname is known "
                    f"for it ({request.config or 'no configuration file'})",
                    f'pass it once, as in connect({request.shown!r}, hostname="rp-f08d6c.local"); '
                    "PyRPL remembers it",
                )
            self.hostname = known["hostname"]
            if self._virtual is None:
                claim(directory.identity(self.hostname, int(known.get("sshport", 22))))
            progress(f"connecting to the Red Pitaya {self.hostname}")
            seen = self._look(request.name, path, known)
            self.aliases = self._aliases(seen.mac_address)
            for address in filter(directory.MAC_ADDRESS.fullmatch, self.aliases):
                claim(address)
            claim(directory.claim_of_name(request.name))
            if seen.occupant is not None:
                self._require_unused(request, path, known, progress)
            # no other daemon has the board and its file from here on
            if request.set_aside:
                set_aside(path, request.set_aside)
            # not at the top: they import PyRPL
            from ..board.interrupted import Interrupted
            from ..board.link import guarded, link_of
            from ..board.marker import Marker
            from ..lockbox.class_change import amend_lockboxes, settings_moved_at_start
            from .live_rate import quicken
            from .steps import steps_reported

            keeping = Keeping(request.name, not path, request.restore, seen.found, request.parameters)
            if keeping.text:
                progress(keeping.text)
            if keeping.marked:
                remove_mark(known)
            pyrpl.pyrpl.MemoryTree = SharedTree
            amend_lockboxes()
            parameters.update(keeping.parameters(known))
            try:
                with guarded(keeping.connected), settings_moved_at_start(), steps_reported(progress):
                    # not None, with which PyRPL asks on the terminal; with "" it uses no configuration file
                    self.pyrpl = pyrpl.Pyrpl(config=request.config or "", source=request.source, **parameters)
                    differences = keeping.started(self.pyrpl, known)
                    self.kept = keeping.keeps
            except Exception as error:  # boundary: PyRPL raises errors of many classes
                raise start_error(request.name, self.hostname, path, error) from error
            self.link = link_of(self.pyrpl.rp.client)
            self.file = self.pyrpl.c._filename or ""  # noqa: SLF001 - PyRPL has no public name for it
            self.changes = self.pyrpl.c._changes  # noqa: SLF001 - the tree's own names are for entries
            self.changes.write_journal()
            quicken(self.pyrpl)
            self.interrupted = Interrupted(self.pyrpl, self.link)
            if differences:
                log.warning('%s; restore="file" loads the file', differences)
                progress(differences)
            if self._virtual is None and self.link.supervised:
                self._marker = Marker(self.pyrpl, request.name, self.file)
                self._marker.start()
        except BaseException:
            self._end_virtual()
            raise

    def close(self) -> None:
        """End PyRPL. The FPGA keeps running unchanged: a locked laser remains locked."""
        try:
            with contextlib.suppress(BoardLinkLost):
                # gives it back, if the watch of the lock still has it (lent_scope.py)
                getattr(self.pyrpl.rp, "scope", None)
            if self._marker is not None:
                self._marker.close()
            self.pyrpl.c._settle()  # noqa: SLF001 - the tree's own names are for entries
            self.pyrpl._clear()  # noqa: SLF001 - PyRPL has no public way to end
        except Exception as error:  # noqa: BLE001 - boundary: the daemon ends, whatever PyRPL raises
            log.warning(
                "PyRPL did not end as it should (is its board away?): %s: %s", type(error).__name__, error
            )
        finally:
            self._end_virtual()

    def recovery(self) -> Recovery | None:
        """What brings the link back when it is lost; None for a board that PyRPL simulates."""
        from ..board.recovery import Recovery  # not at the top: it imports PyRPL

        if not self.link.supervised:
            return None
        renew = self._marker.renew if self._marker is not None else lambda ssh: None
        return Recovery(self.pyrpl.rp, self.link, self._virtual, renew, self._restore_gateware)

    def last_access(self) -> float:
        """The time of the board's last reply (see Link)."""
        return self.link.last_access

    def _look(self, name: str, path: str, parameters: dict[str, Any]) -> FirstLook:
        if self.hostname in settings.SIMULATED:
            return FirstLook()
        try:
            return first_look(parameters)
        except Exception as error:  # boundary: paramiko raises errors of many classes
            raise start_error(name, self.hostname, path, error) from error

    def _aliases(self, mac_address: str) -> tuple[str, ...]:
        """The board's hostname as typed, its MAC address, and the hostname that is made of that."""
        aliases = {mac_address, directory.mac_hostname(mac_address)} if mac_address else set()
        if self._virtual is None and self.hostname not in settings.SIMULATED:
            aliases.add(directory.as_typed(self.hostname))
        return tuple(sorted(aliases))

    def _require_unused(
        self, request: Request, path: str, parameters: dict[str, Any], progress: Callable[[str], None]
    ) -> None:
        """Raise BoardTaken if another program uses the board, unless it is to be taken over.

        This looks again: at the first look, it may have been a daemon that has ended since.
        """
        occupant = self._look(request.name, path, parameters).occupant
        if occupant is None:
            return
        if not request.take_over:
            raise BoardTaken(
                f"board {request.name!r}: {occupant}; {self.hostname} was left to it",
                "end that program, or ask its user; to take the board from it now: "
                f"connect({request.shown!r}, take_over=True), or `pyrpl-remote serve ... --take-over`",
            )
        log.warning("board %s is taken over: %s", request.name, occupant)
        progress(f"taking over the board: {occupant}")

    def _end_virtual(self) -> None:
        if self._virtual is not None:
            self._virtual.end()
