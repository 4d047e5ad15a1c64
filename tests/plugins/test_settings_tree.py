"""Settings trees show what the schema declares."""

import pytest
from pymodaq_gui.parameter import Parameter

from pymodaq_plugins_pyrpl.daq_move_plugins.daq_move_PyRPL_ASG import DAQ_Move_PyRPL_ASG
from pymodaq_plugins_pyrpl.daq_move_plugins.daq_move_PyRPL_PID import DAQ_Move_PyRPL_PID
from pymodaq_plugins_pyrpl.daq_viewer_plugins.plugins_1D.daq_1Dviewer_PyRPL_Scope import (
    DAQ_1DViewer_PyRPL_Scope,
)
from pymodaq_plugins_pyrpl.hardware.settings_tree import module_group, parameter
from pyrpl_remote.schema import Attribute


def test_a_number_has_limits_step_unit_and_documentation():
    attribute = Attribute(
        "max_voltage", "float", "maximum output signal", minimum=-1.0, maximum=0.5, increment=0.25, unit="V"
    )
    setting = Parameter.create(**parameter(attribute, 0.25))
    assert setting.value() == 0.25
    assert setting.title() == "Max voltage:"
    wanted = {
        "type": "float",
        "min": -1.0,
        "max": 0.5,
        "step": 0.25,
        "suffix": "V",
        "tip": "maximum output signal",
    }
    assert {name: setting.opts[name] for name in wanted} == wanted


def test_a_choice_has_the_present_options():
    attribute = Attribute("input", "select", options=["in1"])
    assert parameter(attribute, "in2", ["in1", "in2"])["limits"] == ["in1", "in2"]
    assert parameter(attribute, "in1")["limits"] == ["in1"]


def test_choices_of_numbers_are_labelled_with_their_unit():
    attribute = Attribute("duration", "select", unit="s", options=[0.000131072, 1.073741824])
    setting = parameter(attribute, 1.073741824)
    assert setting["limits"] == {"131.072 µs": 0.000131072, "1.07374 s": 1.073741824}


def test_switches_and_counts_keep_their_kind():
    assert parameter(Attribute("average", "bool"), True)["type"] == "bool"
    count = parameter(Attribute("trace_average", "int", minimum=1), 3)
    assert (count["type"], count["min"], count["value"]) == ("int", 1, 3)


def test_an_attribute_that_cannot_be_edited_is_no_setting():
    with pytest.raises(KeyError):
        parameter(Attribute("data", "data"), None)


@pytest.mark.parametrize("plugin", [DAQ_Move_PyRPL_ASG, DAQ_Move_PyRPL_PID, DAQ_1DViewer_PyRPL_Scope])
def test_every_setting_of_every_plugin_is_in_the_schema_of_every_module(p, plugin):
    for name in plugin.modules:
        module = getattr(p.rp, name)
        group = Parameter.create(**module_group(module, plugin.shown))
        assert group.name() == name
        assert {child.name(): child.value() for child in group.children()} == {
            n: getattr(module, n) for n in plugin.shown
        }


@pytest.mark.parametrize("plugin", [DAQ_Move_PyRPL_ASG, DAQ_Move_PyRPL_PID])
def test_axes_have_the_units_that_the_schema_declares(p, plugin):
    for name in plugin.modules:
        attributes = getattr(p.rp, name).description().attributes
        for axis, unit in zip(plugin._axis_names, plugin._controller_units):
            assert attributes[axis].unit in (unit, ""), axis
