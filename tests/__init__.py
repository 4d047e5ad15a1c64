"""The tests. Importing this package sets the environment before Pyro5, PyRPL or PyMoDAQ are imported."""

from . import environment as environment
