"""What a check has found."""

from __future__ import annotations

from dataclasses import dataclass

OK, FAILED, SKIPPED = "ok", "failed", "skipped"
"""The outcomes of a check."""

NO_ROUTE = "no route"
WRONG_PASSWORD = "wrong password"
WRONG_OS = "wrong OS"
WRONG_GATEWARE = "wrong gateware"
ZERO_DIVISION = "ZeroDivisionError"
"""The failures by which most first connections of PyRPL end; users know them by these names."""


@dataclass(frozen=True)
class Finding:
    """What one check has found.

    `outcome`: OK, FAILED or SKIPPED; `text`: what was found, or why the check was skipped; `remedy`: what to
    do about it, "" for nothing; `failure`: the name of a known failure, as NO_ROUTE, or "".
    """

    outcome: str
    text: str
    remedy: str = ""
    failure: str = ""


def ok(text: str) -> Finding:
    """All is well."""
    return Finding(OK, _line(text))


def failed(text: str, remedy: str, failure: str = "") -> Finding:
    """Something is wrong. `failure`: its name, if it is a known one; the text then begins with it."""
    return Finding(FAILED, _line(f"{failure}: {text}" if failure else text), _line(remedy), failure)


def skipped(reason: str, remedy: str = "") -> Finding:
    """The check was not carried out."""
    return Finding(SKIPPED, _line(reason), _line(remedy))


def _line(text: str) -> str:
    """`text` in one line: an error of another library may have several."""
    return " ".join(text.split())
