"""PyMoDAQ plugins for a Red Pitaya with PyRPL: scope, signal generators and PID controllers.

Each plugin works on proxies of `pyrpl_remote`: all plugins, and all other programs, share one board.
"""

from pyrpl_remote import __version__

from .utils import Config

config = Config()

__all__ = ["__version__", "config"]
