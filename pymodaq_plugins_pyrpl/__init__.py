"""PyMoDAQ plugins for a Red Pitaya with PyRPL, and a panel with all boards of a lab.

Each plugin works on proxies of `pyrpl_remote`: all plugins, and all other programs, share one board. The
panel needs no PyMoDAQ, which is therefore imported with what needs it: `config` is made at its first use.
"""

from typing import TYPE_CHECKING, Any

from pyrpl_remote import __version__

if TYPE_CHECKING:
    from .utils import Config

    config: Config

__all__ = ["__version__", "config"]


def __getattr__(name: str) -> Any:
    if name != "config":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from .utils import Config

    globals()["config"] = value = Config()
    return value
