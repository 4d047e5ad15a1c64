"""Qt's system libraries: which of them an installed Qt lacks, and how to install them.

The daemon calls it when PyRPL cannot be imported. As a process of its own,
`pyrpl_remote.machine.qt_libraries` prints the answer as JSON, and the process that asks needs no Qt.
"""

from __future__ import annotations

import importlib
import importlib.util
import json

from .extras import QT_BINDINGS

INSTALL_LIBRARIES = (
    "on Debian and Ubuntu: sudo apt-get install -y "
    "libegl1 libgl1 libxkbcommon0 libdbus-1-3 libfontconfig1 libglib2.0-0"
)
"""The remedy if Qt lacks system libraries."""


def missing_library() -> str | None:
    """The system library that an installed Qt lacks, from Qt's import error; None if Qt is not the reason.

    PyRPL's own import error does not name the library: qtpy only says that there is no Qt.
    """
    for binding in QT_BINDINGS:
        if importlib.util.find_spec(binding) is not None:
            try:
                importlib.import_module(f"{binding}.QtWidgets")
            except ImportError as error:
                return str(error)
    return None


if __name__ == "__main__":
    print(json.dumps(missing_library()))
