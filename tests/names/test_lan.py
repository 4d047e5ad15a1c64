"""A look at what announces itself on the local network."""

import threading

from pyrpl_remote.names import lan


def test_a_look_leaves_no_thread_behind():
    lan.browse(0.1)
    assert not [thread.name for thread in threading.enumerate() if "ServiceBrowser" in thread.name]
