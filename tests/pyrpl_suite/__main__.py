"""Run PyRPL's tests through proxies, file by file, each with a new daemon, on one virtual board."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

from ..environment import FOLDER, free_port
from ..processes import wait_for_line

OUTCOMES = re.compile(r"(\d+) (passed|failed|errors?|skipped)")
"""What pytest's last line says of the tests."""

BOARD = "virtual-board --latency 0.0012 --write-latency 0.00375 --pace 0.08"
"""The command that runs the board; the README says why the tests need these options."""

FILE_SECONDS = 420
"""How long the tests of one file may take."""


def main(pattern: str) -> None:
    """Run the files that match `pattern`; prints the tests that do not pass, and the total."""
    spec = importlib.util.find_spec("pyrpl")
    assert spec is not None and spec.origin is not None
    tests = Path(spec.origin).parent / "test"
    ssh_port, monitor_port = str(free_port()), str(free_port())
    os.environ.update(
        REDPITAYA_HOSTNAME="127.0.0.1",
        REDPITAYA_SSHPORT=ssh_port,
        REDPITAYA_PORT=monitor_port,
        PYRPL_USER_DIR=str(Path(FOLDER) / "pyrpl"),
        MPLBACKEND="Agg",
    )
    ports = ["--ssh-port", ssh_port, "--monitor-port", monitor_port]
    board = [sys.executable, "-m", "pyrpl_remote", *BOARD.split(), *ports]
    total: Counter[str] = Counter()
    with subprocess.Popen(board, stdout=subprocess.PIPE, text=True) as process:
        try:
            wait_for_line(process, ssh_port)
            for file in sorted(tests.rglob(pattern)):
                total.update(run(tests, file))
        finally:
            process.terminate()
    print(", ".join(f"{count} {outcome}" for outcome, count in total.items()))


def run(tests: Path, file: Path) -> Counter[str]:
    """Run the tests of one file; returns how many had each outcome."""
    options = f"-p tests.pyrpl_suite.plugin -p no:cacheprovider -q --tb=no -rfE --rootdir {tests}"
    command = [sys.executable, "-W", "ignore", "-m", "pytest", *options.split(), "-c", os.devnull, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=FILE_SECONDS)
    subprocess.run([sys.executable, "-m", "pyrpl_remote", "stop", "--all"], capture_output=True)
    lines = done.stdout.splitlines()
    print(f"{file.name}: {lines[-1] if lines else done.stderr}")
    print("\n".join(line for line in lines if line.startswith(("FAILED", "ERROR"))), flush=True)
    return Counter({outcome: int(count) for count, outcome in OUTCOMES.findall(lines[-1] if lines else "")})


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "test_*.py")
