"""Values <-> messages: the one place that knows how a value travels through Pyro5.

A value becomes a tree of None, bool, int, float, str, bytes, lists and dicts with string keys, which every
Pyro5 serializer carries (bytes stay raw in msgpack, which our client speaks, and become base64 in serpent,
the default of any other Pyro5 client). Whatever is none of these becomes a dict with the one key that starts
with `!`:

| Python | on the wire |
|---|---|
| numpy array | `{"!array": [dtype.str, [shape], bytes in C order]}` |
| complex | `{"!complex": [real, imag]}` |
| tuple | `{"!tuple": [...]}` |
| set, frozenset | `{"!set": [...]}` |
| dict with other keys than plain strings | `{"!dict": [[key, value], ...]}` |
| a module of the board | `{"!module": "rp.scope"}` |
| a branch of the configuration tree | `{"!config": [keys from the root]}` |
| a saved curve | `{"!curve": {"pk": int or None, "params": {...}, "data": [x, y]}}` |
| int beyond 64 bits | `{"!int": "decimal digits"}` |

numpy scalars become Python numbers; OrderedDict and views of dict keys become dict and list.
"""

from __future__ import annotations

from collections.abc import Callable, KeysView, Mapping, ValuesView
from types import MappingProxyType
from typing import Any

import numpy as np
import serpent
from Pyro5 import config

from .errors import NotTransferable

SERIALIZER = "msgpack"
"""Pyro5's name of the serializer that our client speaks; the daemon answers each client in its own."""

MAX_MESSAGE_BYTES = 256 * 2**20
"""A longer message is refused: Pyro5's own limit of 1 GiB would let one client exhaust the daemon's memory."""

SERPENT_BYTES = {"data", "encoding"}
"""The keys of the dict that serpent makes of bytes."""

Reference = Callable[[Any], "str | dict | None"]
"""Gives the path of a module, the tagged dict of a branch or a curve, None for anything else."""

Makers = Mapping[str, Callable[[Any], Any]]
"""By tag, what makes a module, a branch or a curve of its decoded content."""


def configure_daemon() -> None:
    """Set Pyro5's process-wide options for a process that serves; a client's process is left as it is."""
    config.SERVERTYPE = "thread"
    # a connection holds a thread of the pool, and a refused client is worse than a sleeping thread
    config.THREADPOOL_SIZE = 2000
    config.THREADPOOL_SIZE_MIN = 2
    config.MAX_MESSAGE_SIZE = MAX_MESSAGE_BYTES
    # idle clients are alive: leases and heartbeats tell, not the socket's time limit
    config.COMMTIMEOUT = 0.0


def encode(value: Any, reference: Reference | None = None) -> Any:
    """`value` as plain data for Pyro5.

    `reference` stands for what lives with the daemon. Raises NotTransferable for what cannot travel.
    """
    kind = type(value)
    if kind is float or kind is bool or value is None:
        return value
    if kind is str or kind is bytes:
        _require_room(len(value), kind.__name__)
        return value
    if kind is int:
        return value if -(2**63) <= value < 2**64 else {"!int": str(value)}
    # before the containers: some modules are lists or dict-like too
    known = reference(value) if reference is not None else None
    if known is not None:
        return {"!module": known} if type(known) is str else known
    if isinstance(value, np.ndarray):
        if value.dtype.hasobject:
            raise NotTransferable(f"an array of Python objects cannot travel: {value!r}")
        _require_room(value.nbytes, f"array {value.shape}")
        return {"!array": [value.dtype.str, list(value.shape), value.tobytes()]}
    if isinstance(value, np.generic):
        return encode(value.item(), reference)
    for plain in (int, float, str, bytes):  # subclasses: enums, named constants
        if isinstance(value, plain):
            return encode(plain(value), reference)
    if isinstance(value, bytearray):
        return bytes(value)
    if isinstance(value, complex):
        return {"!complex": [value.real, value.imag]}
    if isinstance(value, tuple):
        return {"!tuple": [encode(item, reference) for item in value]}
    if isinstance(value, (list, KeysView, ValuesView)):
        return [encode(item, reference) for item in value]
    if isinstance(value, (set, frozenset)):
        return {"!set": [encode(item, reference) for item in value]}
    if isinstance(value, Mapping):
        if value.keys() != SERPENT_BYTES and all(
            type(k) is str and k[:1] != "!" and k != "__class__" for k in value
        ):
            return {key: encode(item, reference) for key, item in value.items()}
        return {"!dict": [[encode(k, reference), encode(v, reference)] for k, v in value.items()]}
    raise NotTransferable(
        f"a value of type {kind.__module__}.{kind.__qualname__} cannot travel between processes",
        "numbers, strings, lists, tuples, dicts, sets, numpy arrays and the board's modules can",
    )


def _require_room(size: int, what: str) -> None:
    if size > MAX_MESSAGE_BYTES:
        raise NotTransferable(
            f"{what} of {size / 2**20:.0f} MB is too large for a message",
            f"at most {MAX_MESSAGE_BYTES // 2**20} MB can travel: send it in parts",
        )


def decode(plain: Any, makers: Makers = MappingProxyType({})) -> Any:
    """The value that `encode` was given; `makers` make what stands for something in the other process.

    Arrays are writable copies. Raises NotTransferable for a message that `encode` never makes.
    """
    kind = type(plain)
    if kind is list:
        return [decode(item, makers) for item in plain]
    if kind is not dict:
        return plain
    if len(plain) == 1:
        ((tag, content),) = plain.items()
        if tag[:1] == "!":
            try:
                return _decode_tagged(tag, content, makers)
            except (ValueError, TypeError, KeyError) as error:
                raise NotTransferable(
                    f"a malformed value arrived: {tag} {str(content)[:80]}: {error}"
                ) from error
    if plain.keys() == SERPENT_BYTES:
        return serpent.tobytes(plain)
    return {key: decode(item, makers) for key, item in plain.items()}


def _decode_tagged(tag: str, content: Any, makers: Makers) -> Any:
    if tag == "!array":
        dtype, shape, data = content
        return np.frombuffer(bytearray(decode(data)), dtype=np.dtype(dtype)).reshape(shape)
    if tag == "!complex":
        return complex(*content)
    if tag == "!tuple":
        return tuple(decode(item, makers) for item in content)
    if tag == "!set":
        return {decode(item, makers) for item in content}
    if tag == "!dict":
        return {decode(key, makers): decode(item, makers) for key, item in content}
    if tag == "!int":
        return int(content)
    if tag in makers:
        return makers[tag](decode(content, makers))
    raise ValueError("unknown kind of value")
