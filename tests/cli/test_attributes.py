"""The commands get, set and call, on a board that another client uses too."""

import csv
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


def refused(main, *arguments):
    """What a command says that refuses its arguments: two lines, and no traceback."""
    done = main(*arguments)
    assert done.returncode == 1, (done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    assert "->" in done.stderr
    return done.stderr


def test_get_prints_the_value_that_set_wrote(command, p):
    assert command("set", "virtual", "pid0.setpoint", "0.25").stdout.strip() == "0.25"
    assert command("get", "virtual", "rp.pid0.setpoint").stdout.strip() == "0.25"
    assert p.rp.pid0.setpoint == 0.25
    assert command("get", "virtual", "pid0.input").stdout.strip() == "in1"


@pytest.mark.parametrize(
    ("name", "text", "printed"),
    [
        ("pid0.setpoint", "-0.25", "-0.25"),
        ("pid0.setpoint", "-.125V", "-0.125"),
        ("scope.duration", "8ms", "0.008388608"),
        ("asg0.on", "false", "False"),
        ("asg0.on", "yes", "True"),
        ("asg0.on", "0", "False"),
        ("pid0.inputfilter", "[-1kHz, 0]", "[-1214.2929101024397, 0, 0, 0]"),
        ("iir.poles", "[1e5j-3e3, -2e3]", "[(-3000+100000j), -2000.0]"),
        ("iir.real_poles[0]", "-1e3", "-1000.0"),
        ("lockbox.sequence[0].gain_factor", "-2", "-2.0"),
        ("lockbox.sequence[0].input", "input_from_output", "input_from_output"),
        ("lockbox.sequence[0].outputs.piezo.lock_on", "ignore", "ignore"),
        ("lockbox.sequence[0].outputs.piezo.lock_on", "off", "False"),
        ("pid0.owner", "me", "me"),
        ("pid0.owner", "None", "None"),
    ],
)
def test_values_as_a_person_types_them(main, p, name, text, printed):
    if "piezo" in name:
        name = name.replace("piezo", next(iter(p.lockbox.outputs.keys())))
    done = main("set", "virtual", name, text)
    assert done.stdout.strip() == printed, done.stderr


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("asg0.on", "maybe", "neither true nor false"),
        ("asg0.frequency", "inf", "no finite number"),
        ("asg0.frequency", "-nan", "no finite number"),
        ("asg0.frequency", "8ms", "its unit is Hz"),
        ("pid0.p", "1V", "declares no unit"),
        ("pid0.p", "fast", "no finite number"),
        ("pid0", "1", "is a module"),
        ("pid0.setup", "1", "is a method"),
        ("pid0..p", "1", "not the name of an attribute"),
        ("lockbox.sequence[99].input", "x", "no element 99"),
        ("iir.poles[0]", "-1", "cannot be set on its own"),
        ("iir.real_poles[0]", "-1, -2", "not one element"),
        ("iir.real_poles[9]", "-1", "no element 9"),
        ("iir.poles", "[1, x]", "no finite number"),
        ("pid0.p.real", "1", "no attribute 'real'"),
    ],
)
def test_what_is_no_value_is_refused_before_anything_is_sent(main, p, name, text, reason):
    p.rp.asg0.on = True
    p.rp.pid0.p = 0.5
    p.rp.iir.poles = [-2e3]
    frequency = p.rp.asg0.frequency
    assert reason in refused(main, "set", "virtual", name, text)
    assert (p.rp.asg0.on, p.rp.pid0.p, p.rp.asg0.frequency) == (True, 0.5, frequency)


def test_get_prints_the_table_of_a_module(main, p):
    p.rp.pid0.setpoint = 0.125
    text = main("get", "virtual", "pid0").stdout
    (row,) = [line for line in text.splitlines() if line.split()[:1] == ["setpoint"]]
    assert row.split()[1] == "0.125"
    assert json.loads(main("get", "virtual", "rp.pid0", "--json").stdout)["setpoint"] == 0.125
    assert "pid0" in main("get", "virtual", "rp").stdout


def test_get_says_that_a_method_is_one(main, p):
    error = refused(main, "get", "virtual", "pid0.setup")
    assert "pid0.setup is a method" in error
    assert "pyrpl-remote call virtual pid0.setup" in error


def test_methods_are_called_with_arguments(main, p):
    done = main("call", "virtual", "asg0.setup", "frequency=2kHz", "amplitude=0.5", "waveform=sin")
    assert done.returncode == 0, done.stderr
    assert p.rp.asg0.frequency == pytest.approx(2e3, rel=1e-3)
    main("call", "virtual", "scope.setup", "ch2_active=off")
    assert p.rp.scope.ch2_active is False
    main("call", "virtual", "scope.setup", "ch2_active=Yes")
    assert p.rp.scope.ch2_active is True
    assert "neither true nor false" in refused(main, "call", "virtual", "asg0.setup", "on=perhaps")
    assert "given twice" in refused(main, "call", "virtual", "pid0.setup", "p=1", "p=2")


def test_call_prints_or_writes_curves(main, p, tmp_path):
    p.rp.scope.setup(duration=1e-3, trigger_source="immediately")
    to_csv, to_npy = tmp_path / "a b.csv", tmp_path / "trace"
    done = main(
        *("call", "virtual", "scope.single", "timeout=10", "--json"),
        *("--csv", str(to_csv), "--npy", str(to_npy)),
    )
    curves = np.array(json.loads(done.stdout))
    assert curves.shape == (2, 16384)
    np.testing.assert_array_equal(np.load(to_npy), curves)
    with open(to_csv, newline="") as file:
        assert next(csv.reader(file)) == ["times", "curve1", "curve2"]
        table = np.loadtxt(file, delimiter=",", unpack=True)
    np.testing.assert_array_equal(table[1:], curves)
    np.testing.assert_array_equal(table[0], p.rp.scope.times)


def test_a_file_that_cannot_be_written_is_refused_before_the_call(main, p, tmp_path):
    p.rp.pid0.p = 1
    arguments = ("call", "virtual", "pid0.setup", "p=2", "--csv")
    assert "No such file" in refused(main, *arguments, str(tmp_path / "nowhere" / "a.csv"))
    assert "is a folder" in refused(main, *arguments, str(tmp_path))
    assert p.rp.pid0.p == 1
    assert "no array" in refused(main, "get", "virtual", "pid0.p", "--npy", str(tmp_path / "p.npy"))


def test_a_misspelt_name_or_a_refused_value_is_an_error(main, p):
    refused(main, "get", "virtual", "pid0.setpiont")
    refused(main, "set", "virtual", "pid0.input", "in3")
    refused(main, "call", "virtual", "pid0.input")
