"""Actuators."""

from importlib import import_module
from pathlib import Path

# PyMoDAQ looks for the plugins where this variable points
for path in Path(__file__).parent.glob("daq_move_*.py"):
    import_module(f".{path.stem}", __package__)
