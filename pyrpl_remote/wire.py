"""Encodes values as plain data for Pyro5's messages, and decodes them.

A value becomes a tree of None, bool, int, float, str, bytes, lists and dicts with string keys, which every
Pyro5 serializer carries (bytes stay raw in msgpack, which our client speaks, and become base64 in serpent,
the default of any other Pyro5 client). Any other value becomes a dict with one key, its tag, which starts
with `!`:

| Python | on the wire |
|---|---|
| numpy array | `{"!array": [dtype.str, [shape], bytes in C order, or a number (see below)]}` |
| complex | `{"!complex": [real, imag]}` |
| tuple | `{"!tuple": [...]}` |
| set, frozenset | `{"!set": [...]}` |
| dict with other keys than plain strings | `{"!dict": [[key, value], ...]}` |
| a module of the board | `{"!module": "rp.scope"}` |
| a method whose name has an underscore | `{"!method": ["rp.scope", "_name"]}` |
| a branch of the configuration tree | `{"!config": [keys from the root]}` |
| a saved curve | `{"!curve": {"pk": int or None, "params": {...}, "data": [x, y]}}` |
| int beyond 64 bits | `{"!int": "decimal digits"}` |

numpy scalars become Python numbers; OrderedDict and views of dict keys become dict and list.

Large arrays may travel beside the message, uncopied (see transport/): then the message has the array's number
among those beside it in place of its bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, KeysView, Mapping, Sequence, ValuesView
from types import MappingProxyType
from typing import Any

import numpy as np
import serpent

from .errors import NotTransferable

MAX_MESSAGE_BYTES = 256 * 2**20
"""The longest message. With Pyro5's limit of 1 GiB one client could exhaust the daemon's memory."""

BESIDE_BYTES = 2048
"""The smallest array that may travel beside the message, in bytes; inside it, a smaller one is faster."""

MAX_BESIDE = 1000
"""How many arrays may travel beside one message."""

MAX_ODD_KEYS = 1000
"""How many keys of a dict, or elements of a set, may be other than texts and integers of 64 bits."""

Arrays = list[np.ndarray[Any, Any]]
"""Arrays that travel beside a message."""

DTYPE = re.compile(r"[<>|=][biufcmMSUV]\d{1,9}(\[\d{0,6}[A-Za-z]{1,2}\])?")
"""The types of arrays as numpy's `dtype.str` writes them."""

SERPENT_BYTES = {"data", "encoding"}
"""The keys of the dict that serpent makes of bytes."""

Reference = Callable[[Any], "str | dict[str, Any] | None"]
"""Returns the path of a module, the tagged dict of a branch, curve or method, None for any other value."""

Decoders = Mapping[str, Callable[[Any], Any]]
"""For each tag a function of the decoded content; it returns the module, branch, curve or method."""


def encode(value: Any, reference: Reference | None = None, beside: Arrays | None = None) -> Any:
    """`value` as plain data for Pyro5.

    `reference(value)` encodes objects that exist only in the daemon. If `beside` is a list, large arrays are
    appended to it, uncopied, and the message has their numbers. Raises NotTransferable for a value that
    cannot be encoded.
    """
    kind = type(value)
    if kind is float or kind is bool or value is None:
        return value
    if kind is str or kind is bytes:
        _require_size(len(value), kind.__name__)
        if kind is str:
            _require_unicode(value)
        return value
    if kind is int:
        return value if -(2**63) <= value < 2**64 else {"!int": str(value)}
    if kind is list:  # not a subclass of it, which may be a module
        return [encode(item, reference, beside) for item in value]
    if isinstance(value, np.ndarray):
        return _encode_array(value, beside)
    # before the containers: some modules are lists or mappings too
    known = reference(value) if reference is not None else None
    if known is not None:
        return {"!module": known} if type(known) is str else known
    if isinstance(value, np.generic):
        return encode(value.item(), reference)
    if isinstance(value, (int, float, str)):  # subclasses: enums, named constants
        plain = int if isinstance(value, int) else float if isinstance(value, float) else str
        return encode(plain(value), reference)
    if isinstance(value, (bytes, bytearray)):
        return encode(bytes(value), reference)
    if isinstance(value, complex):
        return {"!complex": [value.real, value.imag]}
    if isinstance(value, tuple):
        return {"!tuple": [encode(item, reference, beside) for item in value]}
    if isinstance(value, (list, KeysView, ValuesView)):
        return [encode(item, reference, beside) for item in value]
    if isinstance(value, (set, frozenset)):
        return {"!set": [encode(item, reference, beside) for item in value]}
    if isinstance(value, Mapping):
        if value.keys() != SERPENT_BYTES and all(
            type(k) is str and k[:1] != "!" and k != "__class__" for k in value
        ):
            for key in value:
                _require_unicode(key)
            return {key: encode(item, reference, beside) for key, item in value.items()}
        return {
            "!dict": [[encode(k, reference, beside), encode(v, reference, beside)] for k, v in value.items()]
        }
    raise NotTransferable(
        f"a value of type {kind.__module__}.{kind.__qualname__} cannot travel between processes",
        "numbers, strings, lists, tuples, dicts, sets, numpy arrays and the board's modules can",
    )


