"""A channel to a board's daemon: straight to it on this machine, or through the gate of another host."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ..protocol import Greeting
from .channel import Channel

if TYPE_CHECKING:
    from .lan.gate_channel import GateChannel

    AnyChannel = Channel | GateChannel


def channel_to(
    uri: str, greeting: Greeting, limited: bool, host: str, most_seconds: float = math.inf
) -> AnyChannel:
    """A channel to the board's object at `uri`, which is valid on `host`: "" is this machine."""
    if not host:
        return Channel(uri, greeting, limited, most_seconds)
    # not at the top: TLS takes a while to import, and only boards of other hosts need it
    from .lan.gate_channel import GateChannel

    return GateChannel(uri, greeting, limited, host, most_seconds)
