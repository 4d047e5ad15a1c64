"""Python's garbage is collected in the thread of the windows only."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from pyqtgraph.util.garbage_collector import GarbageCollector


@contextmanager
def collected_here() -> Iterator[None]:
    """Within the block, garbage is collected in this thread only, while it processes Qt's events.

    Python collects it in whichever thread makes an object. Another one than that of the windows would free
    parts of windows while Qt still calls them, which ends the process.
    """
    was_enabled, thresholds = gc.isenabled(), gc.get_threshold()
    collector = GarbageCollector()
    # it only disables the collection, and serpent enables it with each message
    gc.set_threshold(0)
    try:
        yield
    finally:
        collector.timer.stop()
        gc.set_threshold(*thresholds)
        if was_enabled:
            gc.enable()
