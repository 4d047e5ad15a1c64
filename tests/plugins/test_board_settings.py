"""Which defaults a plugin uses: those of the board that was chosen, and what was edited in its tree."""

import pytest
from pymodaq_gui.parameter import Parameter

from pymodaq_plugins_pyrpl import config
from pymodaq_plugins_pyrpl.hardware.board_settings import board_params, connect_arguments, connection_setting

CAVITY = {"hostname": "rp-1.local", "sshport": 2022, "port": 2223, "limit": 7.0, "grace": 9.0}
LAB = {"hostname": "rp-2.local", "at_init": "push the tree"}


@pytest.fixture
def settings(qapp):
    """The settings of a new plugin, whose configuration file begins with the board "cavity"."""
    config["board", "name"] = "cavity"
    config["boards"] = {"cavity": CAVITY, "lab": LAB}
    yield Parameter.create(name="settings", type="group", children=board_params(("pid0", "pid1")))
    config["board", "name"] = "virtual"
    config["boards"] = {}


def test_the_first_board_is_shown_with_its_own_defaults(settings):
    assert settings["hostname"] == "rp-1.local" and settings["connection", "port"] == 2223
    assert connect_arguments(settings) == {
        "hostname": "rp-1.local",
        "sshport": 2022,
        "port": 2223,
        "grace": 9.0,
    }
    assert connection_setting(settings, "limit") == 7


def test_another_board_takes_nothing_of_the_first_ones(settings):
    settings.child("board").setValue("lab")
    assert connect_arguments(settings) == {"hostname": "rp-2.local"}
    assert connection_setting(settings, "limit") == 55
    assert connection_setting(settings, "at_init") == "push the tree"
    settings.child("board").setValue("lab@daq2")
    assert connect_arguments(settings) == {}


def test_what_was_edited_has_priority_for_every_board(settings):
    settings.child("hostname").setValue("10.0.0.3")
    settings.child("connection", "port").setValue(4444)
    assert connect_arguments(settings)["port"] == 4444
    settings.child("board").setValue("lab")
    assert connect_arguments(settings) == {"hostname": "10.0.0.3", "port": 4444}
