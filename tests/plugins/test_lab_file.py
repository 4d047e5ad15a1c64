"""The plugins begin with what the panel has saved in the lab's configuration."""

from __future__ import annotations

import pytest
from pymodaq_gui.qt_utils import mkQApp

from pymodaq_plugins_pyrpl import config
from pymodaq_plugins_pyrpl.hardware.board_settings import defaults
from pymodaq_plugins_pyrpl.panel.lab.configuration import ConfigurationPart
from pyrpl_remote import lab

from ..offscreen import qt_until


@pytest.fixture
def saved(tmp_path, monkeypatch):
    """What the panel's page has saved: a board, and the plugins' defaults."""
    monkeypatch.setenv("PYRPL_REMOTE_LAB", str(tmp_path / "lab.toml"))
    mkQApp("tests")
    part = ConfigurationPart(lambda error: None)
    part.new.setText("bench")
    part.add.click()
    typed = {
        ("boards", "hostname"): "_FAKE_",
        ("boards", "sshport"): "5678",
        ("plugins", "board"): "bench",
        ("plugins", "limit"): "44",
    }
    for place, text in typed.items():
        part.fields[place].line.setText(text)
        part.fields[place].line.textEdited.emit(text)
    part.save.click()
    qt_until(lambda: lab.path().exists(), what="the file")
    yield part
    part.close_part()
    part.deleteLater()


PLUGIN = """
from tests import offscreen
from pymodaq.utils.plugin_testing import make_actuator
from pymodaq_plugins_pyrpl.daq_move_plugins.daq_move_PyRPL_PID import DAQ_Move_PyRPL_PID
from pyrpl_remote import status
plugin = make_actuator(DAQ_Move_PyRPL_PID)
report(info=str(plugin.init_info), initialized=plugin.initialized)
report(board=plugin.settings["board"], limit=plugin.settings["connection", "limit"])
if plugin.initialized:
    report(hostname=status("bench").hostname)
plugin.close()
"""


def test_a_program_with_plugins_begins_with_the_labs_board_and_finds_it(saved, run_python):
    found = run_python(PLUGIN)
    assert (found["board"], found["limit"], found["hostname"]) == ("bench", 44, "_FAKE_")


def test_with_a_malformed_file_the_plugins_are_there_and_their_init_names_it(saved, run_python):
    lab.path().write_text("[plugin]\n")
    found = run_python(PLUGIN)
    assert found["board"] == "virtual" and not found["initialized"]
    assert str(lab.path()) in found["info"]


def test_what_was_edited_in_pymodaqs_configuration_has_priority(saved):
    assert defaults("bench")["limit"] == 44 and not config.is_edited("board", "limit")
    config["board", "limit"] = 33.0
    try:
        assert defaults("bench")["limit"] == 33 and defaults("bench")["name"] == "bench"
    finally:
        config["board", "limit"] = 55.0
