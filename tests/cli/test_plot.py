"""`plot`: curves in the terminal and as pictures."""

import io
import re
import sys

import numpy as np
import pytest

from pyrpl_remote.cli import characters, plot


@pytest.fixture(scope="module")
def sine(p):
    p.rp.asg0.setup(
        waveform="sin", frequency=1e4, amplitude=0.8, output_direct="out1", trigger_source="immediately"
    )
    p.rp.scope.setup(input1="in1", input2="out2", duration=1e-3, trigger_source="asg0", rolling_mode=False)
    return p


def test_a_trace_is_drawn_in_the_terminal(sine, command):
    done = command("plot", "virtual")
    assert done.returncode == 0, done.stderr
    assert "virtual: scope" in done.stdout
    heights = [float(one) for one in re.findall(r"(-?\d\.\d+) V", done.stdout)]
    assert (min(heights), max(heights)) == (-0.5, 0.5)
    # braille points of a curve, in more lines than those of a flat one
    assert sum(bool(re.search(r"[\u2801-\u28ff]", line)) for line in done.stdout.splitlines()) > 10


@pytest.mark.parametrize("encoding", ["cp1252", "cp437", "ascii"])
def test_a_console_with_few_characters_gets_letters_and_no_error(monkeypatch, encoding):
    output = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", output)
    characters.replace_others()
    x = np.linspace(0, 1, 50)
    plot._draw(plot.Picture("lab: scope", x, "frequency", "Hz", "dB(Vpk\N{SUPERSCRIPT TWO})", {"in1": x}))
    output.seek(0)
    drawn = output.read()
    assert "lab: scope" in drawn
    assert drawn.count("+") > 20
    assert encoding == "ascii" or "?" not in drawn


def test_a_running_acquisition_is_looked_at_and_goes_on(sine, command):
    sine.rp.scope.continuous()
    try:
        done = command("plot", "virtual", "scope")
        assert done.returncode == 0, done.stderr
        assert sine.rp.scope.running_state == "running_continuous"
    finally:
        sine.rp.scope.stop()


def test_a_running_acquisition_without_a_trigger_is_named_after_the_time_limit(sine, main):
    sine.rp.scope.trigger_source = "ext_positive_edge"
    sine.rp.scope.continuous()
    try:
        done = main("plot", "virtual", "scope", "--timeout", "0.2")
        assert done.returncode == 1
        assert "no curve of the running acquisition came within 0.2 s: is there a trigger?" in done.stderr
    finally:
        sine.rp.scope.stop()
        sine.rp.scope.trigger_source = "asg0"


@pytest.mark.parametrize("module", ["spectrumanalyzer", "networkanalyzer"])
def test_the_analysers_are_saved_as_pictures(sine, command, tmp_path, module):
    sine.networkanalyzer.setup(
        input="in2", output_direct="off", start_freq=1e3, stop_freq=1e5, points=11, rbw=1000, trace_average=1
    )
    sine.spectrumanalyzer.setup(baseband=True, input1_baseband="in1", trace_average=1)
    file = tmp_path / "curve.png"
    done = command("plot", "virtual", module, "--output", str(file))
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(file)
    assert file.read_bytes().startswith(b"\x89PNG")


def test_what_cannot_be_drawn_is_refused_first(sine, command, tmp_path):
    done = command("plot", "virtual", "pid0")
    assert done.returncode == 1
    assert "takes no curves" in done.stderr
    done = command("plot", "virtual", "--output", str(tmp_path / "curve.txt"))
    assert done.returncode == 1
    assert "no ending of a picture" in done.stderr
