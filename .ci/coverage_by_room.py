"""Prints the coverage of each room. Fails if the client or the daemon is below LIMIT.

.ci/run calls it after the tests. COVERAGE_FILE names their data, one file for each process.
"""

from __future__ import annotations

import sys
from pathlib import Path

import coverage
from coverage.exceptions import NoSource

ROOT = Path(__file__).resolve().parent.parent

LIMIT = 90.0
"""Least coverage of the client and of the daemon, in percent."""

LIMITED = ("client", "daemon")

ROOMS = {
    "client": "pyrpl_remote/client/",
    "daemon": "pyrpl_remote/daemon/",
    "daemon/serving": "pyrpl_remote/daemon/serving/",
    "daemon/qt": "pyrpl_remote/daemon/qt/",
    "daemon/adapter": "pyrpl_remote/daemon/adapter/",
    "daemon/events": "pyrpl_remote/daemon/events/",
    "names": "pyrpl_remote/names/",
    "transport": "pyrpl_remote/transport/",
    "virtual": "pyrpl_remote/virtual/",
    "cli": "pyrpl_remote/cli/",
    "plugins": "pymodaq_plugins_pyrpl/",
}
"""The folder of each room. Files of pyrpl_remote itself are the room GROUND_FLOOR."""

GROUND_FLOOR = "ground floor"


def main() -> int:
    """Print the table. Returns 1 if a limited room is below LIMIT, else 0."""
    data = coverage.Coverage(config_file=str(ROOT / ".coveragerc"))
    data.combine()
    lines: dict[str, tuple[int, int]] = {}
    for name in sorted(data.get_data().measured_files()):
        try:
            _, statements, _, missing, _ = data.analysis2(name)
        except NoSource:  # a test's own module, written to a temporary folder
            continue
        for room in rooms_of(Path(name)):
            run, all_ = lines.get(room, (0, 0))
            lines[room] = run + len(statements) - len(missing), all_ + len(statements)
    below = []
    print(f"{'coverage':16} {'lines':>6} {'run':>7}")
    for room, (run, all_) in sorted(lines.items()):
        percent = 100 * run / all_ if all_ else 100.0
        print(f"{room:16} {all_:6} {percent:6.1f}%")
        if room in LIMITED and percent < LIMIT:
            below.append(room)
    for room in LIMITED:
        if room not in lines:
            below.append(room)
    if below:
        print(f"below {LIMIT:g} %: {', '.join(below)}")
    return 1 if below else 0


def rooms_of(file: Path) -> list[str]:
    """The rooms that `file` belongs to; a part of the daemon belongs to the daemon too."""
    if not file.is_relative_to(ROOT):
        return []
    path = file.relative_to(ROOT).as_posix()
    return [room for room, folder in ROOMS.items() if path.startswith(folder)] or [GROUND_FLOOR]


if __name__ == "__main__":
    sys.exit(main())
