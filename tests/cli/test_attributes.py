"""The commands get, set and call, on a board that another client uses too."""

import json

import numpy as np
import pytest

from pyrpl_remote.cli.attributes import parse


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e3", 1000.0),
        ("-3", -3),
        ("True", True),
        ("None", None),
        ("in1", "in1"),
        ("[1, 2]", [1, 2]),
        ("'1'", "1"),
    ],
)
def test_values_are_parsed(text, value):
    assert parse(text) == value


@pytest.mark.parametrize(
    "text", ["__import__('os').system('true')", "1+1", "[x for x in ()]", "in1; in2", ""]
)
def test_nothing_is_evaluated(text):
    assert parse(text) == text


def test_get_prints_the_value_that_set_wrote(command, p):
    assert command("set", "virtual", "pid0.setpoint", "0.25").stdout.strip() == "0.25"
    assert command("get", "virtual", "rp.pid0.setpoint").stdout.strip() == "0.25"
    assert p.rp.pid0.setpoint == 0.25
    assert command("get", "virtual", "pid0.input").stdout.strip() == "in1"


def test_methods_are_called_with_arguments(command, p):
    done = command("call", "virtual", "asg0.setup", "frequency=2e3", "amplitude=0.5", "waveform=sin")
    assert done.returncode == 0, done.stderr
    assert p.rp.asg0.frequency == pytest.approx(2e3, rel=1e-3)
    p.rp.scope.setup(duration=1e-3, trigger_source="immediately")
    curve = json.loads(command("call", "virtual", "scope.single", "timeout=10", "--json").stdout)
    assert np.shape(curve) == (2, 16384)


def test_a_misspelt_name_or_a_refused_value_is_an_error(command, p):
    for arguments in (
        ("get", "virtual", "pid0.setpiont"),
        ("set", "virtual", "pid0.input", "in3"),
        ("call", "virtual", "pid0.input"),
    ):
        done = command(*arguments)
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        assert "->" in done.stderr
