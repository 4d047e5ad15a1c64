"""The gate's process, started by `pyrpl-remote share`: prints `ready` with its state, then only logs."""

from __future__ import annotations

import json
import logging
import sys
from dataclasses import asdict

from .. import settings
from ..environment import require_environment
from ..error_data import describe
from ..errors import PyrplRemoteError
from ..machine.log_file import LogFile

LOG = "gate"
"""What its log is called, as if it were a board's."""


def main() -> None:
    """Serve paired hosts until the host is no longer shared."""
    try:
        require_environment()
        from . import state
        from .service import serve

        wanted = state.read()
        if wanted is None:
            return
        reports = sys.stdout
        log_file = LogFile(settings.log_path(LOG), LOG, descriptors=(2,))
        logging.basicConfig(level=logging.INFO, handlers=[log_file])

        def ready(present: state.GateState) -> None:
            print(json.dumps({"ready": asdict(present)}), file=reports, flush=True)
            reports.close()

        serve(wanted, ready)
    except (PyrplRemoteError, OSError) as error:
        print(json.dumps({"error": describe(error)}), flush=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
