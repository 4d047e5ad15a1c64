"""The board that a client asks for, and which of the running daemons serves it.

A board is the same if its name is, or its hostname as typed, its address, or the hostname that is made from
its MAC address. A parameter that is not given says nothing: connect("lab") means the board called lab.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from ... import settings
from ...errors import BoardNameTaken
from ...names import directory
from ...names.directory import Entry
from .configuration import Configuration, same_file

WITHOUT_ADDRESS = (settings.VIRTUAL, *settings.SIMULATED)
"""The hostnames that are no names of hosts."""


@dataclass(frozen=True)
class Wanted:
    """A board as a client asks for it: its `name`, and what else is known of it.

    `hostname`: as typed. `sshport`: None if it is not given. `configuration`: its file, None if the client
    names none. `fileless`: the client asks for a board without a file.
    """

    name: str
    hostname: str | None = None
    sshport: int | None = None
    configuration: Configuration | None = None
    fileless: bool = False

    def find(self, entries: Sequence[Entry]) -> Entry | None:
        """The entry of this board, None if no daemon is known to serve it.

        None is also returned if only a daemon can find out, by asking the board itself. Raises BoardNameTaken
        if the name is in use for another board.
        """
        named = next((entry for entry in entries if entry.name == self.name), None)
        if self.hostname is None:
            return named
        others = [entry for entry in entries if entry is not named]
        for entry in [named, *others] if named else others:
            if self._has_hostname_of(entry) and self._has_port_of(entry):
                return entry
        if named:
            self._refuse_unless_undecided(named)
        return None

    def conflict(self, entry: Entry, led: bool = False) -> str:
        """Why this client cannot use the daemon of `entry`, which has another configuration file, or "".

        `led`: the board itself has told that it is the same. A file that does not exist yet is no statement.
        """
        mine = self.configuration
        if mine is None or not mine.exists or (entry.file and same_file(mine.path, entry.file)):
            return ""
        if mine.is_bare_name and (led or self.hostname is not None) and _name_in_a_users_folder(entry, mine):
            return ""  # the same board under the same name, started by another user
        theirs = f"the configuration file {entry.file}" if entry.file else "no configuration file"
        return f"board {entry.name!r} is in use with {theirs}, not with {mine.path}"

    def asks_for_another_file(self, entry: Entry) -> bool:
        """Whether PyRPL would open another file than the daemon of `entry` has, or none.

        Without a hostname, the name of a running daemon means that daemon.
        """
        mine = self.configuration
        if mine is None:
            return self.fileless and entry.file != ""
        if entry.file and same_file(mine.path, entry.file):
            return False
        return self.hostname is not None or self.name != entry.name

    @property
    def can_be_reached(self) -> bool:
        """Whether the hostname needs no address, or can be resolved just now."""
        return self.hostname is None or self.hostname in WITHOUT_ADDRESS or self._address is not None

    @cached_property
    def _address(self) -> str | None:
        assert self.hostname is not None
        return None if self.hostname in WITHOUT_ADDRESS else directory.address(self.hostname)

    def _has_hostname_of(self, entry: Entry) -> bool:
        assert self.hostname is not None
        if self.hostname == settings.VIRTUAL:
            return entry.identity == directory.identity(self.hostname, name=self.name)
        if entry.host == settings.VIRTUAL:
            return False
        typed = directory.as_typed(self.hostname)
        known = {entry.host, *entry.aliases}
        # in any domain: rp-f08d6c.local and rp-f08d6c.lab.org are one board
        own = typed.partition(".")[0]
        return (
            typed in known
            or (own in known and directory.MAC_HOSTNAME.fullmatch(own) is not None)
            or self._address in known
        )

    def _has_port_of(self, entry: Entry) -> bool:
        if self.hostname == settings.VIRTUAL:
            return True
        if self.sshport is not None:
            return entry.sshport == self.sshport
        if entry.name == self.name:
            return True
        # another name: what its file says of the port, only the daemon reads
        known_to_file = self.configuration is not None and self.configuration.exists
        return not known_to_file and str(entry.sshport) == os.environ.get("REDPITAYA_SSHPORT", "22")

    def _refuse_unless_undecided(self, named: Entry) -> None:
        """Raise BoardNameTaken if `named` is another board, or if nobody can find out whether it is.

        A new daemon can find out if the board has a MAC address: it asks the board at the hostname for its
        own.
        """
        assert self.hostname is not None
        taken = f"the name {self.name!r} is in use for the board {named.identity}"
        if not self.can_be_reached:
            raise BoardNameTaken(
                f"{taken}, and {self.hostname!r} cannot be resolved just now",
                f"connect({self.name!r}) without a hostname uses the running daemon",
            )
        if self._address and named.mac_addresses and not self._has_hostname_of(named):
            return
        port = "" if self.sshport is None else f":{self.sshport}"
        raise BoardNameTaken(
            f"{taken}, not {self._address or self.hostname}{port}",
            "pass another name for this board as the first argument of connect()",
        )


def _name_in_a_users_folder(entry: Entry, mine: Configuration) -> bool:
    folder, name = os.path.split(entry.file)
    return os.path.basename(folder) == "config" and name == os.path.basename(mine.path)
