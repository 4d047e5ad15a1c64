"""Prints the coverage of each room. Fails if the client or the daemon is below LIMIT.

.ci/coverage calls it after the tests. COVERAGE_FILE names their data, one file for each process.
"""

from __future__ import annotations

import sys
from pathlib import Path

import coverage

ROOT = Path(__file__).resolve().parent.parent

LIMIT = 90.0
"""Least coverage of the client and of the daemon, in percent."""

LIMITED = ("client", "daemon")

ROOMS = {
    "client": "pyrpl_remote/client/**/*.py",
    "daemon": "pyrpl_remote/daemon/**/*.py",
    "daemon/serving": "pyrpl_remote/daemon/serving/*.py",
    "daemon/qt": "pyrpl_remote/daemon/qt/*.py",
    "daemon/adapter": "pyrpl_remote/daemon/adapter/**/*.py",
    "daemon/events": "pyrpl_remote/daemon/events/*.py",
    "daemon/jobs": "pyrpl_remote/daemon/jobs/**/*.py",
    "daemon/life": "pyrpl_remote/daemon/life/*.py",
    "gate": "pyrpl_remote/gate/*.py",
    "machine": "pyrpl_remote/machine/*.py",
    "names": "pyrpl_remote/names/*.py",
    "transport": "pyrpl_remote/transport/**/*.py",
    "virtual": "pyrpl_remote/virtual/**/*.py",
    "lab": "pyrpl_remote/lab/*.py",
    "doctor": "pyrpl_remote/doctor/*.py",
    "cli": "pyrpl_remote/cli/*.py",
    "ground floor": "pyrpl_remote/*.py",
    "plugins": "pymodaq_plugins_pyrpl/**/*.py",
}
"""The files of each room; those that no test imports count as not run."""

NOT_MEASURED = ROOT / "pyrpl_remote/virtual/fpga"
"""Omitted in .coveragerc, where the reason stands."""


def main() -> int:
    """Print the table. Returns 1 if a limited room is below LIMIT, else 0."""
    data = coverage.Coverage(config_file=str(ROOT / ".coveragerc"))
    data.combine()
    print(f"{'coverage':16} {'lines':>6} {'run':>7}")
    below = []
    for room, pattern in ROOMS.items():
        total = run = 0
        for file in sorted(ROOT.glob(pattern)):
            if NOT_MEASURED not in file.parents:
                _, statements, _, missing, _ = data.analysis2(str(file))
                total += len(statements)
                run += len(statements) - len(missing)
        percent = 100 * run / max(total, 1)
        print(f"{room:16} {total:6} {percent:6.1f}%")
        if room in LIMITED and percent < LIMIT:
            below.append(room)
    if below:
        print(f"below {LIMIT:g} %: {', '.join(below)}")
    return 1 if below else 0


if __name__ == "__main__":
    sys.exit(main())
