"""The FPGA of the virtual board: one file for each block, named as in PyRPL's gateware without its `red_pitaya_`.

`Fpga` is the door; a block's file holds its registers, its state and the compiled function that runs it.
"""

from .fpga import Fpga

__all__ = ["Fpga"]
