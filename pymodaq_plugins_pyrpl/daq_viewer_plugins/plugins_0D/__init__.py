"""The viewer plugins (detectors) of single values."""

from importlib import import_module
from pathlib import Path

# PyMoDAQ reads the name `path` of this module to find the plugins
for path in Path(__file__).parent.glob("daq_0Dviewer_*.py"):
    import_module(f".{path.stem}", __package__)
