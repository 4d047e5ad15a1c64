"""What this process's user is called, for messages: a name proves nothing."""

from __future__ import annotations

import getpass
import os


def user_name() -> str:
    """The name of this process's user; its number if it has no name, as in some containers."""
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):  # ImportError: a service of Windows without USERNAME
        return f"uid {os.getuid()}" if hasattr(os, "getuid") else "a user without a name"
