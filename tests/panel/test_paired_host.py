"""The panels of two hosts with a cable between them: one shares its board with the other."""

from __future__ import annotations

import pytest

from ..gate.hosts import REASON, can_make_namespaces, two_hosts
from ..processes import wait_until

pytestmark = pytest.mark.skipif(not can_make_namespaces(), reason=REASON)

PANEL = """
from tests.qt_events import qt_until
from qtpy.QtWidgets import QApplication, QPushButton
from pymodaq_plugins_pyrpl.panel.window import PanelWindow
from tests.panel.conftest import named
application = QApplication([])
window = PanelWindow()
window.show()
hosts = window.lab.hosts
until = lambda condition: qt_until(condition, 40.0) is not None
"""


@pytest.fixture(scope="module")
def hosts(tmp_path_factory):
    with two_hosts(tmp_path_factory.mktemp("hosts")) as (daq2, laptop):
        daq2.configure("lab")
        yield daq2, laptop


@pytest.fixture(scope="module")
def panels(hosts):
    """The panel on each of both hosts, as a program that does what it is asked to."""
    running = [host.client() for host in hosts]
    for one in running:
        one.ask(PANEL)
    yield running
    for one in running:
        one.ask("window.close()")
        one.end()


def test_a_machine_is_invited_with_a_role_joined_used_and_revoked(hosts, panels):
    daq2, laptop = panels
    # the first panel shares its boards
    daq2.ask("window.tabs.setCurrentWidget(window.lab)")
    daq2.ask('hosts.role.setCurrentIndex(hosts.role.findData("operator"))')
    daq2.ask("hosts.invite.click()")
    assert daq2.ask("until(lambda: hosts.line.text())")
    assert daq2.ask("until(lambda: hosts.unshare.isEnabled())")
    daq2.ask("hosts.copy.click()")
    line = daq2.ask("application.clipboard().text()")
    # the second one joins it
    laptop.ask("window.tabs.setCurrentWidget(window.lab)")
    laptop.ask(f"hosts.invitation.setText({line!r})")
    laptop.ask("hosts.join.click()")
    assert laptop.ask('until(lambda: "as its operator" in hosts.join_message.text())')
    assert laptop.ask("until(lambda: len(hosts.peers.rows) == 1)")
    name = laptop.ask("hosts.peers.rows[0][0]")
    assert laptop.ask("hosts.peers.rows[0][2]") == "operator"
    # its board, which that host can start, is in the list; opening it starts it there
    key = ("lab", name)
    assert laptop.ask(f"until(lambda: {key!r} in window.watch.boards)")
    laptop.ask(f"window.list.choose({key!r})")
    assert laptop.ask("window.overview.state.text()") == "not started"
    laptop.ask("window.overview.open.click()")
    laptop.ask("tab = window.open_board(window.overview.board.full_name)")
    assert laptop.ask('until(lambda: tab.board.state == "up")')
    assert laptop.ask("until(lambda: len(window.overview.clients.rows) == 1)")
    laptop.ask("window.overview.details.setCurrentWidget(window.overview.log)")
    assert laptop.ask('until(lambda: "INFO" in window.overview.log.text.toPlainText())')
    # the host revokes it
    daq2.ask("window.lab.open()")
    assert daq2.ask("until(lambda: len(hosts.peers.rows) == 1)")
    daq2.ask("hosts.peers.selectRow(0)")
    daq2.ask("hosts.revoke.click()")
    daq2.ask('named(hosts.revoke_question, QPushButton, "Revoke").click()')
    assert daq2.ask("until(lambda: hosts.peers.rows == [])")
    laptop.ask("window.watch.look()")
    assert laptop.ask("until(lambda: window.list.problems.isVisible())")
    assert name in laptop.ask("window.list.problems.text()")
    daq2.ask("hosts.unshare.click()")
    daq2.ask('named(hosts.share_question, QPushButton, "Stop").click()')
    assert daq2.ask("until(lambda: not hosts.unshare.isEnabled())")
    wait_until(lambda: "shared" in daq2.ask("hosts.shared.text()"))
