"""Reports the steps of PyRPL's own start, some of which take many seconds without a word."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from pyrpl import Pyrpl
from pyrpl.redpitaya import RedPitaya

STEPS: dict[tuple[type, str], str] = {
    (RedPitaya, "start_ssh"): "connecting by SSH",
    (RedPitaya, "_update_fpga"): "loading the gateware",
    (RedPitaya, "installserver"): "installing the monitor server",
    (RedPitaya, "startserver"): "starting the monitor server",
    (Pyrpl, "load_software_modules"): "setting up the modules",
}
"""The methods of PyRPL that `Pyrpl(...)` calls, and what each does."""


@contextmanager
def steps_reported(progress: Callable[[str], None]) -> Iterator[None]:
    """Call `progress(text)` before each of the STEPS that PyRPL takes within the block."""
    originals = {}
    for (owner, name), text in STEPS.items():
        if name in vars(owner):  # another release of PyRPL may take other steps
            originals[owner, name] = vars(owner)[name]
            setattr(owner, name, _reporting(originals[owner, name], text, progress))
    try:
        yield
    finally:
        for (owner, name), original in originals.items():
            setattr(owner, name, original)


def _reporting(method: Any, text: str, progress: Callable[[str], None]) -> Any:
    @functools.wraps(method)
    def reporting(*arguments: Any, **keywords: Any) -> Any:
        progress(text)
        return method(*arguments, **keywords)

    return reporting
