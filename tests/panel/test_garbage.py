"""Garbage of windows is freed in their thread, whatever other threads do."""

import gc
import threading
import weakref

import serpent

from pymodaq_plugins_pyrpl.panel.garbage import collected_here

from ..qt_events import qt_until


class Part:
    """A part of a window that refers to itself, and notes the thread that frees it."""

    def __init__(self, freed_by):
        self.itself = self
        weakref.finalize(self, lambda: freed_by.append(threading.current_thread()))


def make_objects():
    serpent.loads(serpent.dumps("a message"))  # which enables the collection, whoever has disabled it
    kept = [[] for _ in range(100_000)]
    assert len(kept) > gc.get_threshold()[0]


def test_garbage_is_freed_in_the_windows_thread_beside_threads_that_make_objects(qapp):
    freed_by, thresholds = [], gc.get_threshold()
    with collected_here():
        Part(freed_by)
        for _ in range(3):
            thread = threading.Thread(target=make_objects)
            thread.start()
            thread.join()
        assert freed_by == []
        qt_until(lambda: freed_by, what="the collection")
    assert freed_by == [threading.main_thread()]
    assert gc.get_threshold() == thresholds and gc.isenabled()
