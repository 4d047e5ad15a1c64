"""The list of boards, what is known of each, and what can be done with it, on real daemons and boards."""

from __future__ import annotations

import contextlib
import os
import subprocess

import psutil
import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QPushButton
from zeroconf import ServiceInfo, Zeroconf

from pymodaq_plugins_pyrpl.panel.boards.board_list import HERE
from pyrpl_remote import connect, discover, lab, status
from pyrpl_remote.errors import PyrplRemoteError

from ..daemons import fake_board, has_ended
from ..processes import python_command, wait_for_line, wait_until
from ..qt_events import qt_until
from .conftest import named

IDLE, OTHER = ("idle", ""), ("other", "")


@pytest.fixture
def overview(window):
    return window.overview


@pytest.fixture(scope="module")
def idle_board(own_pyrpl_folder):
    """A board that this process uses."""
    with fake_board("idle") as p:
        yield p


@pytest.fixture(scope="module")
def other_board(own_pyrpl_folder):
    """Another board that this process uses."""
    with fake_board("other") as p:
        yield p


@pytest.fixture
def idle(window, idle_board):
    """The first board, selected in the window."""
    select(window, IDLE)
    return idle_board


@pytest.fixture
def own_lab(tmp_path, monkeypatch):
    """A lab.toml of the test."""
    monkeypatch.setenv("PYRPL_REMOTE_LAB", str(tmp_path / "lab.toml"))


@pytest.fixture
def announced():
    """A Red Pitaya's announcement of its SSH server, as its system sends it."""
    service = ServiceInfo(
        "_ssh._tcp.local.",
        "rp-f0a1b2._ssh._tcp.local.",
        port=22,
        addresses=[bytes([192, 0, 2, 7])],
        server="rp-f0a1b2.local.",
    )
    with contextlib.closing(Zeroconf()) as network:
        network.register_service(service)
        yield


def select(window, key) -> None:
    qt_until(lambda: key in window.watch.boards, 30.0, f"{key} in the list")
    seen = window.watch.boards[key]
    qt_until(lambda: seen.kind != "served" or window.watch.boards[key].status, 30.0, "its status")
    window.list.choose(key)
    assert window.overview.board is window.watch.boards[key]


def served() -> list[str]:
    return [entry.name for entry in discover()]


def shown_facts(overview) -> dict[str, str]:
    form = overview._facts
    roles = (form.ItemRole.LabelRole, form.ItemRole.FieldRole)
    rows = [[form.itemAt(row, role).widget().text() for role in roles] for row in range(form.rowCount())]
    return {caption.rstrip(":"): text for caption, text in rows}


def test_a_newcomer_sees_that_there_is_no_board_and_what_can_be_done(window, overview):
    qt_until(lambda: not window.watch.boards and overview.welcome.isVisible(), 20.0, "the welcome")
    assert not overview.open.isEnabled() and not overview.stop.isEnabled()
    named(overview.welcome, QPushButton, "Start a Red Pitaya…").click()
    assert overview.form.isVisible() and overview.form.hostname.isVisible()
    overview.form.cancel.click()
    assert not overview.form.isVisible()


def test_a_board_is_shown_with_its_state_its_clients_what_they_hold_and_its_latency(window, overview, idle):
    with idle.pids.pop("the panel's test"):
        qt_until(lambda: any("rp.pid" in row[-1] for row in overview.clients.rows), 20.0, "what is held")
    assert window.list.tree.topLevelItem(0).text(0) == HERE
    assert overview.title.text() == "idle" and overview.state.text().startswith("up")
    facts = shown_facts(overview)
    assert {"Red Pitaya", "Link", "Latency", "Daemon", "CPU"} <= set(facts)
    assert f"pid {status('idle').daemon.pid}" in facts["Daemon"]
    assert [row[3] for row in overview.clients.rows] == [str(os.getpid())]


def test_enter_opens_the_selected_board_and_open_does_the_same(qtbot, window, overview, idle):
    qtbot.keyClick(window.list.tree, Qt.Key.Key_Return)
    assert window.open_boards == ["idle"]
    window.close_board("idle")
    overview.open.click()
    tab = window.open_board("idle")
    qt_until(lambda: tab.board.state == "up", 30.0, "the session")


