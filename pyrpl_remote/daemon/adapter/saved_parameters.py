"""The parameters of a board that PyRPL reads from its configuration file and from environment variables."""

from __future__ import annotations

import os
from typing import Any


def saved_parameters(config: str | None) -> dict[str, Any]:
    """The `redpitaya` section of a configuration file, and PyRPL's environment variables for what it lacks.

    They are read before PyRPL starts: PyRPL would ask for a missing hostname on the terminal, and create a
    configuration file for a misspelt name.
    """
    # not at the top: it imports PyRPL
    import yaml
    from pyrpl.directories import user_config_dir

    known = {
        key: os.environ[f"REDPITAYA_{key.upper()}"]
        for key in ("hostname", "sshport")
        if f"REDPITAYA_{key.upper()}" in os.environ
    }
    path = os.path.join(user_config_dir, (config or "").removesuffix(".yml") + ".yml")
    if config and os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            content = yaml.safe_load(file) or {}
        known.update({k: v for k, v in (content.get("redpitaya") or {}).items() if v not in ("", None)})
    return known
