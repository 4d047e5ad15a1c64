"""The board: PyRPL's connection to it and how it comes back, questions over SSH, the mark left on it."""
