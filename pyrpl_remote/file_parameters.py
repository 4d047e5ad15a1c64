"""The parameters of a board in PyRPL's configuration file, and in PyRPL's environment variables."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

FROM_ENVIRONMENT = ("hostname", "sshport", "port", "user", "password", "timeout", "monitor_server_name")
"""The parameters that are needed before PyRPL starts, or without it."""


def file_parameters(path: str | None) -> dict[str, Any]:
    """The `redpitaya` section of the configuration file, and environment variables for what it lacks.

    `path`: an existing file, or None. Raises ImportError without the library of PyRPL that reads it, OSError,
    or yaml.YAMLError.
    """
    if path is None:
        return known_parameters({})
    # not at the top: it comes with PyRPL, which a client does not have
    import yaml

    with open(path, encoding="utf-8") as file:
        return known_parameters(yaml.safe_load(file) or {})


def known_parameters(content: Mapping[str, Any]) -> dict[str, Any]:
    """The same for the `content` of a configuration file."""
    known = {
        key: os.environ[f"REDPITAYA_{key.upper()}"]
        for key in FROM_ENVIRONMENT
        if f"REDPITAYA_{key.upper()}" in os.environ
    }
    known.update({k: v for k, v in (content.get("redpitaya") or {}).items() if v not in ("", None)})
    return known
