"""What is examined: a board or a host as a user names it, with all that this machine knows about it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .. import lab_file, settings
from ..board_status import BoardStatus
from ..client.finding import observer
from ..client.finding.configuration import board_name, find_configuration
from ..client.finding.elsewhere import HERE, find_elsewhere, split
from ..client.finding.parameters import require_variables, valid_parameters
from ..client.finding.wanted import Wanted
from ..errors import (
    BadParameter,
    ConfigurationError,
    NameServerSilent,
    PyrplRemoteError,
    UnknownBoard,
)
from ..file_parameters import file_parameters
from ..machine import extras
from ..names import directory, paired
from ..names.directory import Entry
from ..names.paired import HostBoards
from .ssh import Ssh

DEFAULTS = {"sshport": 22, "port": 2222, "user": "root", "password": "root", "reloadfpga": "auto"}
"""PyRPL's own."""

USED = ("hostname", *DEFAULTS)
"""The parameters of a board that the doctor uses."""


@dataclass
class Target:
    """A board, or a host that may be one.

    `entry`: of the daemon that serves it, None if none does; `status`: what that daemon says, None if it does
    not answer, and then `problem` says why; `parameters`: PyRPL's, of which `hostname` may be missing;
    `file`: its configuration file, "" if it has none, and `file_problem` says why it cannot be read;
    `address`: set once the hostname is resolved; `ssh`: the connection of the checks, closed after the last.
    `on`: the paired host that has it, "" for this machine; `there`: what that host answers.
    """

    name: str
    entry: Entry | None = None
    status: BoardStatus | None = None
    problem: PyrplRemoteError | None = None
    parameters: dict[str, Any] = field(default_factory=lambda: dict(DEFAULTS))
    file: str = ""
    file_problem: ConfigurationError | None = None
    address: str = ""
    on: str = ""
    there: HostBoards | None = None
    ssh: Ssh = field(default_factory=Ssh)

    @property
    def hostname(self) -> str:
        """The hostname, or the address, to connect to; "" if it is not known."""
        return str(self.parameters.get("hostname", ""))

    def connecting(self, *arguments: str) -> str:
        """The call that connects to it, as a remedy shows it, with further `arguments`."""
        where = []
        if self.entry is None and not self.file:
            where = [f"hostname={self.hostname!r}"]
            where += [
                f"{name}={self.parameters[name]}"
                for name in ("sshport", "port")
                if self.parameters[name] != DEFAULTS[name]
            ]
        name = "lab" if where else self.name
        return f"connect({', '.join([repr(name), *where, *arguments])})"

    @property
    def is_virtual(self) -> bool:
        """Whether its daemon starts, or has started, a virtual board of its own."""
        return self.entry.host == settings.VIRTUAL if self.entry else self.hostname == settings.VIRTUAL

    @property
    def is_simulated(self) -> bool:
        """Whether PyRPL itself simulates it, and connects to nothing."""
        simulated = [name.lower() for name in settings.SIMULATED]
        return self.hostname.lower() in simulated


def find_target(text: str, given: Mapping[str, Any]) -> Target:
    """The board that `text` names, or the host. `given`: parameters of PyRPL that replace saved ones.

    Raises BadParameter for a text or a parameter that is invalid, UnknownBoard for a text that is neither a
    board nor a hostname.
    """
    parameters = valid_parameters(given)
    there = _elsewhere(text)
    if there is not None:
        return there
    configuration = find_configuration(text)
    if configuration is None:
        raise BadParameter(f"{text!r} is no board and no host", 'name one, as in "lab" or rp-f08d6c.local')
    name = board_name(configuration.text)
    entries = listed_boards()
    entry = Wanted(name).find(entries) or Wanted(name, text, parameters.get("sshport")).find(entries)
    if entry is not None and entry.name == name:
        entry = observer.find(text)  # which refuses a file that is not the one of this daemon
    if entry is not None:
        return served_target(entry, parameters)
    target = Target(name, file=configuration.path if configuration.exists else "")
    in_lab = valid_parameters(lab_file.read().parameters(name))
    known = {key: value for key, value in in_lab.items() if key in USED}
    _add_parameters(target, {**known, **parameters})
    if configuration.text == settings.VIRTUAL:
        target.parameters["hostname"] = settings.VIRTUAL
    elif not (target.file or "hostname" in known):
        target.parameters["hostname"] = _hostname(text)
    return target


def _elsewhere(text: str) -> Target | None:
    """The board on a paired host that `text` names, None for one of this machine. Raises AmbiguousBoard."""
    name, on = split(text, must_be_paired=False)
    if on == HERE:
        return None
    if on:
        found = paired.boards_on(on)
        entry = next((one for one in found if one.name == name), None)
        return Target(name, on=on) if entry is None else served_target(entry, {})
    configuration = find_configuration(text)
    if configuration is None or configuration.exists or text == settings.VIRTUAL:
        return None
    if Wanted(board_name(text)).find(listed_boards()) is not None:
        return None
    entry = find_elsewhere(text)
    if entry is not None:
        return served_target(entry, {})
    able = [host.host for host in paired.of_all() if text in host.startable]
    return Target(text, on=able[0]) if len(able) == 1 else None


def listed_boards() -> list[Entry]:
    """The registered boards; none where the name server is frozen, as the check of it says."""
    try:
        return directory.boards()
    except NameServerSilent:
        return []


def served_target(entry: Entry, parameters: Mapping[str, Any]) -> Target:
    """The board that the daemon of `entry` serves."""
    # the file of another host's board is there
    file = entry.file if not entry.on and os.path.isfile(entry.file) else ""
    target = Target(entry.name, entry, file=file, on=entry.on)
    _add_parameters(target, parameters)
    target.parameters["hostname"] = entry.host
    if entry.sshport is not None:
        target.parameters["sshport"] = entry.sshport
    try:
        target.status = observer.status(entry)
    except PyrplRemoteError as error:
        target.problem = error
    return target


def _add_parameters(target: Target, given: Mapping[str, Any]) -> None:
    """Set the parameters: those that are `given`, else those of the file and of environment variables.

    Raises BadParameter for a malformed variable.
    """
    require_variables()
    saved = {}
    try:
        found = file_parameters(target.file or None)
        saved = valid_parameters({name: found[name] for name in USED if name in found})
    except ImportError as error:
        target.file_problem = ConfigurationError(
            f"the configuration file {target.file} cannot be read without a library of PyRPL ({error})",
            extras.install("daemon"),
        )
    except Exception as error:  # noqa: BLE001 - boundary: yaml has errors of many classes
        target.file_problem = ConfigurationError(
            f"the configuration file {target.file} cannot be read: {error}",
            f"correct it; the version before may be in {target.file}.bak",
        )
    target.parameters = {**DEFAULTS, **saved, **given}


def _hostname(text: str) -> str:
    try:
        return str(valid_parameters({"hostname": text})["hostname"])
    except BadParameter as error:
        raise UnknownBoard(
            f"{text!r} is neither a board, nor a configuration file, nor a hostname", error.remedy
        ) from error
