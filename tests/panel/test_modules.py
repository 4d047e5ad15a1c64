"""The page of modules: what is in the tree, edits of each kind, refusals, changes of others, the search."""

from __future__ import annotations

import dataclasses
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from qtpy.QtCore import Qt

from pymodaq_plugins_pyrpl.panel.modules.board_side import Values, read
from pymodaq_plugins_pyrpl.panel.modules.comparison import PRESENT
from pymodaq_plugins_pyrpl.panel.modules.editors import NumberEdit
from pymodaq_plugins_pyrpl.panel.modules.model import CHANGED, LIMITS, VALUE
from pymodaq_plugins_pyrpl.panel.modules.nodes import UNREAD
from pyrpl_remote import Change, stop

from ..qt_events import qt_until
from .modules_driver import modules_in_window


@pytest.fixture(scope="module")
def modules(qapp, p):
    """The page of modules of the shared board, in the window."""
    with modules_in_window("virtual") as driver:
        yield driver


def test_the_tree_has_every_module_with_the_attributes_that_pyrpl_declares(modules, p):
    for path in ("rp.scope", "rp.pid0", "networkanalyzer", "lockbox.outputs.output1", "lockbox.sequence[0]"):
        assert modules.model.module(path) is not None, path
    described = p.rp.asg0.description().attributes
    declared = [name for name, one in described.items() if one.kind not in ("data", "module")]
    assert sorted(node.name for node in modules.model.module("rp.asg0").attributes) == sorted(declared)
    assert modules.shown("rp.asg0.offset", LIMITS) == "-1 V … 1 V"
    assert "output offset [volts]" in modules.model.index_of(modules.node("rp.asg0.offset")).data(
        Qt.ItemDataRole.ToolTipRole
    )


def test_looking_at_every_module_takes_none_from_its_owner(modules, p):
    def owners():
        return {
            node.path: node.proxy.owner for node in modules.model.modules() if node.path not in ("", "rp")
        }

    before = owners()
    modules.tree.expandAll()
    qt_until(lambda: not modules.page.updates.busy, what="the values")
    unread = [node.path for one in modules.model.modules() for node in one.attributes if node.value is UNREAD]
    assert unread == []
    assert owners() == before


def test_a_number_is_typed_with_its_unit(modules, p, qtbot):
    modules.type(qtbot, "rp.asg0.frequency", "2.5 kHz", NumberEdit)
    qt_until(lambda: p.rp.asg0.frequency == pytest.approx(2500, abs=0.12))
    qt_until(lambda: modules.shown("rp.asg0.frequency").startswith("2.5"), what="the value")


def test_the_arrow_keys_change_a_number_by_pyrpls_step(modules, p, qtbot):
    p.rp.asg0.offset = 0.5
    modules.page.read_all()
    qt_until(lambda: modules.shown("rp.asg0.offset") == "500 mV")
    editor = modules.edit(qtbot, "rp.asg0.offset", NumberEdit)
    qtbot.keyClick(editor, Qt.Key.Key_Up)
    # what somebody else sets, and reading again, leave the editor as it is
    p.rp.asg0.offset = 0.25
    modules.page.read_all()
    qt_until(lambda: modules.shown("rp.asg0.offset") == "250 mV", what="the other value")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qt_until(lambda: p.rp.asg0.offset == 0.5 + 2**-13)


def test_a_number_outside_of_the_limits_is_refused_and_nothing_is_sent(modules, p, qtbot):
    p.rp.asg0.amplitude = 0.25
    qt_until(lambda: modules.shown("rp.asg0.amplitude") == "250 mV")
    modules.type(qtbot, "rp.asg0.amplitude", "3 V", NumberEdit)
    assert "is at most 1 V, not 3 V; nothing was sent" in modules.shown("rp.asg0.amplitude", CHANGED)
    assert modules.shown("rp.asg0.amplitude") == "250 mV" and p.rp.asg0.amplitude == 0.25
    modules.type(qtbot, "rp.asg0.amplitude", "300 mV", NumberEdit)
    qt_until(lambda: p.rp.asg0.amplitude == pytest.approx(0.3, abs=1e-4))
    qt_until(lambda: "nothing was sent" not in modules.shown("rp.asg0.amplitude", CHANGED))


