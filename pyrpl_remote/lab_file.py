"""`lab.toml`, the configuration of a lab: where its boards are, and how their daemons run.

It is in the user's folder for configurations (`path`); the panel and any editor write it. `connect()`, the
command line, daemons and PyMoDAQ's plugins read it:

    [common]                 # for all boards
    grace = 60               # s that a daemon waits after its last client has left
    gateware = "say"         # or "restore": what a daemon does where another gateware has replaced PyRPL's

    [boards.lab]             # the board called lab: also grace and gateware, and
    hostname = "rp-f08d6c.local"
    sshport = 22             # of PyRPL's parameters also port, user, and plant for a virtual board
    on = "daq2"              # the paired host that has it
    metrics = 9100           # port at which its daemon answers Prometheus

    [plugins]                # what PyMoDAQ's plugins begin with
    board = "lab"
    limit = 55               # s that their init waits for a board, 0 for ever
    at_init = "read the board"

An argument of a call has priority over everything, then come our environment variables (PYRPL_REMOTE_...),
then this file, then PyRPL's own file of the board with the variables that PyRPL reads (REDPITAYA_...), and
last the defaults. A password is not in it: PyRPL keeps that in its own file.
"""

from __future__ import annotations

import json
import math
import os
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import platformdirs

from . import settings
from .errors import BadParameter, ConfigurationError, StateFolderError
from .machine import files_in_use
from .machine.private_file import write_private
from .setup_names import did_you_mean

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PARAMETERS = ("hostname", "sshport", "port", "user", "plant")
"""The parameters of PyRPL, and of a virtual board, that a board may have here."""


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.isprintable():
        raise ValueError("it must be a text in one line")
    return value


def _seconds(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError("it must be a number of seconds")
    if not (math.isfinite(value) and value >= 0):
        raise ValueError("it must be a finite number that is not negative, in s")
    return value


def _port(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 1 << 16:
        raise ValueError("it must be a whole number from 1 to 65535")
    return value


def _one_of(*allowed: str) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        if value not in allowed:
            raise ValueError(f"it must be {' or '.join(map(repr, allowed))}")
        return str(value)

    return check


DAEMON: dict[str, Callable[[Any], Any]] = {
    "grace": _seconds,
    "gateware": _one_of(settings.SAY, settings.RESTORE),
}

SECTIONS: dict[str, dict[str, Callable[[Any], Any]]] = {
    "common": DAEMON,
    "boards": {
        **dict.fromkeys(("hostname", "user", "plant", "on"), _text),
        **dict.fromkeys(("sshport", "port", "metrics"), _port),
        **DAEMON,
    },
    "plugins": {
        "board": _text,
        "limit": _seconds,
        "at_init": _one_of("read the board", "push the tree"),
    },
}
"""What each section may have, with the function that checks a value of it."""


@dataclass
class LabFile:
    """The contents of the file: the section `common`, those of `boards` by name, and `plugins`.

    Each section is a dict by entry, as the file has it: `grace` and `limit` in s, ports as whole numbers.
    """

    common: dict[str, Any] = field(default_factory=dict)
    boards: dict[str, dict[str, Any]] = field(default_factory=dict)
    plugins: dict[str, Any] = field(default_factory=dict)

    def of_board(self, name: str) -> dict[str, Any]:
        """What is said about a board: of all boards, then of this one."""
        return {**self.common, **self.boards.get(name, {})}

    def parameters(self, name: str) -> dict[str, Any]:
        """The parameters of `connect` that are known for a board."""
        own = self.boards.get(name, {})
        return {key: own[key] for key in PARAMETERS if key in own}


def path() -> Path:
    """The file, which may not exist; PYRPL_REMOTE_LAB names another one."""
    chosen = os.environ.get("PYRPL_REMOTE_LAB")
    folder = platformdirs.user_config_path("pyrpl_remote", appauthor=False)
    return Path(chosen) if chosen else folder / "lab.toml"


def check(section: str, key: str, value: Any) -> Any:
    """`value` for `key` of a section, as in SECTIONS. Raises BadParameter."""
    known = SECTIONS[section]
    if key == "password":
        raise BadParameter(
            "a password is not kept in lab.toml",
            "give it once to connect() or `serve`: PyRPL keeps it in its own file of the board",
        )
    if key not in known:
        raise BadParameter(
            f"{section} has no entry {key!r}", did_you_mean(key, known, f"it has {', '.join(known)}")
        )
    try:
        return known[key](value)
    except ValueError as error:
        raise BadParameter(f"{key} = {value!r} is not valid", str(error)) from None


def read() -> LabFile:
    """The present contents; empty ones if there is no file. Raises ConfigurationError."""
    file = path()
    try:
        content = tomllib.loads(files_in_use.patiently(lambda: file.read_text("utf-8")))
    except (FileNotFoundError, NotADirectoryError):
        return LabFile()
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{file} cannot be read: {error}", "correct or remove it") from error
    try:
        return _checked(content)
    except BadParameter as error:
        raise ConfigurationError(f"{file}: {error.message}", error.remedy) from error


def _checked(content: Mapping[str, Any]) -> LabFile:
    found = LabFile()
    for section, value in content.items():
        if section not in SECTIONS or not isinstance(value, dict):
            raise BadParameter(
                f"there is no section {section!r}",
                did_you_mean(section, SECTIONS, f"it has {', '.join(SECTIONS)}"),
            )
        if section != "boards":
            getattr(found, section).update({key: check(section, key, one) for key, one in value.items()})
            continue
        for name, own in value.items():
            if not isinstance(own, dict):
                raise BadParameter(f"boards.{name} is no section", f"write [boards.{name}]")
            found.boards[name] = {key: check("boards", key, one) for key, one in own.items()}
    return found


def write(content: LabFile) -> None:
    """Replace the file, all of it or nothing. Raises BadParameter, StateFolderError."""
    sections = {"common": content.common, **{f"boards.{_key(n)}": own for n, own in content.boards.items()}}
    sections["plugins"] = content.plugins
    _checked({"common": content.common, "boards": content.boards, "plugins": content.plugins})
    lines = ["# Written by the panel of pyrpl_remote; see docs/panel.md for what it may have."]
    for title, values in sections.items():
        if values or title.startswith("boards."):
            # what TOML and JSON write in the same way: texts and numbers
            lines += ["", f"[{title}]", *(f"{key} = {json.dumps(value)}" for key, value in values.items())]
    file = path()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_private(file, ("\n".join(lines) + "\n").encode())
    except OSError as error:
        raise StateFolderError(
            f"{file} cannot be written: {error.strerror}", "PYRPL_REMOTE_LAB names another file"
        ) from error


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else json.dumps(name)


def grace_seconds(board: str) -> float:
    """The grace period of a board's daemon, in s, that this process starts, if the call says nothing else."""
    if os.environ.get("PYRPL_REMOTE_GRACE"):
        return settings.grace_seconds()
    return float(read().of_board(board).get("grace", settings.GRACE_SECONDS))


def metrics_port(board: str) -> int:
    """The port at which a board's daemon answers Prometheus, 0 for none."""
    return settings.metrics_port() or int(read().of_board(board).get("metrics", 0))


def gateware(board: str) -> str:
    """What a board's daemon does about another gateware, if the call says nothing else."""
    return str(read().of_board(board).get("gateware", settings.SAY))
