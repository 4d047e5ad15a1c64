"""Checks of this machine: folders, libraries, Qt and versions."""

from __future__ import annotations

import importlib.util
import json
import platform
import re
import subprocess
import tempfile
from importlib import metadata
from pathlib import Path

from .. import clean_path, settings
from .._version import __version__
from ..client.finding.configuration import user_config_folder
from ..machine import extras
from ..machine.qt_libraries import INSTALL_LIBRARIES
from ..machine.qt_windows import no_windows
from ..transport.lan import paired_hosts
from .finding import Finding, failed, ok, skipped
from .target import Target

QT_SECONDS = 30.0
"""How long the import of Qt may take in a new process."""

REQUIREMENT = re.compile(r"([\w.-]+)(?:\[[\w,-]*\])?\s*>=\s*(\d+(?:\.\d+)*)")
"""The least version of a library, in the metadata of this package."""

SHOWN = ("pyrpl", "Pyro5", "PyQt6", "numpy")
"""The libraries whose versions are shown."""


def folders(target: Target) -> Finding:
    """Whether the folders for logs and locks and for PyRPL's files can be written to, and the file read."""
    if target.file_problem is not None:
        return failed(target.file_problem.message, target.file_problem.remedy)
    config = Path(user_config_folder())
    state = settings.state_dir_path()
    remedies = {
        state: "make it a folder that you may write to, with free space; PYRPL_REMOTE_DIR names another one",
        **dict.fromkeys(
            [config.parent, config, config.parent / "curve", config.parent / "lockbox"],
            "make it a folder that you may write to, with free space; PYRPL_USER_DIR names another one",
        ),
    }
    if target.file:
        remedies[Path(target.file).parent] = "let the daemon's user write to it: PyRPL saves settings there"
    for folder, remedy in remedies.items():
        problem = _problem(folder)
        if problem:
            return failed(f"{folder} cannot be written to: {problem}", remedy)
    return ok(f"{state} and {config.parent} can be written to")


def libraries(target: Target) -> Finding:
    """Whether the libraries of the extras that are needed here are installed."""
    needed = ["daemon", "virtual"] if target.is_virtual else ["daemon"]
    lacking = extras.missing(*needed)
    if lacking and not target.name and paired_hosts.gates():
        modules = ", ".join(module for group in lacking.values() for module in group)
        return ok(f"{modules} not installed, which boards of paired hosts do not need here")
    if lacking and target.status is None:
        return failed(*extras.needs("a daemon that this Python starts", lacking))
    absent = sorted(extras.missing(*extras.LIBRARIES))
    there = [name for name in extras.LIBRARIES if name not in absent]
    return ok(f"installed: {', '.join(there)}" + (f"; not installed: {', '.join(absent)}" if absent else ""))


def qt(target: Target) -> Finding:
    """Whether Qt can be imported and show windows, in new processes: it may lack libraries of the system."""
    binding = next((name for name in extras.QT_BINDINGS if importlib.util.find_spec(name) is not None), None)
    if binding is None:
        return skipped("no Qt is installed", extras.install("daemon"))
    done = subprocess.run(
        clean_path.command("pyrpl_remote.machine.qt_libraries"),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=QT_SECONDS,
    )
    if done.returncode != 0:
        last = done.stderr.strip().rpartition("\n")[2]
        return failed(f"{binding} cannot be imported: {last or done.returncode}", INSTALL_LIBRARIES)
    library = json.loads(done.stdout)
    if library is not None:
        return failed(f"{binding} lacks {library}", INSTALL_LIBRARIES)
    # no failure: only the panel, and PyRPL's own window, need one
    windows = no_windows()
    return ok(f"{binding}; it can show no windows: {windows[0]}" if windows else binding)


def versions(target: Target) -> Finding:
    """Whether the installed libraries are recent enough; which releases are installed."""
    try:
        requirements = metadata.requires(extras.DISTRIBUTION) or []
    except metadata.PackageNotFoundError:  # it runs from a folder
        requirements = []
    for requirement in requirements:
        match = REQUIREMENT.match(requirement)
        installed = _version(match[1]) if match else ""
        if match and installed and _numbers(installed) < _numbers(match[2]):
            return failed(
                f"{match[1]} {installed} is too old: at least {match[2]} is needed",
                f"{extras.install('daemon')} --upgrade",
            )
    shown = [f"{name} {_version(name)}" for name in SHOWN if _version(name)]
    return ok(f"pyrpl_remote {__version__}, Python {platform.python_version()}, {', '.join(shown)}")


def _problem(folder: Path) -> str:
    """Why nothing can be written to a folder, or, if it does not exist, to the one above it; "" if it can."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    try:
        with tempfile.TemporaryFile(dir=folder, buffering=0) as probe:
            probe.write(bytes(settings.PROBE_BYTES))
    except OSError as error:
        return error.strerror or str(error)
    return ""


def _version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return ""


def _numbers(version: str) -> tuple[int, ...]:
    """The numbers at the beginning of a version, to compare it: 0.9.9.1 for 0.9.9.1rc2."""
    match = re.match(r"\d+(?:\.\d+)*", version)
    return tuple(int(part) for part in match[0].split(".")) if match else ()
