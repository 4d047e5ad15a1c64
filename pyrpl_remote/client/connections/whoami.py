"""This process's program, user, host and pid, which the daemon shows in its status and in errors."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import Any

from ...machine.user_name import user_name
from ...protocol import MAX_TEXT


def whoami() -> dict[str, Any]:
    """The fields program, user, host and pid of a greeting."""
    return {
        "program": _program()[:MAX_TEXT],
        "user": user_name()[:MAX_TEXT],
        "host": socket.gethostname()[:MAX_TEXT],
        "pid": os.getpid(),
    }


def _program() -> str:
    if "pymodaq.control_modules.utils" in sys.modules:
        return "PyMoDAQ"  # which imports IPython, and is a script of another name on each system
    main = sys.modules.get("__main__")
    script = Path(getattr(main, "__file__", None) or (sys.argv[0] if sys.argv else ""))
    spec = getattr(main, "__spec__", None)
    if spec is not None and spec.name:
        return str(spec.name).removesuffix(".__main__")
    if "IPython" in sys.modules or "ipykernel" in sys.modules:
        return "IPython"
    # pyrpl-remote.exe on Windows
    return (script.parent if script.name == "__main__.py" else script).name.removesuffix(".exe") or "python"
