"""Keeps the user's working folder out of the path of our processes, so that its files replace no library.

`python -m` puts that folder first in the path: a yaml.py in it would be imported as the library. Therefore
`command` starts modules of this package through this file as a script. `python -m pyrpl_remote` leaves the
folder out by itself, with `python_m_runs`. (Python's own option -P needs Python 3.11.)

As a script, this file runs before the path is clean: it imports nothing else until then.
"""

from __future__ import annotations

import os
import sys

SCRIPT = os.path.abspath(__file__)
"""This file, which a new process runs as its script."""


def command(module: str, *arguments: str) -> list[str]:
    """The command that runs `module` of this package in a new process, as `python -m module` would.

    The process uses the same copy of the package as this one, wherever it was imported from.
    """
    return [sys.executable, SCRIPT, module, *arguments]


def python_m_runs(package: str) -> bool:
    """Whether `python -m` begins to run `package`, or a part of it, and has put the working folder first."""
    if sys.argv[:1] != ["-m"] or sys.flags.isolated or getattr(sys.flags, "safe_path", False):
        return False
    # the element before the arguments: the module's name, or -m and the name in one
    module = sys.orig_argv[-len(sys.argv)].removeprefix("-m")
    return module.partition(".")[0] == package


def main() -> None:
    """Run the module that the first argument names. The package is the one in which this file is."""
    folder = os.path.dirname(SCRIPT)
    if sys.path and os.path.realpath(sys.path[0]) == os.path.realpath(folder):
        del sys.path[0]
    _working_folder_last()

    import importlib.util
    import runpy

    package = os.path.basename(folder)
    # by its file: another copy of the package may be in the path, or none
    spec = importlib.util.spec_from_file_location(
        package, os.path.join(folder, "__init__.py"), submodule_search_locations=[folder]
    )
    assert spec is not None and spec.loader is not None
    sys.modules[package] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules[package])
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


def _working_folder_last() -> None:
    """Move the working folder to the end of the path if only an empty item of PYTHONPATH put it there.

    `PYTHONPATH=$PYTHONPATH:/tools` has one where the variable was not set before.
    """
    items = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    try:
        here = os.getcwd()
    except OSError:  # the folder has been deleted
        return
    if "" in items and here in sys.path and here not in map(os.path.abspath, filter(None, items)):
        sys.path.remove(here)
        sys.path.append(here)


if __name__ == "__main__":
    main()
