"""On which host a board is: on this machine, or on one that is paired with it.

A board that is named without a hostname is where a daemon of this name serves, or where it has been
configured. If that is so on several hosts, an error names them: nobody shall set the wrong board.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from ...errors import AmbiguousBoard, BadParameter, BoardNameTaken, HostUnreachable
from ...names import directory, paired
from ...names.directory import Entry
from ...names.paired import HostBoards
from ...progress import Report, ignore
from ...transport.lan import paired_hosts, ssh
from .configuration import Configuration
from .elsewhere import HERE
from .locate import Locator
from .wanted import WITHOUT_ADDRESS, Wanted


@dataclass(frozen=True)
class Place:
    """The host `on` which a board called `name` is: "" for this machine.

    `answer`: what the host has just answered, None if it was not asked.
    """

    on: str
    name: str
    answer: HostBoards | None = field(default=None, compare=False)


def place_of(wanted: Wanted, on: str | None, via: str | None) -> Place:
    """Where the board `wanted` is; `on` names a paired host, `via` is an ssh:// address.

    Raises AmbiguousBoard if it may be on several hosts, PairingFailed if `on` is not paired, BadParameter.
    """
    if via is not None:
        if on is not None:
            raise BadParameter(f"on={on!r} and via={via!r} are two ways to a host", "give one of them")
        return Place(ssh.require_address(via), wanted.name)
    if on is not None and not (isinstance(on, str) and on):
        raise BadParameter(f"on={on!r} is not valid", f'it is the name of a paired host, or "{HERE}"')
    if on is not None and on != HERE:
        return Place(paired_hosts.peer(on).name, wanted.name)
    if on == HERE or wanted.hostname in WITHOUT_ADDRESS or not paired_hosts.gates():
        return Place("", wanted.name)
    return _search(wanted)


def _search(wanted: Wanted) -> Place:
    """Ask all paired hosts."""
    here = directory.boards()
    if wanted.hostname is not None and _has_hostname(wanted, here):
        return Place("", wanted.name)
    hosts = paired.of_all()
    if wanted.hostname is not None:
        # a board at this hostname is not taken from the host that serves it
        found = [entry for host in hosts for entry in _with_hostname(wanted, host.served)]
        return _only(found, wanted.name, hosts) if found else Place("", wanted.name)
    found = [entry for host in hosts for entry in host.served if entry.name == wanted.name]
    serves_here = any(entry.name == wanted.name for entry in here)
    configured = wanted.configuration is not None and wanted.configuration.exists
    if serves_here or (found and configured and not _is_of_file(found, wanted.configuration)):
        return _only(found, wanted.name, hosts, here="serves" if serves_here else "has a configuration file")
    if found:
        return _only(found, wanted.name, hosts)
    if configured:
        return Place("", wanted.name)
    able = [host.host for host in hosts if wanted.name in host.startable and wanted.name != "virtual"]
    if len(able) > 1:
        raise _ambiguous(wanted.name, [f"{host} has a configuration file of it" for host in able], able[0])
    if not able and wanted.hostname is None and "REDPITAYA_HOSTNAME" not in os.environ:
        _require_answers(wanted.name, hosts)
    return Place(able[0] if able else "", wanted.name)


def _require_answers(name: str, hosts: list[HostBoards]) -> None:
    """Raise an error if a host that does not answer may have the board, of which nothing is known here."""
    failed = [host for host in hosts if host.error is not None]
    if len(failed) == 1 and failed[0].error is not None:
        raise failed[0].error
    if failed:
        raise HostUnreachable(
            f"no board called {name!r} is known here, and these paired hosts cannot be asked: "
            + "; ".join(str(host.error and host.error.message) for host in failed),
            "`pyrpl-remote peers` shows whether they answer",
        )


def _only(found: list[Entry], name: str, asked: list[HostBoards], here: str = "") -> Place:
    if not found:
        return Place("", name)
    hosts = [f"{entry.on} serves {entry.name!r}, {entry.identity}" for entry in found]
    if here:
        hosts.insert(0, f"this machine {here} it")
    if len(hosts) > 1:
        raise _ambiguous(name, hosts, found[0].on)
    answer = next(host for host in asked if host.host == found[0].on)
    return Place(found[0].on, found[0].name, answer)


def _ambiguous(name: str, hosts: list[str], example: str) -> AmbiguousBoard:
    return AmbiguousBoard(
        f"several hosts have a board called {name!r}: {'; '.join(hosts)}",
        f'say which one: connect({name!r}, on={example!r}), or on="{HERE}" for this machine',
    )


def _with_hostname(wanted: Wanted, entries: Iterable[Entry]) -> list[Entry]:
    """Those that serve the board at the wanted hostname. Another host's loopback is not this one's."""
    nowhere = {hostname.lower() for hostname in WITHOUT_ADDRESS}
    remote = [
        entry for entry in entries if not entry.host.startswith("127.") and entry.host.lower() not in nowhere
    ]
    return [entry for entry in remote if _has_hostname(wanted, [entry])]


def _has_hostname(wanted: Wanted, entries: list[Entry]) -> bool:
    try:
        return Wanted(wanted.name, wanted.hostname, wanted.sshport).find(entries) is not None
    except BoardNameTaken:  # it has the name only
        return False


def _is_of_file(found: list[Entry], configuration: Configuration | None) -> bool:
    """Whether the configuration file on this machine is for the board that the only other host serves."""
    if len(found) != 1 or configuration is None:
        return False
    hostname = _hostname_in(Path(configuration.path))
    known = {found[0].host, *found[0].aliases}
    return hostname != "" and directory.as_typed(hostname) in {directory.as_typed(one) for one in known}


def _hostname_in(path: Path) -> str:
    """The hostname in a configuration file that PyRPL has written, "" if there is none."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    section = re.search(r"^redpitaya:\s*\n((?:[ \t]+.*\n?|\s*\n)+)", text, re.MULTILINE)
    line = section and re.search(r"^[ \t]+hostname:[ \t]*['\"]?([^'\"\s#]+)", section[1], re.MULTILINE)
    return line[1] if line else ""