def test_enter_and_a_click_switch_a_switch(modules, p, qtbot):
    assert p.rp.pid0.paused is False
    modules.select("rp.pid0.paused")
    qtbot.keyClick(modules.tree, Qt.Key.Key_Return)
    qt_until(lambda: p.rp.pid0.paused and modules.shown("rp.pid0.paused") == "on")
    modules.click_box(qtbot, "rp.pid0.paused")
    qt_until(lambda: not p.rp.pid0.paused and modules.shown("rp.pid0.paused") == "off")


def test_a_choice_has_the_options_of_now(modules, p, qtbot):
    modules.choose(qtbot, "rp.pid0.input", "asg1")
    qt_until(lambda: p.rp.pid0.input == "asg1" and modules.shown("rp.pid0.input") == "asg1")
    modules.choose(qtbot, "rp.scope.duration", "8.38861 ms")
    qt_until(lambda: modules.shown("rp.scope.duration") == "8.38861 ms")
    assert p.rp.scope.duration == 0.008388608


def test_each_stage_of_a_filter_is_a_choice(modules, p, qtbot):
    p.rp.pid0.inputfilter = [0, 0, 0, 0]
    qt_until(lambda: modules.shown("rp.pid0.inputfilter") == "[0 Hz, 0 Hz, 0 Hz, 0 Hz]")
    modules.tree.expand(modules.tree._index(modules.node("rp.pid0.inputfilter")))
    modules.choose(qtbot, "rp.pid0.inputfilter[1]", "2.42866 kHz")
    qt_until(lambda: p.rp.pid0.inputfilter[1] == pytest.approx(2428.66, abs=0.01))
    modules.type(qtbot, "rp.pid0.inputfilter", "1000, -2000")
    qt_until(lambda: modules.shown("rp.pid0.inputfilter") == "[1.21429 kHz, -2.42866 kHz, 0 Hz, 0 Hz]")


def test_lists_of_numbers_and_texts_are_typed(modules, p, qtbot):
    modules.type(qtbot, "rp.scope.curve_name", "trace of Monday")
    qt_until(lambda: p.rp.scope.curve_name == "trace of Monday")
    p.rp.iir.setup(loops=10, poles=[], zeros=[])
    modules.page.read_all()
    modules.type(qtbot, "rp.iir.complex_zeros", "[-100+3000j]")
    qt_until(lambda: modules.shown("rp.iir.complex_zeros") == "[-100+3000j]", what="the zeros")
    assert list(p.rp.iir.complex_zeros) == [-100 + 3000j]
    p.rp.iir.complex_zeros = []


def test_a_refusal_of_the_daemon_stands_in_the_row_and_the_old_value_comes_back(modules, p, qtbot):
    before = p.rp.asg0.waveform
    node = modules.select("rp.asg0.waveform")
    modules.page.edits.enter(node, "sawtooth")
    qt_until(lambda: node.refusal)
    assert "is not an option for SelectAttribute waveform" in modules.shown("rp.asg0.waveform", CHANGED)
    qt_until(lambda: "is not an option" in modules.page.about.toPlainText())
    assert modules.shown("rp.asg0.waveform") == before == p.rp.asg0.waveform


def test_what_pyrpl_made_of_a_value_is_said(modules, p, qtbot):
    modules.type(qtbot, "rp.iq0.gain", "1000", NumberEdit)
    qt_until(lambda: "is capped to" in modules.shown("rp.iq0.gain", CHANGED))
    node = modules.node("rp.iq0.gain")
    qt_until(lambda: node.who, what="the event of the change")
    late = Change("rp.iq0", "gain", node.value, node.who, time.time())
    modules.model.apply([late])  # as if it came after the reply
    assert "is capped to" in modules.shown("rp.iq0.gain", CHANGED)
    modules.model.apply([dataclasses.replace(late, who="notebook (pid 1, ada at lab1)")])
    assert "notebook" in modules.shown("rp.iq0.gain", CHANGED)
    p.rp.iq0.gain = 0