def _encode_array(array: np.ndarray[Any, Any], beside: Arrays | None) -> dict[str, Any]:
    if array.dtype.hasobject:
        raise NotTransferable(f"an array of Python objects cannot travel: {array!r}")
    _require_size(array.nbytes, f"array {array.shape}")
    content: int | bytes
    if beside is not None and array.nbytes >= BESIDE_BYTES and len(beside) < MAX_BESIDE:
        content = len(beside)
        beside.append(np.ascontiguousarray(array))
    else:
        content = array.tobytes()
    return {"!array": [array.dtype.str, list(array.shape), content]}


def _require_unicode(text: str) -> None:
    if text.isascii():
        return
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise NotTransferable(f"{text!r:.80} cannot travel: it is no valid Unicode") from error


def _require_size(size: int, what: str) -> None:
    if size > MAX_MESSAGE_BYTES:
        raise NotTransferable(
            f"{what} of {size / 2**20:.0f} MB is too large for a message",
            f"at most {MAX_MESSAGE_BYTES // 2**20} MB can travel: send it in parts",
        )


def decode(
    plain: Any, decoders: Decoders = MappingProxyType({}), beside: Sequence[memoryview | bytes] = ()
) -> Any:
    """The value that `encode` has encoded as `plain`; `decoders` decode references to objects of the daemon.

    Arrays are writable. `beside` has the bytes of those that travelled beside the message; the arrays use
    this memory if it is writable, otherwise they are copies. Raises NotTransferable for data that `encode`
    never returns.
    """
    kind = type(plain)
    if kind is list:
        return [decode(item, decoders, beside) for item in plain]
    if kind is not dict:
        return plain
    if len(plain) == 1:
        ((tag, content),) = plain.items()
        if tag[:1] == "!":
            try:
                return _decode_tagged(tag, content, decoders, beside)
            except (ValueError, TypeError, KeyError, IndexError) as error:
                raise NotTransferable(
                    f"a malformed value arrived: {tag} {str(content)[:80]}: {error}"
                ) from error
    if plain.keys() == SERPENT_BYTES:
        return serpent.tobytes(plain)
    return {key: decode(item, decoders, beside) for key, item in plain.items()}


def _decode_tagged(tag: str, content: Any, decoders: Decoders, beside: Sequence[memoryview | bytes]) -> Any:
    if tag == "!array":
        dtype, shape, data = content
        return _decode_array(dtype, shape, data, beside)
    if tag == "!complex":
        return complex(*content)
    if tag == "!tuple":
        return tuple(decode(item, decoders, beside) for item in content)
    if tag == "!set":
        _require_hashed_fast(content)
        return {decode(item, decoders, beside) for item in content}
    if tag == "!dict":
        _require_hashed_fast([key for key, _ in content])
        return {decode(key, decoders, beside): decode(item, decoders, beside) for key, item in content}
    if tag == "!int":
        return int(content)
    if tag in decoders:
        return decoders[tag](decode(content, decoders, beside))
    raise ValueError("unknown kind of value")


def _require_hashed_fast(keys: list[Any]) -> None:
    """Raise ValueError for many keys of types in which a sender can choose many with one hash.

    Putting those into a dict or set takes quadratic time.
    """
    if len(keys) > MAX_ODD_KEYS and sum(type(key) not in (str, bytes, int) for key in keys) > MAX_ODD_KEYS:
        raise ValueError(f"a dict or set has at most {MAX_ODD_KEYS} keys other than texts and short integers")


def _decode_array(
    dtype: str, shape: list[int], content: Any, beside: Sequence[memoryview | bytes]
) -> np.ndarray[Any, Any]:
    if type(content) is int:
        if not 0 <= content < len(beside):
            raise ValueError(f"there is no array number {content} beside the message")
        array = np.frombuffer(beside[content], dtype=_dtype(dtype)).reshape(shape)
        return array if array.flags.writeable and array.flags.aligned else array.copy()
    data = decode(content)
    if not isinstance(data, (bytes, bytearray, memoryview)):  # a number would become as many bytes
        raise TypeError(f"an array consists of bytes, not {data!r:.40}")
    return np.frombuffer(bytearray(data), dtype=_dtype(dtype)).reshape(shape)


def _dtype(text: str) -> np.dtype[Any]:
    """The dtype that numpy's `dtype.str` writes as `text`. Raises ValueError for any other text."""
    # numpy takes many more, among them lists of fields
    if not DTYPE.fullmatch(text):
        raise ValueError(f"{text!r:.40} is no type of an array")
    return np.dtype(text)
