"""Ctrl-C ends PyRPL's own `wait` in a notebook, in a real kernel with Qt's event loop."""

import os
import sys
import threading
import time
from contextlib import contextmanager

import pytest

from ..processes import wait_until
from .conftest import NEVER

manager = pytest.importorskip("jupyter_client.manager")
pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX signals")


@contextmanager
def kernel():
    """A function that runs a cell in a new kernel, and one that interrupts the cell.

    The first returns what the cell printed, or the name of its error.
    """
    km = manager.KernelManager(kernel_name="python3")
    km.kernel_spec.argv[0] = sys.executable
    km.start_kernel(env={**os.environ, "QT_QPA_PLATFORM": "offscreen"})
    client = km.client()
    client.start_channels()

    def run(code: str, meanwhile=lambda: None) -> str:
        found = []

        def collect(message) -> None:
            content = message["content"]
            found.append(content.get("text", "") + content.get("ename", ""))

        helper = threading.Thread(target=meanwhile)
        helper.start()
        client.execute_interactive(code, output_hook=collect, timeout=60)
        helper.join()
        return "".join(found).strip()

    try:
        client.wait_for_ready(60)
        yield run, km.interrupt_kernel
    finally:
        client.stop_channels()
        km.shutdown_kernel(now=True)


def test_ctrl_c_ends_pyrpls_wait_in_a_notebook_and_stops_the_acquisition(p, waiting_scope):
    def interrupt() -> None:
        wait_until(lambda: p.rp.scope.running_state == "running_single", 50, "the acquisition")
        time.sleep(0.5)  # the kernel's wait begins a moment after the acquisition, and nobody sees it
        interrupt_kernel()

    with kernel() as (run, interrupt_kernel):
        run("from pyrpl.async_utils import ensure_future, wait; from pyrpl_remote import connect")
        run("p = connect('virtual'); scope = p.rp.scope")
        assert run("wait(scope.single_async())", interrupt) == "KeyboardInterrupt"
        assert waiting_scope.running_state == "stopped"
        run("async def measure():\n    return await scope.single_async()")
        # a task of the user's own, which awaits the future
        assert run("wait(ensure_future(measure()))", interrupt) == "CancelledError"
        wait_until(lambda: waiting_scope.running_state == "stopped", what="the end of the acquisition")
        p.rp.scope.setup(**{**NEVER, "trigger_source": "immediately"})
        assert run("print(wait(scope.single_async(), timeout=20).shape)") == "(2, 16384)"