class PlaceLocator(Locator):
    """Finds the daemon of a board on another host, or lets that host start it."""

    def __init__(
        self,
        place: Place,
        wanted: Wanted | None = None,
        progress: Report = ignore,
        start: Callable[[], Entry] | None = None,
    ) -> None:
        """`wanted`: as the user asked for it; its hostname must be that of the board.

        `start()` is called in place of the start on that host.
        """
        super().__init__(Wanted(place.name), start or self._start_there, progress)
        self._place = place
        self._answer = place.answer  # as good as a new one, but only at first
        self._hostname = None if wanted is None else wanted.hostname
        self._asked = wanted
        self._lock_name = f"start-{place.name}-on-{place.on}"

    def find(self) -> Entry | None:
        """The entry of the running daemon, None if there is none. Raises HostUnreachable, BoardNameTaken."""
        entry = self._wanted.find(self._boards())
        if entry is not None:
            self._require_hostname(entry)
        return entry

    def _boards(self) -> list[Entry]:
        answer, self._answer = self._answer, None
        self._there: HostBoards = answer or paired.on_host(self._place.on)
        return list(self._there.served)

    def _start_there(self) -> Entry:
        paired.require_may_start(self._there, self._place.name)
        entry = paired.start(self._place.on, self._place.name, self._progress)
        self._require_hostname(entry)
        return entry

    def _end_namesake(self) -> bool:
        return False

    def _require_hostname(self, entry: Entry) -> None:
        if self._hostname is None or self._asked is None or _has_hostname(self._asked, [entry]):
            return
        raise BoardNameTaken(
            f"board {entry.name!r} on {self._place.on} is {entry.identity}, not {self._hostname!r}",
            f"connect({entry.name!r}, on={self._place.on!r}) without a hostname uses it",
        )


def require_no_parameters(place: Place, given: Iterable[str]) -> None:
    """Raise BadParameter for parameters that would be ignored: the other host has its own configuration."""
    ignored = sorted(set(given) - {"hostname", "sshport"})
    if ignored:
        raise BadParameter(
            f"board {place.name!r} is on {place.on}, whose own configuration says {', '.join(ignored)}",
            "leave these parameters out",
        )
