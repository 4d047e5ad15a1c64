"""Builds the virtual board's FPGA, which may compile its model first, and plants by their names."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable
from typing import Any

from .options import BoardOptions


def make_fpga(options: BoardOptions, compiling: Callable[[int, int], object]) -> Any:
    """The FPGA with the plant of `options`, ready to run; `compiling` as for Board.

    ValueError if the environment has switched numba's compiler off.
    """
    # not at the top: numba takes a second to import, which here does not block the event loop
    import numba

    if getattr(numba.config, "DISABLE_JIT", False):
        raise ValueError("it is compiled by numba, which NUMBA_DISABLE_JIT forbids: unset it")
    from . import compilation
    from .fpga import Fpga

    plant = make_plant(options.plant, {})
    compilation.complete(compiling)
    fpga = Fpga(plant=plant, seed=options.seed)
    fpga.advance(1)
    return fpga


def make_plant(name: str, parameters: dict[str, float]) -> Any:
    """Make a plant, by the name of its class in lower case, or a user's own class by `module:Class`.

    The module may be in the working folder.

    ValueError, ImportError or AttributeError for an unknown name, or for a value that a parameter does not
    take, TypeError for an unknown parameter.
    """
    from . import plants

    if ":" in name:
        module, _, kind = name.partition(":")
        if os.getcwd() not in sys.path:
            # last: a file of the user replaces no library
            sys.path.append(os.getcwd())
        own = getattr(importlib.import_module(module), kind)
        if not (isinstance(own, type) and issubclass(own, plants.Plant)):
            raise ValueError(f"{name} is no plant: it is not a class derived from Plant or OwnPlant")
        return own(**parameters)
    known = {
        kind.__name__.lower(): kind for kind in plants.Plant.__subclasses__() if kind is not plants.OwnPlant
    }
    if name not in known:
        raise ValueError(f"there is no plant {name!r}, but {', '.join(sorted(known))}")
    return known[name](**parameters)
