"""The one configuration of a lab, lab.toml: read, checked and saved (see lab_file.py for what it has)."""

from __future__ import annotations

from typing import Any

from .. import lab_file
from ..client.finding.parameters import valid_parameters
from ..lab_file import PARAMETERS, LabFile, path
from ..transport.lan import paired_hosts

__all__ = ["LabFile", "check", "configuration", "path", "save"]


def configuration() -> LabFile:
    """The present configuration; an empty one if there is no file. Raises ConfigurationError."""
    return lab_file.read()


def save(content: LabFile) -> None:
    """Save `content` as the configuration, all of it or nothing. Raises BadParameter, StateFolderError."""
    boards = {
        name: {key: check("boards", key, value) for key, value in own.items()}
        for name, own in content.boards.items()
    }
    lab_file.write(LabFile(content.common, boards, content.plugins))


def check(section: str, key: str, value: Any) -> Any:
    """`value` as the file has it, for the entry `key` of a `section`: "common", "boards" or "plugins".

    Raises BadParameter, or PairingFailed for a host that is not paired.
    """
    if section == "boards" and key in PARAMETERS:
        value = valid_parameters({key: value}).get(key, value)
    checked = lab_file.check(section, key, value)
    if key == "on" and checked not in ("", "localhost"):
        paired_hosts.peer(checked)
    return checked
