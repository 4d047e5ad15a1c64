"""Modules whose input is a signal of the lockbox: they keep it when the lockbox loses this signal.

That is when its class changes, or when an input or output is deleted. PyRPL leaves the name of the signal in
the modules and in the configuration. Reading the input fails, or returns the first input there is, and the
next start fails. The register of the FPGA has the number of the signal behind the name, and remains as it is.
"""

# PyRPL's names of its modules' parts begin with an underscore
# ruff: noqa: SLF001

from __future__ import annotations

import inspect
import logging
from dataclasses import dataclass
from typing import Any

from pyrpl.hardware_modules.dsp import DSP_INPUTS, InputSelectProperty, all_inputs, all_inputs_keys

client_log = logging.getLogger("pyrpl.lockbox")
"""What PyRPL's loggers say while a request is carried out is sent to its client."""


@dataclass(frozen=True)
class LockboxInput:
    """The input `name` of `module` is the lockbox's `signal`, which is the FPGA's signal `behind`."""

    module: Any
    name: str
    signal: str
    behind: str


def inputs_from(lockbox: Any) -> list[LockboxInput]:
    """The inputs of other modules that are signals of the lockbox."""
    found = []
    for module in lockbox.pyrpl.modules:
        for name in module._setup_attributes if module is not lockbox else ():
            if isinstance(inspect.getattr_static(type(module), name, None), InputSelectProperty):
                # reading the attribute would access the board; the file has the one of a module with an owner
                for signal in {vars(module).get(f"_{name}"), _saved(module).get(name)}:
                    if isinstance(signal, str) and signal.startswith(f"{lockbox.name}."):
                        found.append(LockboxInput(module, name, signal, _behind(module, signal)))
    return found


def keep_inputs(inputs: list[LockboxInput]) -> None:
    """Name the FPGA's signal in place of the lockbox's, where there is no such signal any more."""
    for one in inputs:
        module = one.module
        if one.signal in all_inputs_keys(module):
            continue
        if vars(module).get(f"_{one.name}") == one.signal:
            with module.do_setup:  # without its setup, which would disturb an acquisition
                setattr(module, one.name, one.behind)
        if _saved(module).get(one.name) == one.signal:
            module.c[one.name] = one.behind
        client_log.warning(
            "%s.%s was %s, which the lockbox no longer has: it remains the signal behind it, %s",
            module.name,
            one.name,
            one.signal,
            one.behind,
        )


def _saved(module: Any) -> dict[str, Any]:
    """The module's section of the configuration."""
    section = module.parent.c._data.get(module.name)
    return section if isinstance(section, dict) else {}


def _behind(module: Any, signal: str) -> str:
    number = all_inputs(module).get(signal)
    return next((name for name, one in DSP_INPUTS.items() if one == number), "off")
