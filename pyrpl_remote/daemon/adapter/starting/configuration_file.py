"""A board's configuration file before PyRPL loads it: it is checked, and a section can be set aside."""

from __future__ import annotations

import logging
import os
from collections import OrderedDict
from typing import Any

import yaml
from pyrpl import memory

from ....errors import ConfigurationError
from ..configuration.aside import keep_aside
from ..configuration.journal import Journal, apply, find_journal
from ..configuration.tree import sections, write_whole
from .failures import without_section

log = logging.getLogger(__name__)

NEEDED = ("pyrpl", "redpitaya")
"""The sections that PyRPL reads before it makes its modules."""


def configuration_path(config: str | None) -> str:
    """The path of the configuration file as PyRPL finds it, "" if none is used; it need not exist."""
    return memory._get_filename(config) if config else ""  # noqa: SLF001 - only this knows PyRPL's rules


def require_readable(board: str, path: str) -> None:
    """Raise ConfigurationError if the file at `path` exists, and PyRPL could not read it."""
    if not os.path.exists(path):
        return
    for section, value in read(path).items():
        if section in NEEDED and not isinstance(value, dict):
            raise ConfigurationError(
                f"board {board!r}: {section!r} in the configuration file {path} is {value!r:.40}, "
                "and no section with entries",
                without_section(board, section, path),
            )


def set_aside(path: str, section: str) -> str:
    """Move `section`, such as "iir" or "lockbox.sequence", out of the file at `path`; returns its new file.

    That is beside the configuration, such as lab.yml.iir.aside, and has YAML that can be pasted back. Raises
    ConfigurationError, and changes nothing, if the file has no such section or cannot be read.
    """
    data = read(path) if os.path.exists(path) else OrderedDict()
    *above, name = section.split(".")
    parent: Any = data
    for key in above:
        parent = parent.get(key) if isinstance(parent, dict) else None
    if not isinstance(parent, dict) or name not in parent:
        raise ConfigurationError(
            f"the configuration file {path} has no section {section!r} to set aside",
            f"it has {', '.join(map(str, data)) or 'none'}",
        )
    removed = parent.pop(name)
    for key in reversed([*above, name]):
        removed = OrderedDict({key: removed})
    aside = keep_aside(path, section, removed)
    write_whole(path, memory.save(data).decode())
    Journal(path).remove()
    log.warning("the section %r of %s was set aside: it is kept in %s", section, path, aside)
    return aside


def read(path: str) -> Any:
    """The sections of a configuration file, with the changes in its journal. Raises ConfigurationError."""
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
        data = sections(text)
        found = find_journal(path, text)
        if not found.outdated:
            apply(found.changes, data)
        return data
    except (OSError, ValueError, yaml.YAMLError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark is not None else ""
        problem = getattr(error, "problem", None) or error
        raise ConfigurationError(
            f"the configuration file {path} cannot be read{where}: {problem}",
            f"correct it; the version before may be in {path}.bak",
        ) from error
