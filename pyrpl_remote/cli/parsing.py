"""How the command line is read and explained where typer's way differs from what users type and expect."""

from __future__ import annotations

import re
from typing import Any

from typer.core import TyperCommand, TyperGroup

_NEGATIVE = re.compile(r"-(?:[\d.(]|inf|nan)", re.IGNORECASE)
"""The beginning of a negative number, which is no option."""


def _without_metavar(parameters: list[Any]) -> list[Any]:
    """The parameters, of which those that take no value show none in the help."""
    for parameter in parameters:
        if getattr(parameter, "is_flag", False) and parameter.metavar is None:
            parameter.metavar = ""
    return parameters


class Group(TyperGroup):
    """The commands, with a help in which flags have no type."""

    def get_params(self, ctx: Any) -> list[Any]:
        """The parameters as the help shows them."""
        return _without_metavar(super().get_params(ctx))


class Command(TyperCommand):
    """A command, with a help in which flags have no type."""

    def get_params(self, ctx: Any) -> list[Any]:
        """The parameters as the help shows them."""
        return _without_metavar(super().get_params(ctx))


class ValuesCommand(Command):
    """A command that takes values: a negative number is a value, not an option."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put a space before each negative number, which the parser of values removes."""
        return super().parse_args(ctx, [f" {arg}" if _NEGATIVE.match(arg) else arg for arg in args])