def test_a_change_by_another_client_appears_with_who_made_it(modules, run_python):
    modules.node("rp.pid1.setpoint")
    report = run_python(
        """
        from pyrpl_remote import connect
        with connect("virtual") as p:
            p.rp.pid1.setpoint = 0.125
            report(pid=__import__("os").getpid())
        """
    )
    qt_until(lambda: modules.shown("rp.pid1.setpoint") == "125 mV")
    assert f"(pid {report['pid']}, " in modules.shown("rp.pid1.setpoint", CHANGED)


def test_a_module_in_use_is_read_only_and_says_by_whom(modules, p, qtbot):
    with p.rp.pid1 as pid:
        pid.owner = "my_feedback"
        qt_until(lambda: modules.model.module("rp.pid1").owner == "my_feedback")
        modules.select("rp.pid1.p")
        qtbot.keyClick(modules.tree, Qt.Key.Key_Return)
        qt_until(lambda: "rp.pid1 is in use by my_feedback" in modules.page.about.toPlainText())
        assert modules.tree.viewport().findChild(NumberEdit) is None
        assert not modules.page.states.load.isEnabled()
        assert "in use by my_feedback" in modules.page.states.load.toolTip()
    qt_until(lambda: modules.model.module("rp.pid1").owner is None)
    modules.edit(qtbot, "rp.pid1.p", NumberEdit)
    qtbot.keyClick(modules.tree.viewport().findChild(NumberEdit), Qt.Key.Key_Escape)


