"""Poles and zeros as text, and filters that PyRPL cannot make."""

import pytest

from pymodaq_plugins_pyrpl.hardware.instruments.iir_filter import (
    STAGES,
    parsed,
    require_possible,
    stages,
    text_of,
)
from pymodaq_plugins_pyrpl.hardware.refused import Refused


def test_poles_are_read_as_people_write_them():
    assert parsed("-100+50000j, -1e4; -3 + 2i") == [-100 + 50000j, -1e4, -3 + 2j]
    assert [type(number) for number in parsed("-1, -1+2j")] == [float, complex]
    assert parsed(" ") == []


def test_a_conjugate_is_read_once_because_pyrpl_adds_it():
    assert parsed("-100-50000j, -100+50000j") == [-100 + 50000j]
    assert parsed("-100-50000j") == [-100 + 50000j]


def test_text_is_read_back_as_what_it_shows():
    numbers = [complex(-100.125, 50e3), -1e4]
    assert parsed(text_of(numbers)) == numbers


@pytest.mark.parametrize("text", ["one", "-1+", "nan", "-1, inf"])
def test_anything_else_is_refused(text):
    with pytest.raises(Refused, match="no pole or zero"):
        parsed(text)


def test_the_stages_that_a_filter_needs():
    pair, real = -1 + 2j, -3.0
    assert stages([], [pair]) == 1
    assert stages([], [real]) == 1
    assert stages([], [real, -4.0, -5.0]) == 2
    assert stages([pair], [pair]) == 2  # PyRPL adds a pole
    assert stages([real], []) == 1
    assert stages([], []) == 1


def test_a_filter_with_too_many_stages_or_equal_poles_is_refused():
    poles = [complex(-100 * (n + 1), 1e4 * (n + 1)) for n in range(STAGES + 1)]
    require_possible([], poles[:STAGES])
    with pytest.raises(Refused, match="needs 15 stages"):
        require_possible([], poles)
    with pytest.raises(Refused, match="15 stages"):
        require_possible([-1.0] * 28, poles[:STAGES])
    with pytest.raises(Refused, match="equal poles"):
        require_possible([], [-1.0, -1.0])