def test_a_board_is_started_by_its_hostname_and_kept_in_the_labs_configuration(window, overview, own_lab):
    overview.new.click()
    form = overview.form
    form.real.click()
    form.start.click()
    assert form.message.isVisible() and "hostname" in form.message.text()
    form.hostname.setText("http://rp")
    form.start.click()
    assert "no web address" in form.message.text() and "started" not in served()
    form.hostname.setText("_FAKE_")
    form.sshport.setText("4321")
    form.name.setText("started")
    form.password.setText("secret")
    form.remember.setChecked(True)
    form.start.click()
    tab = window.open_board("started")
    qt_until(lambda: tab.board.state == "up", 30.0, "the session")
    assert lab.configuration().boards == {"started": {"hostname": "_FAKE_", "sshport": 4321}}
    assert "secret" not in lab.path().read_text() and form.password.text() == ""
    window.close_board("started")
    qt_until(
        lambda: getattr(window.watch.boards.get(("started", "")), "kind", "") == "startable",
        30.0,
        "what can be started",
    )
    assert overview.form.isHidden()


def test_a_virtual_board_is_started_with_the_plant_that_was_chosen(window, overview):
    overview.new.click()
    form = overview.form
    form.name.setText("filtered")
    form.plant.setCurrentIndex(form.plant.findData("lowpass"))
    form.start.click()
    tab = window.open_board("filtered")
    qt_until(lambda: tab.board.state == "up", 60.0, "the session")
    daemon = psutil.Process(status("filtered").daemon.pid)
    assert any("lowpass" in " ".join(child.cmdline()) for child in daemon.children(recursive=True))


def test_the_doctor_says_what_is_wrong_and_what_to_do(window, overview, own_lab):
    lab.save(lab.LabFile(boards={"away": {"hostname": "no-such-host.invalid"}}))
    select(window, ("away", ""))
    assert overview.state.text() == "not started" and not overview.stop.isEnabled()
    overview.examine.click()
    qt_until(lambda: not overview.doctor.busy, 60.0, "the findings")
    shown = [overview.doctor.list.item(row).text() for row in range(overview.doctor.list.count())]
    assert any("✗" in line and "no-such-host.invalid" in line and "→" in line for line in shown), shown
    assert "failed" in overview.doctor.summary.text()


def test_the_log_follows_and_is_filtered_by_level(window, overview, idle):
    overview.details.setCurrentWidget(overview.log)
    text = overview.log.text
    qt_until(lambda: "INFO" in text.toPlainText(), 20.0, "the log")
    with open(status("idle").daemon.log, "a") as file:  # as the daemon writes it
        file.write("2026-01-31 12:00:00,000 [idle] ERROR pyrpl_remote: the end\nTraceback\n")
    qt_until(lambda: text.toPlainText().rstrip().endswith("Traceback"), 20.0, "the new lines")
    overview.log.level.setCurrentIndex(2)
    assert text.toPlainText().splitlines()[-2:] == [
        "2026-01-31 12:00:00,000 [idle] ERROR pyrpl_remote: the end",
        "Traceback",
    ]
    assert "INFO" not in text.toPlainText()
    overview.details.setCurrentWidget(overview.clients)
    assert text.toPlainText() == ""


def test_a_red_pitaya_that_announces_itself_on_the_network_is_in_the_list(announced, window):
    qt_until(lambda: ("rp-f0a1b2", "") in window.watch.boards, 30.0, "the announced board")
    seen = window.watch.boards["rp-f0a1b2", ""]
    assert (seen.kind, seen.address, seen.state) == ("announced", "192.0.2.7", "on the network")
    select(window, ("rp-f0a1b2", ""))
    assert window.overview.board is seen


