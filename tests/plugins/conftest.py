"""Plugins on the virtual board, as PyMoDAQ's test kit makes them: in the test's thread, without a window."""

from __future__ import annotations

import pytest

# before any test imports PyMoDAQ
from .. import offscreen  # noqa: F401


@pytest.fixture
def told():
    """Make a plugin tell a list what it tells PyMoDAQ; gives a function from the plugin to that list of commands."""

    def listen(plugin) -> list:
        commands = []
        plugin.emit_status = commands.append
        return commands

    return listen


@pytest.fixture
def plugin(p):
    """Make plugins on the board of `p`; all are closed after the test, the last one first."""
    from pymodaq.control_modules.move_utility_classes import DAQ_Move_base
    from pymodaq.utils.plugin_testing import make_actuator, make_detector

    made = []

    def make(cls, controller=None, **settings):
        make_it = make_actuator if issubclass(cls, DAQ_Move_base) else make_detector
        made.append(make_it(cls, controller, **settings))
        assert made[-1].initialized, made[-1].init_info
        return made[-1]

    yield make
    for one in reversed(made):
        one.close()
