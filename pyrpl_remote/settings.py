"""Directories, defaults and environment variables of client, daemon and command line.

Environment variables:

| variable | meaning | default |
|---|---|---|
| `PYRPL_REMOTE_DIR` | folder for logs and locks of the user | the platform's state folder of the user |
| `PYRPL_REMOTE_LOCKS` | folder for the locks that all users of this machine share | see `host_locks_dir` |
| `PYRPL_REMOTE_LAB` | the file lab.toml (see lab_file.py) | in the user's folder for configurations |
| `PYRPL_REMOTE_GRACE` | seconds that a daemon started by a client waits after its last client left | 10 |
| `PYRPL_REMOTE_METRICS` | port of localhost at which a daemon answers Prometheus | none |
| `PYRPL_REMOTE_PROGRESS` | `1` or `0`: always or never show a start's steps | on terminals, in notebooks |
| `PYRO_NS_HOST`, `PYRO_NS_PORT` | the name server, as for every other Pyro5 program | localhost, 9090 |
| `PYRPL_REMOTE_TRANSPORT` | `ordinary`: Pyro5's ordinary way only (see transport/) | `fast`, if possible |
| `PYRPL_USER_DIR` | PyRPL's own folder (configurations, curves), read by PyRPL | ~/pyrpl_user_dir |
| `NUMBA_CACHE_DIR` | folder for the virtual board's compiled code, read by numba | the user's cache folder |
"""

from __future__ import annotations

import math
import os
import re
import stat
import tempfile
import zlib
from pathlib import Path

import platformdirs

from .errors import BadParameter, StateFolderError

VIRTUAL = "virtual"
"""The board name or hostname that means a virtual Red Pitaya, which the daemon starts and ends."""

LOOPBACK = "loopback"
"""The plant that a virtual Red Pitaya has by default: cables from its outputs to its inputs."""

PLANTS = ("cavity", "interferometer", LOOPBACK, "lowpass", "resonator")
"""The plants of a virtual Red Pitaya, between its outputs and its inputs (see virtual/plants/)."""

RECORDED_EVERY = (0.01, 86400.0)
"""The limits of the time between two samples of a recording, in s."""

SIMULATED = ("_FAKE_REDPITAYA_", "_FAKE_", "_NONE_")
"""The hostnames with which PyRPL connects to no board."""

SAY, RESTORE = "say", "restore"
"""What a daemon does where another gateware has replaced PyRPL's: only say so, or load PyRPL's again."""

REGISTERS, FILE = "registers", "file"
"""What a start restores, if it is asked for expressly: PyRPL's modules from the registers of the FPGA, which
is left as it is; or the FPGA from the configuration file."""

GRACE_SECONDS = 10.0
"""Default wait between the last client's release and the end of a daemon that a client started."""

START_SILENCE_SECONDS = 30.0
"""A starting daemon that reports no progress for this time has failed. PyRPL's longest step is 8 s of fixed
sleeps while it loads the gateware; the virtual board's first compilation reports progress."""

LEASE_SECONDS = 10.0
"""A session without heartbeat for this time is taken to have lost power or network; its lease ends soon (see
daemon/life/leases.py). A client sends a heartbeat at least every STREAM_SECONDS."""

STREAM_SECONDS = 2.0
"""How long a request of a session's stream waits in the daemon for something to send. With 0.5 s, 50 idle
clients took the daemon 3 % of a core."""

SILENCE_SECONDS = 10.0
"""A daemon that does not answer a request for this time, though it need not wait for the board, is frozen."""

GATE_PORT = 29090
"""The port of a host's gate, unless another one is chosen."""

LOGIN_SECONDS = 5.0
"""How long a connection to a gate may take until it has said who it is, and what it wants."""

CONNECT_SECONDS = 2.0
"""How long a paired host may take to accept a connection."""

FIND_SECONDS = 1.0
"""How long all paired hosts are waited for when a board is looked for."""

STATUS_SECONDS = 4.0
"""As SILENCE_SECONDS, for `status`, whose reply is ready at once: who asks for it wants to know soon."""

