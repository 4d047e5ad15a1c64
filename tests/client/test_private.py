"""What `connect(..., private=True)` adds for PyRPL's own scripts: signals, private names, counters, parts."""

import threading

import pytest

from pyrpl_remote import connect, errors

from ..processes import wait_until


@pytest.fixture(scope="module")
def q(p):
    """A private connection to the board of `p`."""
    with connect("virtual", private=True) as q:
        yield q


class Slot(list):
    """Keeps the arguments and the thread of each call."""

    def __call__(self, *arguments):
        self.append((*arguments, threading.current_thread()))


def test_a_signal_that_a_call_causes_is_delivered_in_its_thread_before_it_returns(q):
    slot = Slot()
    signal = q.rp.pid0._signal_launcher.update_attribute_by_name
    signal.connect(slot)
    q.rp.pid0.setpoint = 0.3
    assert slot == [("setpoint", [q.rp.pid0.setpoint], threading.current_thread())]
    q.rp.pid1.setpoint = 0.3
    q.rp.pid0.setup(p=0.5, i=2.0)
    assert [name for name, _, _ in slot[1:]] == ["p", "i"]
    del slot[:]
    with pytest.raises(ValueError, match="not an option"):
        q.rp.pid0.update(setpoint=0.1, input="nonsense")
    assert [name for name, _, _ in slot] == ["setpoint"]
    signal.disconnect(slot)
    q.rp.pid0.setpoint = 0.2
    assert len(slot) == 1


def test_a_signal_that_another_client_causes_is_delivered_too(q, run_python):
    slot = Slot()
    q.rp.pid0._signal_launcher.update_attribute_by_name.connect(slot)
    run_python(
        """
        from pyrpl_remote import connect
        with connect("virtual") as p:
            p.rp.pid0.setpoint = 0.25
        """
    )
    wait_until(lambda: slot, what="the signal")
    assert slot[0][:2] == ("setpoint", [0.25])
    q.rp.pid0._signal_launcher.update_attribute_by_name.disconnect()


def test_signals_without_and_with_other_arguments_arrive_as_pyrpl_sends_them(q):
    class Widget:
        """Has slots with the names of signals."""

        def __init__(self):
            self.calls = []

        def change_ownership(self):
            self.calls.append("owner")

        def change_options(self, name, options):
            self.calls.append((name, options))

    widget = Widget()
    q.lockbox._signal_launcher.connect_widget(widget)
    with q.pids.pop("me") as pid:
        pid._signal_launcher.connect_widget(widget)
        pid.owner = "you"
    q.lockbox.sequence.append({})
    q.lockbox.sequence.pop()
    assert widget.calls.count("owner") == 2
    assert ("current_state", ["unlock", "sweep", "lock_on", 0, 1]) in widget.calls
    for launcher in (pid._signal_launcher, q.lockbox._signal_launcher):
        launcher.change_ownership.disconnect(widget.change_ownership)
        launcher.change_options.disconnect(widget.change_options)


def test_what_is_no_signal_is_refused_by_name(q):
    launcher = q.rp.pid0._signal_launcher
    with pytest.raises(errors.NotRemote, match="update_attribute_by_name"):
        launcher.module
    with pytest.raises(errors.NotRemote, match="sent by PyRPL"):
        launcher.change_ownership.emit()
    with pytest.raises(TypeError, match="not connected"):
        launcher.change_ownership.disconnect(print)
    with pytest.raises(TypeError, match="callable"):
        launcher.change_ownership.connect(3)
    assert "change_ownership" in dir(launcher)


def test_an_exception_in_a_slot_is_logged_and_the_call_returns(q, caplog):
    def fail(*_):
        raise ZeroDivisionError

    signal = q.rp.pid0._signal_launcher.update_attribute_by_name
    signal.connect(fail)
    q.rp.pid0.setpoint = 0.1
    signal.disconnect(fail)
    assert "ZeroDivisionError" in caplog.text


def test_pyrpls_own_names_of_the_configuration(q):
    before = q.c._save_counter
    q.c.mine = {"a": 1}
    assert q.c._save_counter > before
    assert q.c._filename_stripped == "virtual"
    written = q.c._write_to_file_counter
    assert q.c._write_to_file() is None
    assert q.c._write_to_file_counter == written + 1
    assert q.c._WARNING_ON_SAVE is False
    q.c._lastsave = 0.0
    assert q.c._lastsave == 0.0
    q.c.mine._erase()


def test_the_configurations_own_objects_stay_in_the_daemon(q):
    with pytest.raises(errors.NotTransferable):
        q.c._savetimer
    with pytest.raises(AttributeError, match="_savetimer"):
        q.c._savetimer = None
    with pytest.raises(AttributeError, match="_nothing"):
        q.c._nothing
    with pytest.raises(AttributeError, match="_nothing"):
        q.c._nothing = 1
    with pytest.raises(AttributeError, match="cannot be set"):
        q.c._data = {}


