"""Calls in worker threads: the end of a program waits for what is to happen last, but not for ever."""

import threading

from pymodaq_plugins_pyrpl.panel.background import Background, wait_for_last_calls


def test_the_end_of_the_program_waits_for_the_last_call_of_a_session(qapp):
    go, done = threading.Event(), threading.Event()
    background = Background("test", print)
    background.close(lambda: (go.wait(20), done.set()))
    wait_for_last_calls(0.0)
    assert not done.is_set()  # it does not wait for ever
    another = Background("test", print)
    another.close(lambda: (go.wait(20), done.set()))
    go.set()
    wait_for_last_calls(20.0)
    assert done.is_set()