GREETING_SECONDS = 5.0
"""How long a greeting and its answer may take: whatever is silent at a board's name is no daemon."""

HOST_LOCKS = (Path("/run/lock"), Path("/tmp"))
"""The folders of a POSIX system that all users share, the best first."""

PROBE_BYTES = 4096
"""How much is written to find out whether the folder for logs and locks can be written to."""


def grace_seconds() -> float:
    """The grace period, in s, of a daemon that this process starts. Raises BadParameter."""
    text = os.environ.get("PYRPL_REMOTE_GRACE", "")
    try:
        seconds = float(text) if text else GRACE_SECONDS
    except ValueError:
        seconds = math.nan
    if not (math.isfinite(seconds) and seconds >= 0):
        raise BadParameter(
            f"PYRPL_REMOTE_GRACE={text!r} is no number of seconds",
            f"set it to a number that is not negative, or unset it for {GRACE_SECONDS:g}",
        )
    return seconds


def metrics_port() -> int:
    """The port at which a daemon that this process starts answers Prometheus, 0 for none.

    Raises BadParameter.
    """
    text = os.environ.get("PYRPL_REMOTE_METRICS", "")
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and int(text) < 1 << 16):
        raise BadParameter(
            f"PYRPL_REMOTE_METRICS={text!r} is no port",
            "set it to a number from 1 to 65535, or unset it for no metrics",
        )
    return int(text)


def fast_transport() -> bool:
    """Whether this process may use the fast way of transport/. Raises BadParameter for an unknown value."""
    text = os.environ.get("PYRPL_REMOTE_TRANSPORT", "") or "fast"
    if text not in ("fast", "ordinary"):
        raise BadParameter(
            f"PYRPL_REMOTE_TRANSPORT is 'fast' or 'ordinary', not {text!r}",
            "correct it, or unset it for 'fast'",
        )
    return text == "fast"


def show_progress() -> bool | None:
    """Whether to show how far a start is; None if the environment does not say.

    Raises ValueError for an unknown value.
    """
    text = os.environ.get("PYRPL_REMOTE_PROGRESS", "").lower()
    if text in ("", "auto"):
        return None
    if text in ("1", "true", "yes", "on"):
        return True
    if text in ("0", "false", "no", "off"):
        return False
    raise ValueError(f"PYRPL_REMOTE_PROGRESS is 1 or 0, not {text!r}")


def cache_dir_path() -> Path:
    """The user's folder for the virtual board's compiled code."""
    return platformdirs.user_cache_path("pyrpl_remote", appauthor=False)


def state_dir_path() -> Path:
    """The folder for logs and locks, which may not exist."""
    chosen = os.environ.get("PYRPL_REMOTE_DIR")
    return Path(chosen) if chosen else platformdirs.user_state_path("pyrpl_remote", appauthor=False)


def state_dir() -> Path:
    """The folder for logs and locks, made if absent. Raises StateFolderError."""
    folder = state_dir_path()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:  # ValueError: a null byte
        raise _state_folder_error(folder, error) from error
    return folder


def require_state_dir() -> None:
    """Raise StateFolderError if the folder for logs and locks cannot be written to, or is full."""
    folder = state_dir()
    try:
        with tempfile.TemporaryFile(dir=folder, buffering=0) as probe:
            probe.write(bytes(PROBE_BYTES))
    except OSError as error:
        raise _state_folder_error(folder, error) from error


def _state_folder_error(folder: Path, error: Exception) -> StateFolderError:
    return StateFolderError(
        f"the folder {str(folder)!r} for logs and locks cannot be used: {getattr(error, 'strerror', error)}",
        "make it a folder that you may write to, with free space; PYRPL_REMOTE_DIR names another one",
    )


def log_path(board: str) -> Path:
    """The log file of the daemon of `board`; its folder is made if absent."""
    return state_dir() / known_log_path(board).name


def known_log_path(board: str) -> Path:
    """The same path, without making the folder."""
    return state_dir_path() / f"{_own_stem(board)}.log"


