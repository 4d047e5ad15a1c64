"""Checks the parameters of a job: plain data of a limited size, which can be stored."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

MAX_BYTES = 64 * 1024
"""How long the parameters of a job may be, as JSON."""

MAX_DEPTH = 8
"""How many levels of lists and dicts they may have."""


def require_plain(parameters: object) -> dict[str, Any]:
    """The parameters as they are stored. Raises TypeError or ValueError for what JSON cannot hold."""
    if not isinstance(parameters, Mapping):
        raise TypeError(f"the parameters of a job are a dict, not {parameters!r:.80}")
    _require(parameters, "parameters", MAX_DEPTH)
    text = json.dumps(parameters)
    if len(text) > MAX_BYTES:
        raise ValueError(f"the parameters of a job have at most {MAX_BYTES} bytes as JSON, not {len(text)}")
    stored: dict[str, Any] = json.loads(text)
    return stored


def _require(value: object, name: str, depth: int) -> None:
    if isinstance(value, (Mapping, list)) and not depth:
        raise ValueError(f"the parameters of a job have at most {MAX_DEPTH} levels")
    if isinstance(value, Mapping):
        for key, item in value.items():
            if type(key) is not str or key.startswith("!"):
                raise TypeError(
                    f"{name} of a job: a key is a text that does not begin with !, not {key!r:.80}"
                )
            _require(item, key, depth - 1)
    elif isinstance(value, list):
        for item in value:
            _require(item, name, depth - 1)
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{name:.80} of a job is a finite number, not {value!r}")
    elif not (value is None or isinstance(value, (str, int))):
        raise TypeError(f"{name:.80} of a job cannot be {value!r:.80}: it is no number, text, list or dict")