def test_the_search_shows_what_has_all_words_in_its_path(modules, qtbot):
    modules.tree.collapseAll()
    qtbot.keyClick(modules.tree, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    qt_until(lambda: modules.page.search.hasFocus(), what="the focus")
    qtbot.keyClicks(modules.page.search, "pid0 set")
    rows = modules.tree.rows
    qt_until(lambda: rows.rowCount() == 1, what="the search")
    assert rows.rowCount(rows.index(0, 0)) == 1
    pid = rows.index(0, 0, rows.index(0, 0))
    assert [rows.index(row, 0, pid).data() for row in range(rows.rowCount(pid))] == ["setpoint"]
    assert modules.tree.isExpanded(pid)
    qtbot.keyClick(modules.page.search, Qt.Key.Key_Return)
    assert modules.tree.hasFocus() and modules.tree.current().path == "rp.pid0.setpoint"
    qtbot.keyClick(modules.tree, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(modules.page.search, Qt.Key.Key_Escape)
    qt_until(lambda: rows.rowCount() > 5, what="all modules")
    assert {node.path for node in modules.tree.opened_modules()} == {"rp", "rp.pid0"}


def test_modules_that_come_and_go_appear_and_vanish(modules, p):
    modules.node("lockbox.sequence[0].setpoint")
    p.lockbox.sequence.append({"setpoint": 0.5})
    qt_until(lambda: modules.model.module("lockbox.sequence[1]"), what="the new stage")
    assert modules.shown("lockbox.sequence[1].setpoint") == "0.5"
    p.lockbox.sequence.pop(0)
    qt_until(lambda: not modules.model.module("lockbox.sequence[1]"), what="the end of the old stage")
    qt_until(lambda: modules.shown("lockbox.sequence[0].setpoint") == "0.5")


def test_a_stage_shows_the_states_of_the_lockbox_that_it_is_saved_with(modules):
    modules.select("lockbox.sequence[0].setpoint")
    qt_until(lambda: modules.page.states.title.text().endswith(" of lockbox"), what="the states")


def test_states_are_saved_loaded_compared_and_erased(modules, p, qtbot):
    page, pid = modules.page, p.rp.pid0
    modules.select("rp.pid0.p")
    qt_until(lambda: page.states.title.text().endswith("rp.pid0"), what="the states")
    pid.setup(setpoint=0.25, p=2, input="in1")
    modules.save(qtbot, "lock")
    assert pid.states == ["lock"]
    pid.setup(setpoint=0.5, p=2, input="in2")
    modules.save(qtbot, "search")
    # the present values and a saved state; the present ones follow changes
    page.states.states.setCurrentRow(modules.states().index("lock"))
    differing = [["input", "in2", "in1"], ["setpoint", "500 mV", "250 mV"]]
    qt_until(lambda: modules.compared() == differing, what="the differences")
    assert "2 of " in page.states.comparison.verdict.text()
    pid.setpoint = 0.125
    qt_until(lambda: modules.compared()[1] == ["setpoint", "125 mV", "250 mV"], what="the new value")
    # two saved states, and all settings
    first = page.states.comparison.first
    first.setCurrentText("search")
    first.activated.emit(first.currentIndex())
    qt_until(lambda: modules.compared() == differing, what="the differences of two states")
    page.states.comparison.everything.click()
    assert ["p", "2", "2"] in modules.compared()
    page.states.comparison.everything.click()
    first.setCurrentText(PRESENT)
    page.states.load.click()
    qt_until(lambda: (pid.setpoint, pid.input) == (0.25, "in1"), what="the state")
    qt_until(lambda: "are equal" in page.states.comparison.verdict.text(), what="the comparison")
    # a second press erases
    page.states.states.setCurrentRow(modules.states().index("search"))
    page.states.erase.click()
    assert page.states.erase.text().replace("&", "") == "Press again to erase" and "search" in pid.states
    page.states.erase.click()
    qt_until(lambda: modules.states() == ["lock"], what="the end of the state")
    assert pid.states == ["lock"]
    qtbot.keyClicks(page.states.name, "lock")
    assert page.states.save.text().replace("&", "") == "Overwrite"
    page.states.name.clear()
    assert not page.states.save.isEnabled()


def test_a_flood_of_changes_leaves_the_window_free(modules, gaps, run_python):
    modules.node("rp.pid0.setpoint")
    gaps.restart()
    lines = """
        from pyrpl_remote import connect
        with connect("virtual") as p:
            for number in range(500):
                p.rp.pid0.setpoint = number / 8192
        """
    with ThreadPoolExecutor(1) as threads:
        done = threads.submit(run_python, lines)
        qt_until(done.done, 60.0, "the changes")
    done.result()
    qt_until(lambda: modules.node("rp.pid0.setpoint").value == 499 / 8192, what="the last value")
    assert gaps.longest < 1.0


def test_what_pyrpl_does_not_announce_is_read_on_f5_and_after_lost_changes(modules, p, qtbot):
    pid = p.rp.pid0

    def run_away():
        pid.setup(input="off", setpoint=-0.5, i=10, ival=0, output_direct="off")
        qt_until(lambda: modules.shown("rp.pid0.ival") == "0 V", what="the value that was set")
        qt_until(lambda: pid.ival > 0.1, what="the integrator")
        assert modules.shown("rp.pid0.ival") == "0 V"

    run_away()
    qtbot.keyClick(modules.tree, Qt.Key.Key_F5)
    qt_until(lambda: modules.node("rp.pid0.ival").value > 0.1, what="the new value")
    run_away()
    modules.page.board.changes.emit([Change("rp.hk", "led", 0, "somebody", 0.0, lost=3)])
    qt_until(lambda: modules.node("rp.pid0.ival").value > 0.1, what="the new value")
    pid.setup(setpoint=0, i=0, ival=0)


def test_a_value_that_cannot_be_read_says_why_and_the_others_are_shown(modules, p):
    found = read(p.rp.pid0, ["setpoint", "derivative"])
    assert found.values == {"setpoint": p.rp.pid0.setpoint} and list(found.errors) == ["derivative"]
    node = modules.node("rp.pid0.setpoint")
    modules.model.show_values(node.module, Values(errors={"setpoint": "no derivative"}))
    assert modules.shown("rp.pid0.setpoint", CHANGED) == "cannot be read: no derivative"
    assert node.locked == "PyRPL cannot read it"
    modules.page.read_all()
    qt_until(lambda: not node.locked, what="the value")


def test_an_edit_that_does_not_arrive_says_so_and_the_old_value_remains(modules, p):
    page, node = modules.page, modules.node("rp.pid0.setpoint")
    before = modules.shown("rp.pid0.setpoint")
    stop("virtual")
    qt_until(lambda: page.board.state == "stopped", what="the end of the daemon")
    page.edits.enter(node, "0.3")
    qt_until(lambda: not node.writing, what="the edit")
    assert "was stopped by" in node.refusal and modules.model.index_of(node, VALUE).data() == before
    page.hide()
    page.show()
    qt_until(lambda: not node.module.read, what="the failed reading")
    assert "stopped" in page.window().errors.text
