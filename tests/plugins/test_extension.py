"""The panel as an extension of PyMoDAQ's dashboard."""

from __future__ import annotations

from pymodaq.extensions.utils import get_extensions
from pymodaq.utils.plugin_testing import PluginExtensionChecks, loaded_extension

from pymodaq_plugins_pyrpl.extensions.pyrpl import PyRPLPanel
from pyrpl_remote import status

from ..offscreen import in_qt_loop, qt_until

pytestmark = in_qt_loop


class TestExtensions(PluginExtensionChecks):
    package_name = "pymodaq_plugins_pyrpl"
    strict_imports = True


def test_the_dashboard_offers_the_panel():
    found = {one.name: one for one in get_extensions().values()}
    assert found["PyRPL"].klass is PyRPLPanel


def test_the_panel_shows_the_boards_and_ends_its_sessions_when_it_is_closed(p):
    with loaded_extension(PyRPLPanel) as (_, extension):
        panel = extension.panel
        qt_until(lambda: ("virtual", "") in panel.watch.boards, 30.0, "the board in the list")
        tab = panel.open_board("virtual")
        qt_until(lambda: tab.board.state == "up", 30.0, "the session")
        assert len(status("virtual").clients) == 1  # that of this program
    assert panel.open_boards == [] and tab.board.state == "closed"
    assert p.rp.pid0.p is not None
