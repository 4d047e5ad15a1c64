"""Values as the page of modules shows and takes them, and what differs between two states."""

from __future__ import annotations

import pytest

from pymodaq_plugins_pyrpl.panel.modules import texts
from pymodaq_plugins_pyrpl.panel.modules.comparing import ABSENT, settings
from pymodaq_plugins_pyrpl.panel.modules.entry import entered
from pymodaq_plugins_pyrpl.panel.modules.nodes import shown_attributes
from pymodaq_plugins_pyrpl.quantities import quantity
from pyrpl_remote.errors import BadValue
from pyrpl_remote.schema import Attribute, ModuleType


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.0001220703125, "V", "122.07 µV"),
        (62_500_000.0, "Hz", "62.5 MHz"),
        (999_999.9999, "Hz", "1 MHz"),
        (0, "Hz", "0 Hz"),
        (1500, "us", "1.5 ms"),
        (-90.0, "degree", "-90 °"),
        (18446744073709551615, "cycles", "1.84467e+19 cycles"),
        (1e-15, "", "1e-15"),
        (0.5, "", "0.5"),
        (-1.0, "V", "-1 V"),
    ],
)
def test_numbers_are_shown_with_prefixes(value, unit, text):
    assert quantity(value, unit) == text


@pytest.mark.parametrize("unit", ["V", "Hz", "s", "us", "degree", "cycles", ""])
@pytest.mark.parametrize("value", [0.0, 1 / 3, -0.0001220703125, 62_500_000.0, 3e-12, 1.7976931348623157e308])
def test_what_an_editor_shows_means_the_very_same_number(unit, value):
    attribute = Attribute("one", "float", unit=unit)
    assert entered(attribute, texts.exact(attribute, value), [], None) == value


@pytest.mark.parametrize("value", [[], [1214.2929101024397, -2428.6599415484384, 0, 0], [-100 + 3000j, 1j]])
def test_what_an_editor_shows_means_the_very_same_list(value):
    attribute = Attribute("one", "list", unit="Hz")
    assert entered(attribute, texts.exact(attribute, value), [], None) == value


@pytest.mark.parametrize(("text", "limit"), [("1.1 V", "at most 999.878 mV"), ("-2", "at least -1 V")])
def test_a_number_outside_of_the_limits_is_refused(text, limit):
    attribute = Attribute(
        "setpoint", "float", minimum=-1.0, maximum=0.9998779296875, increment=2**-13, unit="V"
    )
    with pytest.raises(BadValue, match=limit):
        entered(attribute, text, [], 0.0)
    assert entered(attribute, "1 V", [], 0.0) == 1.0  # a step more: PyRPL rounds it


def test_attributes_are_shown_in_the_order_in_which_pyrpl_saves_them():
    known = {name: Attribute(name, "float") for name in ("alpha", "beta", "gamma")}
    known |= {"computed": Attribute("computed"), "running_state": Attribute("running_state")}
    kind = ModuleType("Module", attributes=known, setup_attributes=["gamma", "alpha"])
    assert [one.name for one in shown_attributes(kind)] == ["gamma", "alpha", "beta", "running_state"]


def test_settings_of_modules_inside_are_compared_too():
    first = {"classname": "Linear", "inputs": {"port1": {"gain": 1.0}}, "sequence": [{"setpoint": 0.0}]}
    second = {
        "classname": "Linear",
        "inputs": {"port1": {"gain": 1.0 + 1e-15}},
        "sequence": [{"setpoint": 0.5}, {"setpoint": 0.0}],
    }
    compared = {one.name: one for one in settings(first, second)}
    assert [name for name, one in compared.items() if one.differs] == [
        "sequence[0].setpoint",
        "sequence[1].setpoint",
    ]
    assert compared["sequence[1].setpoint"].first is ABSENT
