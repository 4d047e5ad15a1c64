"""Keeps compiled code of the FPGA and the plants in the user's cache folder, where a later start finds it.

Numba would keep it beside the sources, and an uninstallation would leave it there. Each state of the sources
and each release of numba have a folder of their own, so that code of another one is never loaded.
"""

from __future__ import annotations

import functools
import hashlib
import logging
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba

from .. import settings
from .._version import __version__

log = logging.getLogger(__name__)

NOT_KEPT = "compiled code cannot be kept, so the next start compiles again: %s"
"""What the log says if the folder cannot be written."""

_config: Any = numba.config
"""Without numba's own annotations, which lack its variables."""


def kept(decorator: Any, *arguments: Any, **options: Any) -> Callable[[Callable[..., Any]], Any]:
    """The decorator `decorator(*arguments, **options)` of numba, with compiled code kept in `folder()`."""

    def decorate(function: Callable[..., Any]) -> Any:
        where = folder()
        before = _config.CACHE_DIR
        # numba reads it when it decorates; the functions of a user's program keep their own place
        _config.CACHE_DIR = "" if where is None else str(where)
        try:
            return decorator(*arguments, cache=where is not None, **options)(function)
        except OSError as error:  # a full disk: cfunc compiles, and writes, when it decorates
            log.warning(NOT_KEPT, error)
            return decorator(*arguments, **options)(function)
        finally:
            _config.CACHE_DIR = before

    return decorate


@functools.cache
def folder() -> Path | None:
    """The folder for compiled code, made if absent; None if it cannot be written, which is logged.

    It is in the user's cache folder, or in the folder that NUMBA_CACHE_DIR names.
    """
    chosen = _config.CACHE_DIR
    above = Path(chosen) if chosen else settings.cache_dir_path()
    path = above / f"{__version__}-numba{numba.__version__}-{_digest()}"
    try:
        path.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=path).close()
    except OSError as error:
        log.warning(NOT_KEPT, error)
        return None
    return path


def _digest() -> str:
    """A digest of all sources that numba compiles. By itself numba notices a change of one file only."""
    here = Path(__file__).parent
    sources = [path for room in ("plants", "fpga") for path in sorted((here / room).glob("*.py"))]
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:12]
