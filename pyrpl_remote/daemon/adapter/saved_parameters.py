"""Which board is meant: what PyRPL knows of it before it starts, from environment variables and its files."""

from __future__ import annotations

import os
from typing import Any


def saved_parameters(config: str | None) -> dict[str, Any]:
    """The `redpitaya` section of a configuration's file, over PyRPL's environment variables.

    PyRPL itself would ask for a missing hostname on the terminal, and make a file for any misspelt name.
    """
    # not above: it imports PyRPL
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
