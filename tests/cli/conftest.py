"""A fixture that runs `pyrpl-remote` in the process of the tests, which takes no time to start."""

import subprocess
import sys

import pytest

from pyrpl_remote import cli


@pytest.fixture
def main(monkeypatch, capsys):
    """A function that runs `pyrpl-remote` with arguments here; returns a finished process."""

    def run(*arguments: str) -> subprocess.CompletedProcess:
        monkeypatch.setattr(sys, "argv", ["pyrpl-remote", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        shown = capsys.readouterr()
        return subprocess.CompletedProcess(arguments, int(ended.value.code or 0), shown.out, shown.err)

    return run
