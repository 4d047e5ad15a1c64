"""Daemons for tests: their processes run lines of Python first, for example to change a time limit."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from pyrpl_remote import connect

BEGINNING = """
try:
{}
except Exception as error:
    raise SystemExit(f"the first lines of this process fail: {{error!r}}")
"""


@contextmanager
def processes_begin_with(folder: Path, lines: str) -> Iterator[None]:
    """Let each Python process that is started within the block run `lines` first, as its sitecustomize.

    A process in which they fail ends: Python itself would only print the error, and go on without them.
    """
    (folder / "sitecustomize.py").write_text(
        BEGINNING.format(textwrap.indent(textwrap.dedent(lines), "    "))
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")]))
        yield


def fake_board(name: str, **parameters: Any) -> Any:
    """A session with a new daemon, which starts in 2 s: PyRPL simulates the registers itself."""
    return connect(
        name, hostname="_FAKE_", sshport=_PORT_OF.setdefault(name, 1000 + len(_PORT_OF)), **parameters
    )


_PORT_OF: dict[str, int] = {}  # boards of one hostname differ by their port


def has_ended(process: psutil.Process) -> bool:
    """Whether a process has ended, even if it is still a zombie."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
