"""Pyro5's serializers for a process that serves: they decode requests to plain values only.

Pyro5's own make objects from dicts with a `__class__`: one for a proxy lets the process that decodes it
connect to an address of the sender's choice. marshal and json are not needed, and marshal takes any amount of
memory.
"""

from __future__ import annotations

from typing import Any

import msgpack
import Pyro5.api
import serpent
from Pyro5 import errors, serializers

MAX_ITEMS = 2**20
"""How many items all lists and dicts of a request in msgpack may have: nothing else runs while it is decoded.
Arrays are bytes."""


class PlainSerpent(serializers.SerpentSerializer):
    """serpent, without objects in requests."""

    def __init__(self, uris: bool) -> None:
        self._uris = uris

    def loadsCall(self, data: Any) -> Any:
        """Object, method, arguments and keywords of a request."""
        object_id, method, args, kwargs = serpent.loads(data)
        return object_id, method, self._plain(args), self._plain(kwargs)

    def loads_plain(self, data: Any) -> Any:
        """Any other data."""
        return self._plain(serpent.loads(data))

    def _plain(self, value: Any) -> Any:
        kind = type(value)
        if kind is dict:
            if "__class__" in value:
                return self._special(value)
            return {key: self._plain(item) for key, item in value.items()}
        if kind in (list, tuple, set):
            return kind(map(self._plain, value))
        return value

    def _special(self, value: dict[Any, Any]) -> Any:
        # serpent writes NaN like this
        if value.get("__class__") == "float":
            return float(value["value"])
        return uri_or_refused(value, self._uris)


class PlainMsgpack(serializers.MsgpackSerializer):
    """msgpack, without objects in requests."""

    def __init__(self, uris: bool) -> None:
        self._uris = uris

    def loadsCall(self, data: Any) -> Any:
        """Object, method, arguments and keywords of a request."""
        return self.loads_plain(data)

    def loads_plain(self, data: Any) -> Any:
        """Any other data."""
        left = MAX_ITEMS

        def counted(value: list[Any] | dict[Any, Any]) -> None:
            nonlocal left
            left -= len(value) + 1
            if left < 0:
                raise errors.SerializeError(f"a request has at most {MAX_ITEMS} items: send arrays")

        def plain_list(value: list[Any]) -> list[Any]:
            counted(value)
            return value

        def plain_dict(value: dict[Any, Any]) -> Any:
            counted(value)
            return uri_or_refused(value, self._uris) if "__class__" in value else value

        return msgpack.unpackb(
            data,
            raw=False,
            list_hook=plain_list,
            object_hook=plain_dict,
            ext_hook=self.ext_hook,
            max_array_len=MAX_ITEMS,
            max_map_len=MAX_ITEMS,
        )


class Refusing(serializers.MarshalSerializer):
    """Decodes nothing. It encodes as marshal does: Pyro5 sends some of its own errors so."""

    def loadsCall(self, data: Any) -> Any:
        """Raise SerializeError."""
        raise errors.SerializeError("the serializers of this program are msgpack and serpent")

    loads = loadsCall


def uri_or_refused(value: dict[Any, Any], uris: bool) -> Any:
    """The URI of Pyro5 for a dict with `__class__`, if `uris`. Raises SecurityError for any other class."""
    if uris and value.get("__class__") == "Pyro5.core.URI":
        state = value.get("state")
        if isinstance(state, (list, tuple)) and len(state) == 5:
            return Pyro5.api.URI(_uri_text(*state))
    raise errors.SecurityError(
        f"an object of the class {value['__class__']!r:.80} is refused: send plain values"
    )


def _uri_text(protocol: Any, name: Any, _: Any, host: Any, port: Any) -> str:
    return f"{protocol}:{name}@{host}:{port}" if host else f"{protocol}:{name}"


def plain_data(serializer_id: int, data: Any) -> Any:
    """The plain data of a greeting, in msgpack or serpent."""
    return _GREETING[serializer_id].loads_plain(data)


_GREETING: dict[int, PlainSerpent | PlainMsgpack] = {
    serializers.SerpentSerializer.serializer_id: PlainSerpent(uris=False),
    serializers.MsgpackSerializer.serializer_id: PlainMsgpack(uris=False),
}


def use_plain_serializers(uris: bool = False) -> None:
    """Let this process decode requests to plain values only; `uris`: also to Pyro5's URIs."""
    serializers.serializers_by_id.update(
        {
            serializers.SerpentSerializer.serializer_id: PlainSerpent(uris),
            serializers.MsgpackSerializer.serializer_id: PlainMsgpack(uris),
            serializers.MarshalSerializer.serializer_id: Refusing(),
            serializers.JsonSerializer.serializer_id: Refusing(),
        }
    )
