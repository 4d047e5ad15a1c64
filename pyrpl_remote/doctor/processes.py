"""Processes of this machine, by the ports of their TCP connections."""

from __future__ import annotations

import socket

import psutil

from ..board_shell import Peer

WORDS = 80
"""How much of a command line is shown."""


def process_at(port: int) -> psutil.Process | None:
    """The process of this machine that has `port`, None if there is none or the system does not tell."""
    try:
        for one in psutil.net_connections("tcp4"):
            if one.laddr and one.laddr.port == port and one.pid:
                return psutil.Process(one.pid)
    except psutil.Error:  # some systems tell root only
        pass
    return None


def described(peer: Peer) -> str:
    """The program at the other end of a board's connection, by its process if that is on this machine."""
    process = process_at(peer.port) if _is_here(peer.address) else None
    if process is None:
        return f"a program at {peer.address}"
    try:
        words = " ".join(process.cmdline())[:WORDS]
    except psutil.Error:
        words = ""
    return f"a process of this machine, pid {process.pid} ({words})"


def _is_here(address: str) -> bool:
    """Whether an address is one of this machine."""
    return any(
        one.address == address
        for found in psutil.net_if_addrs().values()
        for one in found
        if one.family == socket.AF_INET
    )
