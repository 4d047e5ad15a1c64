"""A name server that runs, but does not answer, and a port that another program uses: say so, or make way."""

from __future__ import annotations

import logging
from pathlib import Path

from ..errors import NameServerError, NameServerSilent
from ..machine.kill_commands import go_on_or_end
from ..machine.listener import ephemeral_range, is_ephemeral, is_here, listening_pid, user_of

MODULE = "pyrpl_remote.names.server"
"""In the command line of each name server that this package has started."""

END_SECONDS = 5.0
"""How long the process may take to end once it is killed."""

log = logging.getLogger(__name__)


def silent_error(location: str) -> NameServerSilent:
    """The error for a name server at `location` (host:port) that does not answer."""
    pid = _pid(location)
    shown = "" if pid is None else f" (pid {pid})"
    return NameServerSilent(
        f"the Pyro name server at {location}{shown} runs, but does not answer",
        f"it may be suspended{go_on_or_end(pid)}. A daemon, or connect(), starts another one in its place",
    )


def is_suspended(location: str) -> bool:
    """Whether the system says that the name server at `location` is suspended, as by SIGSTOP."""
    import psutil  # not at the top: only a frozen name server needs it, and importing it takes a while

    pid = _pid(location)
    try:
        return pid is not None and psutil.Process(pid).status() == psutil.STATUS_STOPPED
    except psutil.Error:
        return False


def end_frozen(silent: NameServerSilent, location: str) -> None:
    """End the name server at `location` that does not answer, if this package has started it.

    The boards register again by themselves with the next one. Raises `silent` with what blocks the port if
    that is another program, or another user's.
    """
    import psutil  # as above

    pid = _pid(location)
    try:
        if pid is not None and MODULE in psutil.Process(pid).cmdline():
            log.warning("%s: it is ended (pid %d)", silent.message, pid)
            process = psutil.Process(pid)
            process.kill()
            process.wait(END_SECONDS)
            return
    except psutil.NoSuchProcess:
        return
    except psutil.Error as error:
        log.warning("%s, and cannot be ended: %s", silent.message, error)
    raise NameServerSilent(
        f"{silent.message}, and another one cannot take its place{_blocked(location)}",
        "end that program, or let it go on; PYRO_NS_HOST and PYRO_NS_PORT choose another place",
    ) from silent


def not_started(location: str, log_path: Path) -> NameServerError:
    """The error if no name server can be started at `location`; it names the program that has the port."""
    port = _port(location)
    remedy = f"read {log_path}; PYRO_NS_HOST and PYRO_NS_PORT choose another place"
    if is_ephemeral(port):
        remedy += (
            f". The system may take port {port} for any program's connection: "
            f"choose one below {ephemeral_range()[0]}, such as 9090"
        )
    return NameServerError(f"no Pyro name server could be started at {location}{_blocked(location)}", remedy)


def _blocked(location: str) -> str:
    user = user_of(_port(location)) if is_here(_host(location)) else ""
    return f": port {_port(location)} is in use: {user}" if user else ""


def _pid(location: str) -> int | None:
    return listening_pid(_port(location), _host(location)) if is_here(_host(location)) else None


def _host(location: str) -> str:
    return location.rpartition(":")[0]


def _port(location: str) -> int:
    return int(location.rpartition(":")[2])
