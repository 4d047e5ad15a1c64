"""A start that leaves the FPGA as it is: PyRPL gets the state of the board, and not the other way round."""
