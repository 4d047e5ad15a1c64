"""The user of one TCP socket of this machine, as Linux tells over a socket for diagnosis (sock_diag(7)).

The kernel looks the socket up by its addresses, in some microseconds. To read /proc/net/tcp it walks
through its table of all connections, which takes milliseconds where the machine has much memory.
"""

from __future__ import annotations

import socket
import struct
import sys
from dataclasses import dataclass

NETLINK_SOCK_DIAG = 4
SOCK_DIAG_BY_FAMILY = 20
NLM_F_REQUEST = 1
ANY_STATE = 0xFFFFFFFF
LISTENING = 10
NOT_CONNECTED = (2, 3, LISTENING)
"""Constants of linux/netlink.h, linux/sock_diag.h and linux/tcp_states.h; 2 and 3 are SYN_SENT and SYN_RECV.

A socket that asks for a connection has the ends of an older one if it uses the port again of a program that
has closed its own: it would answer for that program.
"""

HEADER = struct.Struct("=IHHII")
"""struct nlmsghdr: length, type, flags, number of the request, sender."""

REQUEST = struct.Struct("=BBBxI")
"""The beginning of struct inet_diag_req_v2: family, protocol, extensions, states; the socket follows."""

ENDS = struct.Struct("!HH16s16s")
"""The beginning of struct inet_diag_sockid: ports, addresses; of each the socket's own, then the other."""

ANY_SOCKET = struct.pack("=III", 0, 0xFFFFFFFF, 0xFFFFFFFF)
"""The end of struct inet_diag_sockid in a request: any interface, any socket with these ends."""

ANSWER = struct.Struct("=BBxx48s12xII")
"""struct inet_diag_msg: family, state, socket, user, inode."""

ANSWER_BYTES = 8192
"""More than any answer about one socket."""

NOBODY = bytes(16)
"""The address of a socket that listens at all addresses, and the other end of every listening socket."""

Address = tuple[str, int]
"""Host and port."""


@dataclass(frozen=True)
class Found:
    """A socket's user, and its inode, which is 0 if its program has closed it, or not accepted it yet."""

    uid: int
    inode: int


def connected(local: Address, remote: Address) -> Found | None:
    """The socket at `local` that is connected to `remote`; None if the system does not tell."""
    wanted = _ends(local, remote)
    state, ends, found = _ask(local, wanted)
    return found if ends == wanted and state not in NOT_CONNECTED else None


def listening(at: Address) -> Found | None:
    """The socket that takes the connections to `at`; None if the system does not tell."""
    state, ends, found = _ask(at, _ends(at, ("", 0)))
    everywhere = ENDS.pack(at[1], 0, NOBODY, NOBODY)
    return found if state == LISTENING and ends in (_ends(at, ("", 0)), everywhere) else None


def _ask(local: Address, ends: bytes) -> tuple[int, bytes, Found | None]:
    """State and ends of the socket that the kernel finds for `ends`, and its user; None if it finds none."""
    if sys.platform != "linux" or not ends:
        return 0, b"", None
    body = REQUEST.pack(_family(local[0]), socket.IPPROTO_TCP, 0, ANY_STATE) + ends + ANY_SOCKET
    head = HEADER.pack(HEADER.size + len(body), SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST, 1, 0)
    try:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_SOCK_DIAG) as kernel:
            kernel.setblocking(False)  # it has answered when the request is sent
            kernel.send(head + body)
            answer = kernel.recv(ANSWER_BYTES)
    except OSError:  # as in a container that may not ask
        return 0, b"", None
    if len(answer) < HEADER.size + ANSWER.size or HEADER.unpack_from(answer)[1] != SOCK_DIAG_BY_FAMILY:
        return 0, b"", None
    _, state, found, uid, inode = ANSWER.unpack_from(answer, HEADER.size)
    return state, found[: ENDS.size], Found(uid, inode)


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _ends(local: Address, remote: Address) -> bytes:
    """Both ends as the kernel writes them; b"" if an address has a zone, as a link-local one."""
    try:
        addresses = [socket.inet_pton(_family(host), host) if host else b"" for host, _ in (local, remote)]
    except OSError:
        return b""
    return ENDS.pack(local[1], remote[1], *(address.ljust(16, b"\0") for address in addresses))
