"""The parameters of a board that PyRPL reads from its configuration file and from environment variables."""

from __future__ import annotations

import os
from typing import Any

from ....file_parameters import known_parameters


def saved_parameters(config: str | None, source: str | None = None) -> dict[str, Any]:
    """The `redpitaya` section of the configuration file, and PyRPL's environment variables for what it lacks.

    If there is no file `config`, PyRPL makes it from the file `source`. They are read before PyRPL starts:
    PyRPL would ask for a missing hostname on the terminal, and create a configuration file for a misspelt
    name.
    """
    from .configuration_file import read  # not at the top: it imports PyRPL

    path = configuration_file(config, source)
    return known_parameters({} if path is None else read(path))


def configuration_file(config: str | None, source: str | None = None) -> str | None:
    """The file that PyRPL reads for these arguments, None if there is none yet."""
    from pyrpl.memory import _get_filename

    for name in (config, source) if config else ():
        if name:
            path = str(_get_filename(name))
            if os.path.isfile(path):
                return path
    return None
