"""Values as a person types them: what a text means for an attribute of each kind."""

import math

import pytest

from pyrpl_remote.errors import BadValue
from pyrpl_remote.schema import Attribute
from pyrpl_remote.typed_values import parse, value_for


def value(kind, text, unit="", options=(), present=None):
    return value_for(Attribute("attribute", kind, unit=unit), text, list(options), lambda: present)


@pytest.mark.parametrize("text", ["true", "True", "TRUE", "yes", "on", "ON", "1", " On "])
def test_words_for_true(text):
    assert value("bool", text) is True


@pytest.mark.parametrize("text", ["false", "False", "FALSE", "no", "off", "Off", "0"])
def test_words_for_false(text):
    assert value("bool", text) is False


@pytest.mark.parametrize("text", ["", "2", "-1", "1.0", "maybe", "None", "[]", "t", "'false'", "nan"])
def test_anything_else_is_no_truth_value(text):
    with pytest.raises(BadValue, match="it is neither true nor false; nothing was sent"):
        value("bool", text)


@pytest.mark.parametrize(
    ("text", "unit", "number"),
    [
        ("1e3", "", 1000.0),
        ("-0.1", "V", -0.1),
        (" -0.1", "V", -0.1),
        ("+.5", "", 0.5),
        ("\N{MINUS SIGN}3", "", -3.0),
        ("1MHz", "Hz", 1e6),
        ("1 MHz", "Hz", 1e6),
        ("2.5kHz", "Hz", 2500.0),
        ("3Hz", "Hz", 3.0),
        ("3mHz", "Hz", 0.003),
        ("8ms", "s", 0.008),
        ("8us", "s", 8e-6),
        ("8\N{MICRO SIGN}s", "s", 8e-6),
        ("8\N{GREEK SMALL LETTER MU}s", "s", 8e-6),
        ("8ns", "s", 8e-9),
        ("8ms", "us", 8000.0),
        ("8us", "us", 8.0),
        ("-250mV", "V", -0.25),
        ("90deg", "degree", 90.0),
        ("90\N{DEGREE SIGN}", "degree", 90.0),
        ("3 cycles", "cycles", 3.0),
        ("1e-3s", "s", 0.001),
    ],
)
def test_numbers_with_and_without_their_unit(text, unit, number):
    assert value("float", text, unit) == number
    assert value("data", text, unit, present=0.0) == number


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("inf", "Hz"),
        ("-inf", "V"),
        ("nan", ""),
        ("1e999", ""),
        ("fast", "Hz"),
        ("true", ""),
        ("None", "V"),
        ("", ""),
        ("1,5", "V"),
        ("1+1", ""),
        ("1 2", ""),
        ("8ms", "Hz"),
        ("1mhz", "Hz"),
        ("1THz", "Hz"),
        ("1V", ""),
        ("1k", "Hz"),
        ("1e5j", "Hz"),
        ("__import__('os')", ""),
    ],
)
def test_what_is_no_number_of_that_unit_is_refused(text, unit):
    with pytest.raises(BadValue, match=r"attribute cannot be .*nothing was sent\n  -> write a number"):
        value("float", text, unit)


@pytest.mark.parametrize(
    ("text", "number"), [("7", 7), ("0x1F", 31), ("0b101", 5), ("1e3", 1000), ("-2", -2)]
)
def test_whole_numbers(text, number):
    assert value("int", text) == number
    assert isinstance(value("int", text), int)


@pytest.mark.parametrize("text", ["1.5", "on", "inf", "1e-3", "0xG"])
def test_what_is_no_whole_number_is_refused(text):
    with pytest.raises(BadValue):
        value("int", text)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1e5j-3e3", -3e3 + 1e5j),
        ("-3e3+1e5j", -3e3 + 1e5j),
        ("-1e5j+3", 3 - 1e5j),
        ("(1 + 2j)", 1 + 2j),
        ("2j", 2j),
        ("5", 5),
    ],
)
def test_complex_numbers_have_their_parts_in_either_order(text, number):
    assert value("complex", text) == number
    assert value("list", f"[{text}, 1]") == [number, 1]
    assert parse(text) == number


@pytest.mark.parametrize("text", ["infj", "1+nanj", "1e999j", "i", "1+2"])
def test_what_is_no_complex_number_is_refused(text):
    with pytest.raises(BadValue):
        value("complex", text)


@pytest.mark.parametrize(
    ("kind", "text", "result"),
    [
        ("list", "[]", []),
        ("list", "1, 2", [1.0, 2.0]),
        ("list", "[-1e5j-3e3]", [-3e3 - 1e5j]),
        ("filter", "1kHz", 1e3),
        ("filter", "[1kHz, -20e3]", [1e3, -20e3]),
        ("filter", "0", 0.0),
    ],
)
def test_lists(kind, text, result):
    made = value(kind, text, "Hz")
    assert made == result
    assert all(not isinstance(item, complex) or item.imag for item in (made if kind == "list" else []))


def test_an_option_is_taken_by_its_text():
    inputs = ["in1", "in2", "off"]
    assert value("select", "off", options=inputs) == "off"
    assert value("select", "in3", options=inputs) == "in3"  # PyRPL refuses it, and says which there are
    assert value("select", "8ms", "s", options=[0.001, 0.008]) == 0.008
    assert value("select", "64", options=[1, 8, 64]) == 64
    assert value("select", "None", options=[None, "a"]) is None
    assert value("bool", "ignore", options=[True, False, "ignore"]) == "ignore"
    assert value("bool", "off", options=[True, False, "ignore"]) is False
    with pytest.raises(BadValue):
        value("select", "long", "s", options=[0.001, 0.008])


@pytest.mark.parametrize(
    ("present", "text", "result"),
    [
        (True, "off", False),
        (False, "yes", True),
        (3, "4", 4),
        (3, "0.5", 0.5),
        ("name", "off", "off"),
        ("name", "None", None),
        (None, "me", "me"),
        (None, "false", False),
        ([1], "[1, 2]", [1, 2]),
    ],
)
def test_the_present_value_says_the_type_of_an_undeclared_attribute(present, text, result):
    assert value("data", text, present=present) == result


@pytest.mark.parametrize(("text", "result"), [("5", "5"), ("'a b'", "a b"), ('"None"', "None"), ("x", "x")])
def test_texts(text, result):
    assert value("string", text) == result


@pytest.mark.parametrize("text", ["{[1]: 2}", "(" * 5000, "1__2", "\0"])
def test_what_is_no_literal_is_a_text(text):
    assert parse(text) == text


def test_a_literal_is_finite():
    with pytest.raises(BadValue):
        parse("1e999")
    assert math.isfinite(parse("1e300"))
