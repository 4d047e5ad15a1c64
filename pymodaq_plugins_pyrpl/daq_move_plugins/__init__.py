"""The move plugins (actuators)."""

from importlib import import_module
from pathlib import Path

# PyMoDAQ reads the name `path` of this module to find the plugins
for path in Path(__file__).parent.glob("daq_move_*.py"):
    import_module(f".{path.stem}", __package__)
