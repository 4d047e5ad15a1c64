"""Converts failures of PyRPL's start to errors of pyrpl_remote, which say what a user can do."""

from __future__ import annotations

import sys

from .... import settings
from ....board_shell import OTHER_GATEWARE
from ....errors import (
    BoardLinkLost,
    BoardUnreachable,
    ConfigurationError,
    DaemonFailed,
    PyrplMissing,
    StartError,
    WrongPassword,
)
from ....machine import extras
from ....machine.qt_libraries import INSTALL_LIBRARIES, missing_library
from . import lockbox_files
from .section_failure import section_failure

INSTALL = extras.install("daemon")
"""The remedy if PyRPL is not installed."""


def libraries_missing(name: str) -> PyrplMissing | None:
    """The error to raise if the virtual board `name` lacks libraries, with all that its daemon lacks too."""
    if not extras.missing("virtual"):
        return None
    lacking = extras.missing("daemon", "virtual")
    return PyrplMissing(*extras.needs(f"board {name!r}: a virtual Red Pitaya", lacking))


def import_error(error: ImportError) -> PyrplMissing:
    """The error to raise when PyRPL's package cannot be imported."""
    library = missing_library()
    if library is not None:
        return PyrplMissing(f"PyRPL cannot be imported: its Qt lacks {library}", INSTALL_LIBRARIES)
    return PyrplMissing(f"PyRPL cannot be imported by {sys.executable}: {error}", INSTALL)


def folder_error(error: OSError) -> ConfigurationError:
    """The error to raise when PyRPL, at its import, cannot make its folder."""
    return ConfigurationError(
        f"PyRPL cannot make its folder {str(error.filename)!r}: {error.strerror or error}",
        "make it a folder that you may write to, with free space; PYRPL_USER_DIR names another one",
    )


def without_section(name: str, section: str, path: str) -> str:
    """The remedy if PyRPL cannot load a section of its configuration file at `path`."""
    return (
        f"correct it in the file, or start without this section: connect({name!r}, set_aside={section!r}), "
        f"or `pyrpl-remote serve {name} --set-aside {section}`; it is then kept in {path}.{section}.aside"
    )


def start_error(name: str, hostname: str, path: str, error: Exception) -> StartError:
    """The error to raise when PyRPL failed to start the board `name`; its configuration file is at `path`."""
    causes = _causes(error)
    kinds = {type(cause).__name__ for cause in causes}
    reason = f"{type(causes[-1]).__name__}: {causes[-1]}"
    # by name: the classes are paramiko's, which is installed with PyRPL only
    if "AuthenticationException" in kinds:
        return WrongPassword(
            f"board {name!r}: {hostname} refused the user or the password over SSH",
            'pass them to connect(..., user="root", password="...")',
        )
    if failure_of_link := _link_failure(name, hostname, causes):
        return failure_of_link
    for cause in causes:
        # PyRPL's own errors of files have a text in place of a number
        if isinstance(cause, OSError) and (isinstance(cause.filename, str) or isinstance(cause.errno, str)):
            return ConfigurationError(
                f"board {name!r}: PyRPL cannot use one of its files ({type(cause).__name__}: {cause})",
                "the file must exist, and the user of the daemon must be allowed to use it",
            )
    if any(isinstance(cause, OSError) for cause in causes) or "SSHException" in kinds:
        return BoardUnreachable(
            f"board {name!r}: no connection to {hostname} over SSH ({reason})",
            "is the board switched on and on this network? open its hostname in a web browser, or ping it; "
            f"`pyrpl-remote doctor {hostname}` checks the way to it step by step",
        )
    failure = section_failure(error) if path else None
    if failure is not None:
        return ConfigurationError(
            f"board {name!r}: PyRPL cannot load the section {failure.section!r} of the configuration file "
            f"{path}: it refuses {failure.entry} = {failure.value} ({type(error).__name__}: {error})"
            + "".join(f"\n     {sentence}" for sentence in lockbox_files.left_out),
            without_section(name, failure.section, path),
        )
    return DaemonFailed(
        f"board {name!r}: PyRPL failed to start on {hostname} ({type(error).__name__}: {error})",
        f"the log {settings.log_path(name)} has the details",
    )


def _causes(error: BaseException) -> list[BaseException]:
    """`error`, its cause, the cause of that, and so on."""
    causes: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in causes:
        causes.append(cause)
        cause = cause.__cause__ or cause.__context__
    return causes


def _link_failure(name: str, hostname: str, causes: list[BaseException]) -> StartError | None:
    """The error to raise if a start failed at the board's registers; None if it failed at anything else."""
    lost = next((cause for cause in causes if isinstance(cause, BoardLinkLost)), None)
    divided = any(map(_divides_by_register, causes))
    if divided or (lost is not None and "its FPGA has no longer PyRPL's gateware" in lost.message):
        reason = (
            "PyRPL's ZeroDivisionError, because a register reads 0" if divided else "all registers read 0"
        )
        return BoardUnreachable(
            f"board {name!r}: the FPGA of {hostname} {OTHER_GATEWARE} ({reason})",
            f"load it: connect({name!r}, reloadfpga=True); `pyrpl-remote doctor {name}` says more",
        )
    if lost is not None:
        return BoardUnreachable(
            f"board {name!r}: the link to {hostname} broke while PyRPL started ({lost.message})",
            f"check the board's power and network; `pyrpl-remote doctor {name}` says more",
        )
    return None


def _divides_by_register(error: BaseException) -> bool:
    """Whether PyRPL divided by a register of the board that is 0."""
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    where = traceback.tb_frame.f_globals.get("__name__") if traceback is not None else ""
    return isinstance(error, ZeroDivisionError) and where == "pyrpl.attributes"
