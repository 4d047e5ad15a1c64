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
    "daemon": (("pyrpl",), QT_BINDINGS),
    "virtual": (("numba",), ("asyncssh",)),
    "lan": (("cryptography",), ("zeroconf",)),
    "notebook": (("ipywidgets",), ("matplotlib",)),
    "panel": (("qtpy",), ("pyqtgraph",), QT_BINDINGS),
}
"""What each extra cannot work without: of each group of modules one is enough."""

INCLUDED = {"virtual": "daemon"}
"""The extra that another one brings along."""


def missing(*extras: str) -> dict[str, list[str]]:
    """The given extras of which something cannot be found, and the names of these modules."""
    found = {
        extra: [group[0] for group in LIBRARIES[extra] if not any(map(_is_there, group))] for extra in extras
    }
    return {extra: modules for extra, modules in found.items() if modules}


def missing_module(module: str, extra: str) -> dict[str, list[str]]:
    """The same for one `module` that `extra` brings, and without which most of it works."""
    return {} if _is_there(module) else {extra: [module]}


def needs(what: str, lacking: dict[str, list[str]]) -> tuple[str, str]:
    """The message that `what` needs what `missing` returned, and the command that installs it."""
    modules = ", ".join(dict.fromkeys(module for group in lacking.values() for module in group))
    return f"{what} needs {modules}, which {sys.executable} does not find", install(*lacking)


def install(*extras: str) -> str:
    """The command that installs `extras` for this Python: of pip, or of uv, whose environments have no pip.

    It names the package if that is installed, and only the libraries are then taken from an index; else it
    names the clone.
    """
    wanted = [extra for extra in extras if extra not in {INCLUDED.get(other) for other in extras}]
    try:
        metadata.distribution(DISTRIBUTION)
        package = DISTRIBUTION
    except metadata.PackageNotFoundError:
        package = str(Path(__file__).resolve().parents[2])
    python = f'"{sys.executable}"' if " " in sys.executable else sys.executable
    installer = f"{python} -m pip install" if _is_there("pip") else f"uv pip install --python {python}"
    return f'{installer} "{package}[{",".join(wanted)}]"'


def _is_there(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ValueError:  # the module was imported in an unusual way, without a spec
        return True
