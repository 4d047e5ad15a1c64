"""All uses of undocumented names of Pyro5.

The documented API has no access to a message's bytes or to a connection's socket, which the fast way needs.
The fast way is used with the releases of Pyro5 in `TESTED` only; with any other, requests use Pyro5's
ordinary way.
"""

from __future__ import annotations

import select
import socket
import struct
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeAlias

import msgpack
import numpy as np
import Pyro5
import Pyro5.api
from Pyro5 import errors, protocol, serializers

from ..wire import MAX_BESIDE, MAX_MESSAGE_BYTES

TESTED = ("5.15", "5.16", "5.17")
"""Releases of Pyro5 with which the fast way was tested."""

HEADER_BYTES: int = protocol._header_size
REQUEST: int = protocol.MSG_INVOKE
REPLY: int = protocol.MSG_RESULT
CONNECT: int = protocol.MSG_CONNECT
ACCEPTED: int = protocol.MSG_CONNECTOK
REFUSED: int = protocol.MSG_CONNECTFAIL
PING: int = protocol.MSG_PING
IS_ERROR: int = protocol.FLAGS_EXCEPTION
HAS_CORRELATION: int = protocol.FLAGS_CORR_ID

MAX_REQUEST_BYTES = 4 * 2**20
"""The longest request that is served in the Qt thread, without the arrays that travel beside it."""

Header: TypeAlias = Any
"""A message's header (Pyro5's ReceivingMessage); after `add_payload` also its `data` and `annotations`."""

header_of: Callable[[bytes | bytearray], Header] = protocol.ReceivingMessage
"""The header in HEADER_BYTES bytes. Raises Pyro5's ProtocolError for other bytes."""

SPECIAL_FLAGS = {
    protocol.FLAGS_EXCEPTION: "EXCEPTION",
    protocol.FLAGS_COMPRESSED: "COMPRESSED",
    protocol.FLAGS_ONEWAY: "ONEWAY",
    protocol.FLAGS_BATCH: "BATCH",
    protocol.FLAGS_ITEMSTREAMRESULT: "ITEMSTREAMRESULT",
    protocol.FLAGS_KEEPSERIALIZED: "KEEPSERIALIZED",
}
"""Pyro5's flags that a plain message does not have."""

SERPENT_ID: int = serializers.SerpentSerializer.serializer_id
SPOKEN = (SERPENT_ID, serializers.MsgpackSerializer.serializer_id)
"""The serializers of requests, by Pyro5's numbers."""

MSGPACK = serializers.serializers["msgpack"]
"""Pyro5's msgpack serializer, for exceptions that Pyro5 itself sends as replies."""

pack: Callable[[Any], bytes] = msgpack.packb
"""Plain data as bytes. Raises TypeError for other data."""

unpack: Callable[[bytes | memoryview], Any] = partial(msgpack.unpackb, raw=False)
"""The plain data in bytes; unlike Pyro5, it makes no objects from dicts with `__class__`."""


def is_tested() -> bool:
    """Whether the fast way was tested with the installed Pyro5."""
    return str(Pyro5.__version__) in TESTED


def plain_message(
    kind: int, sequence: int, data: bytes, arrays: Sequence[np.ndarray[Any, Any]], correlation: bytes = b""
) -> list[bytes | memoryview]:
    """A message as parts to be sent one after the other.

    They are the header, the arrays as Pyro5's annotations, and the serialized `data`. Raises Pyro5's
    ProtocolError if they are longer than MAX_MESSAGE_BYTES, or than Pyro5's MAX_MESSAGE_SIZE in this process.
    """
    annotations: list[bytes | memoryview] = []
    size = 0
    for number, array in enumerate(arrays):
        content = array.reshape(-1).view(np.uint8).data
        annotations += [struct.pack("!4sI", b"A%03d" % number, len(content)), content]
        size += 8 + len(content)
    if size + len(data) > min(Pyro5.config.MAX_MESSAGE_SIZE, MAX_MESSAGE_BYTES):
        raise errors.ProtocolError(f"a message of {size + len(data)} bytes is too large")
    header = struct.pack(
        protocol._header_format,
        b"PYRO",
        protocol.PROTOCOL_VERSION,
        kind,
        MSGPACK.serializer_id,
        HAS_CORRELATION if correlation else 0,
        sequence,
        len(data),
        size,
        correlation,
        0,
        protocol._magic_number,
    )
    return [header, *annotations, data] if annotations else [header + data]


def add_payload(header: Header, payload: bytes | memoryview) -> None:
    """Add the received payload of a message to its header. Raises Pyro5's ProtocolError.

    Pyro5 would parse any number of annotations, which takes a while.
    """
    position = count = 0
    while position < header.annotations_size:
        position += 8 + int.from_bytes(payload[position + 4 : position + 8], "big")
        count += 1
        if count > MAX_BESIDE:
            raise errors.ProtocolError(f"more than {MAX_BESIDE} arrays are beside a message")
    header.add_payload(payload)


def arrays_of(message: Header) -> list[memoryview]:
    """The bytes of the arrays beside a message whose payload was received, in order."""
    return list(message.annotations.values())


