"""Processes of this machine, by the ports of their TCP connections."""

from __future__ import annotations

import psutil


def process_at(port: int) -> psutil.Process | None:
    """The process of this machine that has `port`, None if there is none or the system does not tell."""
    try:
        for one in psutil.net_connections("tcp4"):
            if one.laddr and one.laddr.port == port and one.pid:
                return psutil.Process(one.pid)
    except psutil.Error:  # some systems tell root only
        pass
    return None
