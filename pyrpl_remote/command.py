"""The command `pyrpl-remote`: runs cli/, or says which of its libraries are missing.

A mere client does not need them: they are the extra `cli`.
"""

from __future__ import annotations

import sys

from .machine import extras


def main() -> None:
    """Run the command line. Without its libraries, print how to install them; the exit code is 1."""
    lacking = extras.missing("cli")
    if lacking:
        print("\n  -> ".join(extras.needs("the command pyrpl-remote", lacking)), file=sys.stderr)
        sys.exit(1)
    from .cli import main as run

    run()