def is_plain_request(header: Header) -> bool:
    """Whether a message is a request without any of Pyro5's special flags, in our client's serializer.

    One that would take long to decode is none: that would hold up the Qt thread.
    """
    return (
        header.type == REQUEST
        and not header.flags & ~HAS_CORRELATION
        and header.serializer_id == MSGPACK.serializer_id
        and header.data_size <= MAX_REQUEST_BYTES
    )


def connection_of(proxy: Pyro5.api.Proxy) -> Any:
    """The proxy's open connection (Pyro5's SocketConnection), None if it has none."""
    return proxy._pyroConnection


def replace_io(
    connection: Any,
    receive: Callable[[int], bytes | bytearray | memoryview],
    send: Callable[[bytes | memoryview], None],
) -> None:
    """Let Pyro5 receive and send on `connection` with these functions."""
    connection.recv = receive
    connection.send = send


def close_copy(proxy: Pyro5.api.Proxy) -> None:
    """To be called in a forked child: close its copy of the parent's socket."""
    connection = connection_of(proxy)
    if connection is not None:
        # not the connection's close(): it would shut the socket down for the parent too
        connection.keep_open = True
        connection.sock.close()


def is_plain_loopback(sock: socket.socket) -> bool:
    """Whether a socket connects two processes of this machine, without TLS."""
    if type(sock) is not socket.socket or sock.family not in (socket.AF_INET, socket.AF_INET6):
        return False
    peer = str(sock.getpeername()[0])
    return peer.startswith("127.") or peer == "::1"


def has_left(connection: Any) -> bool:
    """Whether the other side has closed `connection`; never waits.

    No other thread may be receiving from it.
    """
    sock = connection.sock
    if type(sock) is not socket.socket:
        return False  # a TLS socket cannot peek
    try:
        return bool(select.select([sock], [], [], 0)[0]) and not sock.recv(1, socket.MSG_PEEK)
    except (OSError, ValueError):  # ValueError: it is closed on this side too
        return True


def reply_error(server: Pyro5.api.Daemon, connection: Any, header: Header, error: Exception) -> None:
    """Answer the request of `header` with an error, as Pyro5 does."""
    server._sendExceptionResponse(
        connection, header.seq, header.serializer_id, error, errors.format_traceback()
    )


require_pyro: Callable[[bytes], None] = protocol.ReceivingMessage.validate
"""Raises Pyro5's ProtocolError unless bytes are the first of a message."""


def special_flag(header: Header) -> str:
    """The name of a special flag of a message, "" if it has none."""
    flags = header.flags & ~HAS_CORRELATION
    return next(
        (name for flag, name in SPECIAL_FLAGS.items() if flags & flag), f"{flags:#x}" if flags else ""
    )


def error_in(data: bytes | memoryview) -> Exception:
    """The exception that Pyro5 sent as a reply; a ProtocolError in place of what is none.

    KeyboardInterrupt or SystemExit would end the program that receives them.
    """
    sent = MSGPACK.loads(data)
    return (
        sent if isinstance(sent, Exception) else errors.ProtocolError(f"the reply is no error: {sent!r:.80}")
    )


def is_serpent(header: Header) -> bool:
    """Whether a message is serialized with serpent, the default of Pyro5's clients."""
    return bool(header.serializer_id == SERPENT_ID)


def spoken(serializer_id: int) -> int:
    """The number of a serializer for the answer to a message in this one."""
    return serializer_id if serializer_id in SPOKEN else SERPENT_ID


def serializer_of(header: Header) -> Any:
    """The serializer of a message in one of SPOKEN."""
    return serializers.serializers_by_id[header.serializer_id]


def message(kind: int, header: Header, data: bytes) -> bytes:
    """The answer to the message of `header`, as Pyro5 makes it: `data` is serialized as that message was."""
    answer: bytes = protocol.SendingMessage(kind, 0, header.seq, header.serializer_id, data).data
    return answer


def check_received(connection: Any, check: Callable[[Header], None]) -> None:
    """Let `check(header)` look at each message on `connection` before the rest of it is received."""
    connection.recv = _Checked(connection.recv, check)


class _Checked:
    """Takes the place of a connection's `recv`."""

    def __init__(self, receive: Callable[[int], bytes], check: Callable[[Header], None]) -> None:
        self._receive, self._check = receive, check
        self._header = b""
        self._left = 0  # of the present message's payload

    def __call__(self, size: int) -> bytes:
        data = self._receive(size)
        if self._left:
            self._left -= len(data)
        else:
            self._header += data
            if len(self._header) >= HEADER_BYTES:
                header, self._header = header_of(self._header), b""
                self._left = header.annotations_size + header.data_size
                self._check(header)
        return data


def guard_accepting(server: Pyro5.api.Daemon, admit: Callable[[Any], bool]) -> None:
    """Let `admit(connection)` decide whether a new connection is served; if not, it is closed at once.

    Pyro5's own way of refusing waits for the greeting in the thread that accepts connections.
    """
    pool = server.transportServer.pool
    process = pool.process

    def guarded(job: Any) -> None:
        if admit(job.csock):
            process(job)
        else:
            job.csock.close()

    pool.process = guarded
