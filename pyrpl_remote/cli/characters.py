"""Which characters an output can have: a console of Windows, or a file, may have few of them."""

from __future__ import annotations

import sys

FRAMES = str.maketrans("│─┌┐└┘├┤┬┴┼", "|-+++++++++")
"""What takes the place of the lines of tables and pictures."""


def can_print(text: str, encoding: str | None = None) -> bool:
    """Whether an output of this encoding, by default the standard output, can have all of `text`."""
    try:
        text.encode(encoding or sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):  # LookupError: Python does not know the encoding
        return False
    return True


def replace_others() -> None:
    """Let the standard output show `?` for a character that it cannot have: that is no reason to fail."""
    # a program's own object in its place has no such method; without a console there is none
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="replace")
