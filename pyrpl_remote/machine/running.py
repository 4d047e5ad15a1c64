"""Whether a process of this machine runs."""

from __future__ import annotations

import psutil


def runs(pid: int) -> bool:
    """Whether the process `pid` runs.

    One that has ended does not, even if its parent has not waited for it and its id remains: the first
    process of a container may never wait.
    """
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:  # it is another user's, and there
        return True
