"""The tutorials: each runs as it stands, and finds what it says."""

import os
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[2] / "docs" / "tutorials"

FOUND = {
    "first-lock": (r"(\d) loss, locked for", 2, 1),
    "lock-in": (r"-3 dB near (\d+) kHz", 100, 15),
    "two-programs": (r"frequency 20(\d\d)\.", 0, 1),
    "transfer-function": (r"the peak was 25\.\d dB, it is (-?[\d.]+) dB", 1.3, 1.5),
    "scan": (r"slope ([\d.]+)", 0.7071, 0.007),
}
"""For each tutorial a pattern of what it prints, the number in it, and how far that may be off."""


def test_every_tutorial_is_here():
    assert sorted(FOUND) == sorted(path.stem for path in FOLDER.glob("*.ipynb"))


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", FOUND)
def test_a_tutorial_runs_and_finds_what_it_says(name, tmp_path):
    notebook = nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)
    client = NotebookClient(
        notebook, timeout=240, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    )
    # PyMoDAQ keeps its files in the home folder
    client.execute(env={**os.environ, "HOME": str(tmp_path), "QT_QPA_PLATFORM": "offscreen"})
    printed = "".join(
        output["text"]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output.output_type == "stream" and output.name == "stdout"
    )
    pattern, value, tolerance = FOUND[name]
    found = re.search(pattern, printed)
    assert found, printed
    assert float(found[1]) == pytest.approx(value, abs=tolerance)