def test_only_a_private_connection_has_pyrpls_own_names(p):
    with pytest.raises(AttributeError, match="private=True"):
        p.c._save_counter
    with pytest.raises(errors.PyrplRemoteError, match="underscore"):
        p._handle.ask("private_config", [], "_save_counter")
    with pytest.raises(errors.NotRemote, match="attributes of the modules"):
        p.rp.client
    with pytest.raises(errors.NotRemote, match="on_change"):
        p.rp.scope._signal_launcher
    with pytest.raises(errors.NotRemote, match="coefficients"):
        p.rp.iir.iirfilter


def test_data_are_shown_as_pyrpls_file_would_have_them(p):
    assert p.rp.pid0.c._get_yml(data={"a": [1, 2.5]}) == "a:\n- 1\n- 2.5\n"
    text = p.rp.pid0.c._get_yml(data=p.rp.pid0.setup_attributes)
    assert f"setpoint: {p.rp.pid0.setpoint}" in text
    with pytest.raises(errors.NotTransferable, match="cannot hold"):
        p.rp.pid0.c._get_yml(data={"a": p.rp.pid0})


def test_the_counters_of_the_boards_accesses_can_be_read_and_nothing_else(q):
    client = q.rp.client
    reads, writes = client._read_counter, client._write_counter
    q.rp.hk._read(0)
    assert (client._read_counter, client._write_counter) == (reads + 1, writes)
    q.rp.pid0.setpoint = 0.1
    assert client._write_counter > writes
    client._sound_debug = False
    for name in ("reads", "socket", "_sound_debug"):
        with pytest.raises(errors.NotRemote, match="_read_counter"):
            getattr(client, name)
    with pytest.raises(errors.NotRemote, match="_read_counter"):
        client._read_counter = 0


def test_the_iir_filters_own_object_can_be_used(q):
    q.rp.iir.setup(
        zeros=[1e5j - 3e3], poles=[5e4j - 3e3], gain=1.0, loops=35, input="off", output_direct="off"
    )
    model = q.rp.iir.iirfilter
    assert model.loops == q.rp.iir.loops == 35
    assert model.coefficients.shape[1] == 6
    model._fcoefficients = model.coefficients
    assert abs(model.tf_final(frequencies=[1e3])[0]) == pytest.approx(1.0, abs=0.1)
    with pytest.raises(AttributeError, match="nonsense"):
        model.nonsense


def test_isinstance_works_with_pyrpls_classes_that_a_program_has_imported(p, run_python):
    found = run_python(
        """
        from pyrpl_remote import connect
        with connect("virtual") as p:
            before = type(p.rp.pid0).__module__ == p.rp.pid0.__class__.__module__
            from pyrpl.hardware_modules import Asg0, Asg1, Pid
            from pyrpl.modules import Module
            from pyrpl.software_modules import Lockbox
            from pyrpl.software_modules.module_managers import ModuleManager
            report(
                before=before,
                right=[
                    isinstance(p.rp.pid0, Pid),
                    isinstance(p.rp.asg1, Asg1),
                    isinstance(p.pids, ModuleManager),
                    isinstance(p.lockbox, Lockbox),
                    isinstance(p.lockbox.outputs.output1, Module),
                ],
                wrong=[isinstance(p.rp.asg0, Asg1), isinstance(p.rp.pid0, Lockbox), isinstance(p.rp, Module)],
                members=[name in dir(p.rp.pid0) for name in ("setpoint", "on_change", "description", "name")],
            )
        """
    )
    assert found == {"before": True, "right": [True] * 5, "wrong": [False] * 3, "members": [True] * 4}


def test_a_lockbox_that_pyrpl_has_removed_is_used_on_as_in_pyrpl(q):
    outputs = q.lockbox.outputs
    name = outputs.output1.name
    q.lockbox._clear()
    assert outputs.output1.name == name
    outputs._clear()


def test_a_programs_coroutines_run_while_it_waits_for_a_lock(run_python):
    found = run_python(
        """
        import time
        from pyrpl.async_utils import ensure_future, sleep_async
        from tests.daemons import fake_board
        with fake_board("locked") as p:
            async def later():
                await sleep_async(0.2)
                return p.rp.pid0.setpoint
            p.rp.scope.setup(duration=0.5, trigger_source="immediately")
            task = ensure_future(later())
            p.rp.scope.single(timeout=20)
            report(done=task.done(), unlocked=p.lockbox.sleep_while_locked(0.1))
        """
    )
    assert found == {"done": True, "unlocked": False}
