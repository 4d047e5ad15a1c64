"""The board: starts its only Pyrpl, guards it, and ends it. With exports.py the only place that knows PyRPL."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ... import settings
from ...errors import (
    BoardUnreachable,
    DaemonFailed,
    PyrplMissing,
    PyrplRemoteError,
    UnknownBoard,
    WrongPassword,
)
from ...names import directory
from .virtual_process import OwnedVirtualBoard

INSTALL = 'pip install "pymodaq_plugins_pyrpl[daemon]" where the daemon runs'


QT_LIBRARIES = "on Debian and Ubuntu: sudo apt-get install -y libegl1 libgl1 libxkbcommon0 libdbus-1-3 libfontconfig1 libglib2.0-0"


@dataclass
class Request:
    """What a user asked for: the arguments of Pyrpl(config, source, **parameters), under a readable name."""

    name: str
    config: str | None
    source: str | None = None
    parameters: dict[str, Any] = field(default_factory=dict)


class Board:
    """One board and its Pyrpl. Made, used and closed in the hardware thread.

    Attributes: `pyrpl` (the Pyrpl instance), `hostname`.
    """

    def __init__(self, request: Request, progress: Callable[[str], None], claim: Callable[[str], None]):
        """Start PyRPL on the board. `claim(identity)` is called before the board is touched, and may refuse.

        Raises a StartError.
        """
        self.name = request.name
        self._virtual: OwnedVirtualBoard | None = None
        parameters = {"gui": False, **request.parameters}
        virtual = parameters.get("hostname") == settings.VIRTUAL
        if virtual:
            claim(directory.identity(settings.VIRTUAL, name=request.name))
            progress("starting a virtual Red Pitaya")
            self._virtual = OwnedVirtualBoard(request.name)
        try:
            progress("importing PyRPL")
            pyrpl = _import_pyrpl()
            if virtual:
                parameters.update(self._virtual.parameters(progress))
            known = {**_known_parameters(request.config), **parameters}
            self.hostname = known.get("hostname")
            if not self.hostname:
                raise UnknownBoard(
                    f"board {request.name!r}: no daemon runs under this name, and no hostname is known for it",
                    f'give it once, as in connect({request.name!r}, hostname="rp-f08d6c.local"); PyRPL remembers it',
                )
            if not virtual:
                claim(directory.identity(self.hostname, int(known.get("sshport", 22))))
            progress(f"connecting to the Red Pitaya {self.hostname}")
            self.pyrpl = self._start(pyrpl, request, parameters)
        except BaseException:
            self._end_virtual()
            raise

    def close(self) -> None:
        """End PyRPL; the FPGA stays as it is: a locked laser stays locked."""
        try:
            self.pyrpl._clear()
        finally:
            self._end_virtual()

    def last_access(self) -> float:
        """When the board last answered, of time.perf_counter; 0 before that, and for PyRPL's own `_FAKE_` board."""
        return getattr(self.pyrpl.rp.client, "last_access", 0.0)

    def _end_virtual(self) -> None:
        if self._virtual is not None:
            self._virtual.end()

    def _start(self, pyrpl, request: Request, parameters: dict):
        try:
            # None would make PyRPL ask on the terminal; the empty name means no file, as in its file dialog
            instance = pyrpl.Pyrpl(config=request.config or "", source=request.source, **parameters)
        except Exception as error:  # boundary: PyRPL wraps whatever failed
            raise _start_error(request.name, self.hostname, error) from error
        if instance.rp.client is not None and hasattr(instance.rp.client, "socket"):
            from .link import guard

            guard(instance.rp.client)
        return instance


def _import_pyrpl():
    if sys.platform.startswith("linux") and not (
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    ):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    if sys.platform.startswith("linux"):
        # GLib's event loop waits in whole milliseconds, of which PyRPL waits several for each point of a sweep
        os.environ.setdefault("QT_NO_GLIB", "1")
    try:
        import pyrpl
    except ImportError as error:
        library = _missing_library()
        if library is not None:
            raise PyrplMissing(f"PyRPL cannot be imported: its Qt lacks {library}", QT_LIBRARIES) from error
        raise PyrplMissing(f"PyRPL cannot be imported by {sys.executable}: {error}", INSTALL) from error
    return pyrpl


def _missing_library() -> str | None:
    """The system library without which an installed Qt does not load; qtpy only says that there is no Qt."""
    for binding in ("PyQt6", "PySide6", "PyQt5", "PySide2"):
        if importlib.util.find_spec(binding) is not None:
            try:
                importlib.import_module(f"{binding}.QtWidgets")
            except ImportError as error:
                return str(error)
    return None


def _known_parameters(config: str | None) -> dict:
    """What PyRPL knows of the board before it is told: its environment variables, then the configuration's file."""
    # read here, for PyRPL would ask for a missing hostname on the terminal, and make a file for any misspelt name
    import yaml
    from pyrpl.directories import user_config_dir

    known = {
        key: os.environ[f"REDPITAYA_{key.upper()}"]
        for key in ("hostname", "sshport")
        if f"REDPITAYA_{key.upper()}" in os.environ
    }
    path = os.path.join(user_config_dir, (config or "").removesuffix(".yml") + ".yml")
    if config and os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            content = yaml.safe_load(file) or {}
        known.update({k: v for k, v in (content.get("redpitaya") or {}).items() if v not in ("", None)})
    return known


def _start_error(name: str, hostname: str, error: Exception) -> PyrplRemoteError:
    """What a user can do about PyRPL's failure to start."""
    causes = [error]
    while causes[-1].__cause__ is not None or causes[-1].__context__ is not None:
        causes.append(causes[-1].__cause__ or causes[-1].__context__)
    kinds = {type(cause).__name__ for cause in causes}
    reason = f"{type(causes[-1]).__name__}: {causes[-1]}"
    if "AuthenticationException" in kinds:
        return WrongPassword(
            f"board {name!r}: {hostname} refused the user or the password over SSH",
            'give them to connect(..., user="root", password="...")',
        )
    if any(isinstance(cause, OSError) for cause in causes) or kinds & {
        "SSHException",
        "NoValidConnectionsError",
    }:
        return BoardUnreachable(
            f"board {name!r}: no connection to {hostname} over SSH ({reason})",
            "is the board switched on and on this network? open its hostname in a web browser, or ping it",
        )
    return DaemonFailed(
        f"board {name!r}: PyRPL failed to start on {hostname} ({type(error).__name__}: {error})",
        f"the log {settings.log_path(name)} has the details",
    )
