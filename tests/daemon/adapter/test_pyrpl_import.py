"""PyRPL is imported so that it works on every Python."""

WAIT = """
import asyncio
from pyrpl_remote.daemon.adapter.starting.pyrpl_import import import_pyrpl

# from now on asyncio makes no event loop by itself, as in Python 3.14
asyncio.set_event_loop(None)
import_pyrpl()
from pyrpl import async_utils
async_utils.sleep(0.01)
report(waited=True)
"""


def test_pyrpl_can_wait_where_asyncio_makes_no_event_loop_by_itself(run_python):
    assert run_python(WAIT) == {"waited": True}
