"""An option of a register whose write failed is not written later.

PyRPL remembers an option before it writes it, and each later read writes what PyRPL remembers if the board
has another one. An output that somebody wanted to switch on while the board was away would be switched on
when it is back, although the error said that nothing was sent.
"""

# PyRPL's modules have their client, and an attribute's value, under names that begin with an underscore
# ruff: noqa: SLF001

from __future__ import annotations

import functools
from collections.abc import Callable
from types import ModuleType
from typing import Any

from ....errors import BoardLinkLost


def forget_what_was_not_sent(attributes: ModuleType, run: Callable[[], None]) -> None:
    """Run pyrpl.attributes, and amend how its SelectRegister is set. A second call changes nothing."""
    run()
    plain = attributes.SelectRegister.set_value
    if not hasattr(plain, "__wrapped__"):
        attributes.SelectRegister.set_value = _amended(plain)


def _amended(plain: Callable[[Any, Any, Any], None]) -> Callable[[Any, Any, Any], None]:
    @functools.wraps(plain)
    def set_value(register: Any, module: Any, option: Any) -> None:
        remembered = f"_{register.name}"
        before = {name: value for name, value in vars(module).items() if name == remembered}
        link = getattr(module._client, "link", None)
        uncertain = link and link.registers.uncertain
        try:
            plain(register, module, option)
        except BoardLinkLost:
            # a write whose reply did not come may have had its effect: PyRPL goes on as if it had
            if link and link.registers.uncertain is uncertain:
                vars(module).pop(remembered, None)
                vars(module).update(before)
            raise

    return set_value
