"""The extras of the installation: which of their libraries are missing, and the command to install them."""

from __future__ import annotations

import importlib.util
import sys
from importlib import metadata
from pathlib import Path

DISTRIBUTION = "pymodaq_plugins_pyrpl"
"""The name under which pip knows this package."""

QT_BINDINGS = ("PyQt6", "PySide6", "PyQt5", "PySide2")
"""The Qt bindings that PyRPL can use."""

LIBRARIES: dict[str, tuple[tuple[str, ...], ...]] = {
    "cli": (("typer",), ("rich",), ("uniplot",)),
    "daemon": (("pyrpl",), QT_BINDINGS),
    "virtual": (("numba",), ("asyncssh",), ("typer",), ("rich",)),
    "demo": (("matplotlib",),),
    "notebook": (("ipywidgets",), ("matplotlib",)),
    "metrics": (("prometheus_client",),),
    "recordings": (("h5py",),),
    "lan": (("cryptography",), ("zeroconf",)),
    "panel": (("qtpy",), ("pyqtgraph",), QT_BINDINGS, ("typer",), ("rich",)),
}
"""What is imported of each extra: of each group of modules one is enough."""


def missing(*extras: str) -> dict[str, list[str]]:
    """The given extras of which something cannot be found, and the names of these modules."""
    found = {
        extra: [group[0] for group in LIBRARIES[extra] if not any(map(_is_there, group))] for extra in extras
    }
    return {extra: modules for extra, modules in found.items() if modules}


def needs(what: str, lacking: dict[str, list[str]]) -> tuple[str, str]:
    """The message that `what` needs what `missing` returned, and the command that installs it."""
    modules = ", ".join(dict.fromkeys(module for group in lacking.values() for module in group))
    return f"{what} needs {modules}, which {sys.executable} does not find", install(*lacking)


def install(*extras: str) -> str:
    """The command that installs `extras` for this Python.

    It names the package if pip has installed it, and pip then takes only the libraries from an index; else it
    names the clone.
    """
    try:
        metadata.distribution(DISTRIBUTION)
        package = DISTRIBUTION
    except metadata.PackageNotFoundError:
        package = str(Path(__file__).resolve().parents[2])
    python = f'"{sys.executable}"' if " " in sys.executable else sys.executable
    return f'{python} -m pip install "{package}[{",".join(extras)}]"'


def _is_there(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ValueError:  # the module was imported in an unusual way, without a spec
        return True
