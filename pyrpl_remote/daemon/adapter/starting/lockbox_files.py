"""The user's lockbox files, in the folder `lockbox` of PyRPL's folder. PyRPL imports all of them.

One that does not import would end PyRPL's own import. Here it is left out, with a warning that names it.
"""

from __future__ import annotations

import gc
import importlib
import logging
import os
import sys
import tempfile
import traceback
from collections.abc import Callable
from types import ModuleType
from typing import Any

log = logging.getLogger(__name__)

left_out: list[str] = []
"""A sentence for each file that was left out: which one, and what it lacks."""


def without_failing_files(module: ModuleType, run: Callable[[], None]) -> None:
    """Run the code of PyRPL's package of lockbox models, which imports the files, without those that fail."""
    directories: Any = sys.modules["pyrpl.directories"]
    folder = directories.user_lockbox_dir
    with tempfile.TemporaryDirectory() as empty:
        directories.user_lockbox_dir = empty
        try:
            run()
        finally:
            directories.user_lockbox_dir = folder
            if empty in sys.path:
                sys.path.remove(empty)
    vars(module)["user_lockbox_dir"] = folder
    sys.path.append(folder)
    left_out.clear()
    for name in sorted(os.listdir(folder)):
        if name.endswith(".py") and name != "__init__.py":
            imported = _import(os.path.join(folder, name))
            if imported is not None:
                module.usermodels.append(imported)


def _import(path: str) -> ModuleType | None:
    """The module of a lockbox file; None, after a warning, if it does not import."""
    try:
        return importlib.import_module(os.path.basename(path).removesuffix(".py"))
    except (Exception, SystemExit) as error:  # noqa: BLE001 - boundary: the code of a user's file
        left_out.append(f"the lockbox file {path} does not import: {_reason(path, error)}")
    # the classes that it had defined before it failed
    gc.collect()
    log.warning("%s; PyRPL starts without it", left_out[-1])
    return None


def _reason(path: str, error: BaseException) -> str:
    if "." in os.path.basename(path).removesuffix(".py"):
        return "its name has a dot before .py, and Python cannot import such a file"
    if isinstance(error, ModuleNotFoundError) and error.name is not None:
        return f"it lacks the Python module {error.name!r}, which can be installed where the daemon runs"
    if isinstance(error, SyntaxError):
        return f"{type(error).__name__}: {error.msg} (line {error.lineno})"
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == path]
    return f"{type(error).__name__}: {error}" + (f" (line {lines[-1]})" if lines else "")