def stop_note_path(board: str) -> Path:
    """The file in which a daemon of `board` that somebody has stopped says so (see stop_note.py)."""
    return state_dir() / f"{_own_stem(board)}.stopped"


def jobs_path(board: str) -> Path:
    """The file with the jobs of `board`, from which its next daemon starts them again (daemon/jobs/)."""
    return state_dir() / f"{_own_stem(board)}.jobs.json"


def recordings_dir() -> Path:
    """The folder for recordings whose client names no folder of this machine; made if absent.

    Raises StateFolderError.
    """
    folder = state_dir() / "recordings"
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise _state_folder_error(folder, error) from error
    return folder


def lock_history_path(board: str) -> Path:
    """The file with the history of the lock of `board` (daemon/jobs/locks/)."""
    return state_dir() / f"{_own_stem(board)}.locks.sqlite"


def lan_dir() -> Path:
    """The folder for this device's keys and paired hosts, which only this user may read; made if absent."""
    folder = state_dir() / "lan"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise _state_folder_error(folder, error) from error
    return folder


def lock_path(subject: str) -> Path:
    """The lock file for `subject`, such as the start of one board's daemon. Raises StateFolderError."""
    require_state_dir()
    return state_dir() / f"{_own_stem(subject)}.lock"


def host_locks_dir_path() -> Path:
    """The folder of `host_locks_dir`, which may not exist."""
    chosen = os.environ.get("PYRPL_REMOTE_LOCKS")
    if not chosen and os.name == "posix":
        return next(folder for folder in HOST_LOCKS if _is_shared(folder) or folder == HOST_LOCKS[-1])
    return Path(chosen or Path(os.environ.get("PROGRAMDATA", tempfile.gettempdir()), "pyrpl_remote"))


def host_locks_dir() -> Path:
    """The folder for the locks that all users of this machine share, made if absent. Raises StateFolderError.

    On Linux /run/lock, else /tmp: all may write there, but only to files of their own; Windows: ProgramData.
    """
    folder = host_locks_dir_path()
    try:
        if not folder.is_dir():
            folder.mkdir(parents=True)
            folder.chmod(0o1777)
    except FileExistsError:  # another process has just made it
        pass
    except (OSError, ValueError) as error:
        raise host_locks_error(folder, error) from error
    return folder


def host_lock_path(subject: str) -> Path:
    """The file of a lock that all users of this machine share. Raises StateFolderError."""
    return host_locks_dir() / f"pyrpl_remote-{_own_stem(subject)}.lock"


def host_locks_error(path: Path, error: Exception) -> StateFolderError:
    """The error to raise if the folder or the file at `path` cannot be used."""
    return StateFolderError(
        f"{str(path)!r} for the locks of this machine's users cannot be used: "
        f"{getattr(error, 'strerror', None) or error}",
        "every user must be allowed to make files there; PYRPL_REMOTE_LOCKS names another folder, which must "
        "be the same for all users of this machine",
    )


def _is_shared(folder: Path) -> bool:
    """Whether everybody may make files in `folder`, and remove only their own."""
    try:
        mode = folder.stat().st_mode
    except OSError:
        return False
    return stat.S_ISDIR(mode) and mode & 0o1007 == 0o1007


def file_stem(name: str) -> str:
    """`name` with only the characters that a file name may have on every platform."""
    return re.sub(r"[^A-Za-z0-9.-]", "_", name)


WINDOWS_DEVICE = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9\u00b9\u00b2\u00b3])(\.|$)", re.IGNORECASE
)
"""The beginning of a file's name that means a device to Windows, whatever its extension."""


def _own_stem(name: str) -> str:
    """As `file_stem`, but different for names that differ in letters outside ASCII only.

    A name that Windows has for a device, such as con, is completed on every system.
    """
    digest = "" if name.isascii() else f"-{zlib.crc32(name.encode()):08x}"
    return ("board-" if WINDOWS_DEVICE.match(name) else "") + file_stem(name) + digest
