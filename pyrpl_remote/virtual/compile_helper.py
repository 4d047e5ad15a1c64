"""A process that compiles blocks of the FPGA for compilation.py, which starts it.

Each line of stdin names a block's function. The process compiles it into numba's cache and prints the name of
each function that is compiled on the way, a line each, and at last the block's own. It ends with stdin.
"""

from __future__ import annotations

import sys

from numba.core import event

from .compilation import Compiled, name_of
from .fpga import blocks


def main() -> None:
    """Compile what stdin names."""
    parts = {name_of(part.function): part for part in blocks.PARTS}
    with event.install_listener("numba:compile", Compiled(lambda name: None, _say)):
        for line in sys.stdin:
            parts[line.strip()].prepare()
            _say(line.strip())


def _say(name: str) -> None:
    print(name, flush=True)


if __name__ == "__main__":
    main()
