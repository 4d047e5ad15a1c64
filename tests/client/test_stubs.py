"""The stubs: what editors and type checkers know of a board."""

import re
import subprocess
import sys
from pathlib import Path

from pyrpl_remote.client.stubs import SHIPPED, description_of, stubs_of

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "tests" / "data" / "typed_script.py"


def test_the_shipped_stubs_are_those_of_a_board(p):
    assert SHIPPED.read_text("utf-8") == stubs_of(description_of(p))


def test_mypy_finds_the_mistakes_of_a_script_and_nothing_else():
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--no-incremental", str(SCRIPT)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=110,
    )
    found = {int(line) for line in re.findall(r"typed_script\.py:(\d+): error", done.stdout)}
    lines = SCRIPT.read_text("utf-8").splitlines()
    assert found == {number for number, line in enumerate(lines, 1) if line.endswith("# mistake")}, (
        done.stdout
    )


def test_the_stubs_of_one_board_know_its_lockbox(p, command, tmp_path):
    was = p.lockbox.classname
    p.lockbox.classname = "FabryPerot"
    try:
        done = command("stubs", "virtual", "--output", str(tmp_path / "cavity.pyi"))
        assert done.returncode == 0, done.stderr
    finally:
        p.lockbox.classname = was
    text = (tmp_path / "cavity.pyi").read_text("utf-8")
    assert text.startswith('"""The types of board virtual')
    assert "reflection: Setting[" in text
    assert '"lockbox.inputs.reflection"' in text
    compile(text, "cavity.pyi", "exec")


def test_a_folder_is_no_file_for_stubs(command, tmp_path):
    done = command("stubs", "virtual", "--output", str(tmp_path))
    assert done.returncode == 1
    assert "is a folder" in done.stderr
