"""A short campaign of faults."""

import os
import subprocess
import sys

import pytest

MINUTES = 10.0
"""How long it may take on a machine that runs other tests, too; alone it takes about a minute."""


@pytest.mark.skipif(os.name == "nt", reason="processes are suspended by POSIX signals")
@pytest.mark.timeout(MINUTES * 60 + 30)
def test_six_rounds_of_faults_lose_nothing():
    # a campaign has folders, a name server and processes of its own, and runs at full speed: not measured
    left_out = ("PYRPL_REMOTE_TESTS_OF", "COVERAGE_PROCESS_START")
    environment = {name: value for name, value in os.environ.items() if name not in left_out}
    command = [sys.executable, "-m", "tests.campaigns.faults", "--rounds", "6", "--seed", "1"]
    done = subprocess.run(
        [*command, "--longest", "4", "--patience", "10", "--pause", "0.1"],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        timeout=MINUTES * 60,
    )
    assert done.returncode == 0, done.stdout
