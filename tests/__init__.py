"""The tests. Importing this package sets the environment, before anything imports Pyro5, PyRPL or PyMoDAQ."""

from . import environment as environment
