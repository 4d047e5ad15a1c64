"""Import PyRPL, with amendments to some of its modules; PyRPL's files stay unmodified.

PyRPL opens every saved curve while it is imported, and imports every lockbox file of the user; one odd file
of either kind would end the import. It evaluates and calls texts that any client can set, and it writes later
what it could not write. AMENDMENTS change its modules in memory as they are imported.

Importing this file does not import PyRPL, so that a daemon without PyRPL can report the error.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

from ....machine.qt_windows import PLATFORM, no_windows
from ..files.saved_curves import open_no_curves
from ..modules.formulas import safe_formulas, safe_functions, safe_paths
from ..modules.select_registers import forget_what_was_not_sent
from .failures import folder_error, import_error
from .lockbox_files import without_failing_files

log = logging.getLogger(__name__)

Run = Callable[[], None]
"""Runs a module's own code."""

AMENDMENTS: dict[str, Callable[[ModuleType, Run], None]] = {
    "pyrpl.attributes": forget_what_was_not_sent,
    "pyrpl.curvedb": open_no_curves,
    "pyrpl.software_modules.lockbox.models": without_failing_files,
    "pyrpl.software_modules.lockbox.stage": safe_functions,
    "pyrpl.software_modules.software_pid": safe_paths,
    "pyrpl.widgets.module_widgets.scope_widget": safe_formulas,
}
"""For each amended module of PyRPL a function that is called in place of the module's own code, which it gets
as its second argument."""


def import_pyrpl() -> Any:
    """Import PyRPL, which creates the Qt application; Qt is configured before.

    Raises PyrplMissing, or ConfigurationError if its folder cannot be made.
    """
    choose_screen()
    if sys.platform == "darwin":
        with suppress(ImportError):  # the extra `daemon` brings it
            from appnope import nope

            nope()  # macOS would let a process that shows no window run seldom only
    if sys.platform.startswith("linux"):
        # GLib's event loop waits in whole milliseconds; PyRPL waits several times for each point of a sweep
        os.environ.setdefault("QT_NO_GLIB", "1")
    # PyRPL waits with this thread's event loop, and since Python 3.14 asyncio makes none by itself
    asyncio.set_event_loop(asyncio.new_event_loop())
    try:
        with _amended():
            import pyrpl
    except ImportError as error:
        raise import_error(error) from error
    except OSError as error:
        raise folder_error(error) from error
    # of a PyRPL that this process had imported before
    for name, amend in AMENDMENTS.items():
        if amend is not without_failing_files:
            amend(sys.modules[name], lambda: None)
    return pyrpl


def choose_screen() -> None:
    """Let Qt do without a screen where it cannot show windows: it would abort the daemon."""
    if problem := no_windows():
        if any(os.environ.get(name) for name in (PLATFORM, "DISPLAY", "WAYLAND_DISPLAY")):
            log.warning("PyRPL's own window cannot be shown: %s; to see it: %s", *problem)
        os.environ[PLATFORM] = "offscreen"


@contextmanager
def _amended() -> Iterator[None]:
    finder = _Finder()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


class _Finder(MetaPathFinder):
    """Finds the modules of AMENDMENTS as Python does, and lets the amendment run their code."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in AMENDMENTS:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader, AMENDMENTS[fullname])
        return spec


class _Loader(Loader):
    def __init__(self, own: Loader, amend: Callable[[ModuleType, Run], None]):
        self._own = own
        self._amend = amend

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._own.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        # tracebacks and inspect find the source by the module's own loader
        assert module.__spec__ is not None
        module.__spec__.loader = module.__loader__ = self._own
        self._amend(module, lambda: self._own.exec_module(module))
