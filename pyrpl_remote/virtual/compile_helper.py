"""A process that compiles blocks of the FPGA for compilation.py, which starts it.

Each line of stdin names a block's function. The process compiles it into numba's cache and prints the name of
each function that is compiled on the way, a line each, and at last the block's own. When stdin is closed, it
ends at once, also amidst a block: what started it has ended, or needs nothing more.
"""

from __future__ import annotations

import os
import sys
import threading

from numba.core import event

from .compilation import Compiled, name_of
from .fpga import blocks
from .stdin import wait_for_close


def main() -> None:
    """Compile what stdin names."""
    threading.Thread(target=_end_with_stdin, daemon=True).start()
    parts = {name_of(part.function): part for part in blocks.PARTS}
    with event.install_listener("numba:compile", Compiled(lambda name: None, _say)):
        for line in sys.stdin:
            parts[line.strip()].prepare()
            _say(line.strip())


def _end_with_stdin() -> None:
    wait_for_close()
    # numba writes a file under another name first: none is left that is not whole
    os._exit(0)


def _say(name: str) -> None:
    print(name, flush=True)


if __name__ == "__main__":
    main()
