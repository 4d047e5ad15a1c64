"""The command `pyrpl-remote`: runs cli/, or says what it lacks. A mere client needs no libraries for a command line."""

from __future__ import annotations

import sys

from . import extras


def main() -> None:
    """Run the command line. If its libraries are not installed, print the command that installs them; exit code 1."""
    lacking = extras.missing("cli")
    if lacking:
        print("\n  -> ".join(extras.needs("the command pyrpl-remote", lacking)), file=sys.stderr)
        sys.exit(1)
    from .cli import main as run

    run()
