"""The move of the slow outputs sets DACs, digital pins and LEDs, and chooses what the PWM outputs put out."""

import pytest
from pymodaq.control_modules.daq_move_ui.utils import UiType
from pymodaq.utils.plugin_testing import move_abs_and_wait, move_home_and_wait

from pymodaq_plugins_pyrpl.daq_move_plugins.daq_move_PyRPL_Output import DAQ_Move_PyRPL_Output
from pyrpl_remote.errors import BadValue

from ..offscreen import edit, in_qt_loop, qt_until

pytestmark = in_qt_loop

DAC_STEP = 1.8 / 2**12
"""The step of a DAC: 256 steps of the PWM, and 16 of the duty of one more."""


@pytest.fixture
def move(plugin):
    return plugin(DAQ_Move_PyRPL_Output)


def choose(move, axis: str) -> None:
    """Choose an axis, as a user does."""
    move.settings.child("controller", "axis").setValue(axis)
    move.update_settings(
        {
            "path": ["settings", "controller", "axis"],
            "param": move.settings.child("controller", "axis"),
            "change": "value",
        }
    )


@pytest.mark.parametrize("axis", ["dac2", "dac3"])
def test_a_dac_puts_out_the_voltage_that_it_is_moved_to(p, move, axis):
    choose(move, axis)
    assert move.axis_unit == "V"
    for volts in (0.5, 1.234, 1.8):
        assert move_abs_and_wait(move, volts).value("V") == pytest.approx(volts, abs=DAC_STEP / 2)
        assert getattr(p.rp.ams, axis) == move.current_value.value("V")
    assert move_home_and_wait(move).value("V") == getattr(p.rp.ams, axis) == 0


def test_a_pin_is_moved_between_low_and_high(p, move):
    assert DAQ_Move_PyRPL_Output.ui_type == UiType.BINARY
    choose(move, "expansion_N3")
    assert move.axis_unit == ""
    for value in (1, 0, 1):
        assert move_abs_and_wait(move, value).value() == value
        assert p.rp.hk.expansion_N3 is bool(value)
    assert move_home_and_wait(move).value() == 0
    assert p.rp.hk.expansion_N3 is False


def test_a_pin_that_is_an_input_is_not_written(p, move):
    choose(move, "expansion_P5")
    edit(move, "hk", "expansion_P5_output", value=False)
    assert p.rp.hk.expansion_P5_output is False
    with pytest.raises(BadValue, match="expansion_P5 is an input"):
        move_abs_and_wait(move, 1)
    edit(move, "hk", "expansion_P5_output", value=True)
    assert p.rp.hk.expansion_P5 is False
    assert move_abs_and_wait(move, 1).value() == 1
    with pytest.raises(BadValue, match="is 0 or 1"):
        move_abs_and_wait(move, 0.5)
    assert p.rp.hk.expansion_P5 is True


def test_the_leds_show_a_number(p, move):
    choose(move, "led")
    assert move_abs_and_wait(move, 0b10101010).value() == p.rp.hk.led == 0b10101010
    p.rp.hk.led = 3
    qt_until(lambda: move.current_value.value() == 3, what="the change of another program")


def test_pwm_outputs_put_out_the_signals_that_are_chosen(p, move):
    p.rp.asg0.setup(waveform="dc", offset=0.5, amplitude=0, trigger_source="immediately", output_direct="off")
    edit(move, "pwm0", "input", value="asg0")
    assert p.rp.pwm0.input == "asg0"
    # -1 V to 1 V of the signal are 0 V to 1.8 V
    qt_until(lambda: p.rp.ams.dac0 == pytest.approx(1.35, abs=0.01), what="the signal on dac0")
    p.rp.pwm0.input = "off"
    qt_until(lambda: move.settings["pwm0", "input"] == "off", what="the change of another program")


def test_the_settings_are_those_of_the_axis(move):
    choose(move, "expansion_P0")
    assert move.settings.child("hk").opts["visible"]
    choose(move, "dac2")
    assert not move.settings.child("hk").opts["visible"]
    assert move.settings.child("pwm1").opts["visible"]
