"""The FPGA of the virtual board: one file for each block, named as in PyRPL's gateware without `red_pitaya_`.

`Fpga` is the public class. A block's file holds its registers, its state and the compiled function that
computes its cycles.
"""

from .fpga import Fpga

__all__ = ["Fpga"]
