"""Plugins on the virtual board, made by PyMoDAQ's test kit: in the test's thread, without a window."""

from __future__ import annotations

import pytest

# for its effect on PyMoDAQ, which the files of this folder import at their head
from .. import offscreen  # noqa: F401


@pytest.fixture
def commands_of():
    """A function from a plugin to a list of the commands that it emits from then on."""

    def listen(plugin) -> list:
        commands: list = []
        plugin.emit_status = commands.append
        return commands

    return listen


@pytest.fixture
def plugin(p, lone_plugin):
    """A function that makes plugins on the board of `p`."""
    return lone_plugin


@pytest.fixture
def lone_plugin():
    """A function that makes plugins, which alone hold their board. The last is closed first."""
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
