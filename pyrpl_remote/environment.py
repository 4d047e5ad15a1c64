"""A check of all environment variables, before Pyro5 is imported, which reads its own at import."""

from __future__ import annotations

import os
from pathlib import Path

from . import settings
from .errors import BadParameter


def require_environment() -> None:
    """Raise BadParameter, which names it, for a malformed environment variable."""
    settings.grace_seconds()
    settings.fast_transport()
    settings.metrics_port()
    require_name_server()
    folder = os.environ.get("PYRPL_USER_DIR")
    if folder is not None and not _is_folder(folder):
        raise BadParameter(
            f"PYRPL_USER_DIR={folder!r} is no folder, nor a new one in a folder that exists",
            "set it to a folder for PyRPL's configurations and curves, or unset it",
        )


def require_name_server() -> None:
    """Raise BadParameter for a malformed variable of Pyro5, among them the name server's host and port."""
    text = os.environ.get("PYRO_NS_PORT")
    if text is not None and not (text.isascii() and text.isdigit() and 0 < int(text) < 1 << 16):
        raise BadParameter(
            f"PYRO_NS_PORT={text!r} is no port", "set it to a number from 1 to 65535, or unset it for 9090"
        )
    host = os.environ.get("PYRO_NS_HOST")
    if host is not None and not _is_hostname(host):
        raise BadParameter(
            f"PYRO_NS_HOST={host!r} is no hostname",
            "set it to a hostname or an address, or unset it for localhost",
        )
    try:
        import Pyro5.api  # noqa: F401 - it reads the environment
    except ValueError as error:
        raise BadParameter(
            f"Pyro5 refuses an environment variable: {error}", "correct or unset it"
        ) from error


def _is_folder(text: str) -> bool:
    """Whether `text` is a folder, or the name of a new one in a folder that exists."""
    path = Path(text)
    return path.is_dir() or (bool(text) and not path.exists() and path.absolute().parent.is_dir())


def _is_hostname(text: str) -> bool:
    """Whether `text` can be a hostname or an address; it need not exist."""
    try:
        labels = text.encode("idna")
    except UnicodeError:
        return False
    return bool(labels) and not set(text) & set(" \t\n@/\\[]<>?#%\"'")