def test_a_board_that_dies_and_comes_back_is_shown_as_it_is_everywhere(window, overview, board):
    where = {"hostname": board.host, "sshport": board.ssh_port, "port": board.monitor_port, "delay": 0.01}
    with connect("shown", **where):
        select(window, ("shown", ""))
        tab = window.open_board("shown")
        qt_until(lambda: tab.board.state == "up", 30.0, "the session")
        board.control.silence(True)
        tab.board.ask_long(lambda p: p.rp.pid0.setpoint, failed=lambda error: None)
        qt_until(lambda: tab.board.state == "reconnecting" and tab.state.isVisible(), 30.0, "the loss")
        qt_until(lambda: overview.state.text().startswith("reconnecting: "), 30.0, "the loss in the list")
        board.control.silence(False)
        qt_until(lambda: tab.board.state == "up", 30.0, "the return")
        qt_until(lambda: overview.state.text().startswith("up"), 30.0, "the return in the list")
        # another program takes it
        board.control.second_client()
        qt_until(lambda: tab.board.state == "taken" and tab.take.isVisible(), 30.0, "the notice")
        qt_until(lambda: overview.take.isEnabled(), 30.0, "the notice in the list")
        overview.take.click()
        assert "Take the board?" in overview.question.text.text()
        named(overview.question, QPushButton, "Take it").click()
        qt_until(lambda: tab.board.state == "up", 30.0, "the board")
        assert not tab.take.isVisible()
        # another gateware is loaded
        board.control.load_gateware("v0.94")
        qt_until(lambda: tab.board.state == "other gateware", 30.0, "the notice of the gateware")
        qt_until(
            lambda: overview.take.isEnabled() and "gateware" in overview.state.text(), 30.0, "the notice"
        )
        overview.take.click()
        assert "Load PyRPL's gateware again?" in overview.question.text.text()
        named(overview.question, QPushButton, "Load it").click()
        qt_until(lambda: tab.board.state == "up", 60.0, "PyRPL's gateware")
        # the daemon is killed: the session starts another one
        psutil.Process(status("shown").daemon.pid).kill()
        qt_until(lambda: tab.board.state != "up", 30.0, "the loss of the daemon")
        qt_until(lambda: tab.board.state == "up", 60.0, "another daemon")


def test_a_frozen_daemon_is_said_and_the_others_are_shown_meanwhile(window, overview, idle, other_board):
    select(window, OTHER)
    process = psutil.Process(status("other").daemon.pid)
    process.suspend()
    try:
        qt_until(lambda: overview.state.text().startswith("does not answer"), 30.0, "the notice")
        assert shown_facts(overview) == {}
        select(window, IDLE)
        assert overview.state.text().startswith("up")
    finally:
        process.resume()
    window.list.choose(OTHER)
    overview.look.click()
    qt_until(lambda: overview.state.text().startswith("up"), 40.0, "the return")


def test_stop_names_who_else_uses_the_board_and_does_nothing_before_the_answer(window, overview, other_board):
    select(window, OTHER)
    lines = 'from pyrpl_remote import connect\np = connect("other")\nprint("connected", flush=True)\ninput()'
    other = subprocess.Popen(python_command(lines), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        wait_for_line(other, "connected")
        qt_until(lambda: len(overview.clients.rows) == 2, 20.0, "the other client")
        overview.stop.click()
        assert overview.question.isVisible() and f"pid {other.pid}" in overview.question.text.text()
        named(overview.question, QPushButton, "No").click()
        assert not overview.question.isVisible() and status("other").board == "other"
        overview.stop.click()
        named(overview.question, QPushButton, "End the daemon").click()
        qt_until(lambda: OTHER not in window.watch.boards, 30.0, "the end of the daemon")
    finally:
        other.kill()  # first: a thread reads its output
        other.stdin.close()
        other.wait(20)
    assert window.errors.history == []


def test_a_malformed_lab_toml_is_named_below_the_list(window, own_lab):
    lab.path().write_text("[boards.lab]\nhostnam = 'a'\n")
    problems = window.list.problems
    qt_until(
        lambda: problems.isVisible() and "did you mean 'hostname'" in problems.text(), 20.0, "the problem"
    )
    lab.path().unlink()
    qt_until(lambda: not problems.isVisible(), 20.0, "no problem")
    with pytest.raises(PyrplRemoteError):
        lab.check("boards", "hostnam", "a")


def test_looking_holds_no_board(window, overview, idle):
    process = psutil.Process(status("idle").daemon.pid)
    idle.close()
    qt_until(lambda: has_ended(process), 20.0, "the end of the daemon, whose grace is 1 s")
    qt_until(lambda: IDLE not in window.watch.boards, 20.0, "its disappearance")
    assert window.errors.history == []


@pytest.fixture(scope="module", autouse=True)
def end_of_all(own_pyrpl_folder):
    """The daemons of these tests end within their grace period."""
    yield
    wait_until(lambda: discover() == [], 30.0, "the end of all daemons")
