"""Prints what anybody sets on a board, and who it was, until Ctrl-C: who_changes_what.py [BOARD]."""

import contextlib
import sys
import time

from pyrpl_remote import connect


def show(change):
    at = time.strftime("%H:%M:%S", time.localtime(change.time))
    print(f"{at} {change.module}.{change.name} = {change.value}, by {change.who}", flush=True)


with connect(*sys.argv[1:] or ["virtual"]) as p, contextlib.suppress(KeyboardInterrupt):
    p.on_change(show)
    print("following the board; Ctrl-C ends it", flush=True)
    while True:
        time.sleep(1)
