"""A user's own lockbox classes: PyRPL replaces the lockbox, and all proxies get the new class."""

import os
import textwrap
from pathlib import Path

import pytest

from pyrpl_remote import errors

from ..daemons import fake_board

OWN = """
    from pyrpl.attributes import FloatProperty
    from pyrpl.software_modules.lockbox import InputDirect, InputSignal, Lockbox, LockboxModuleDictProperty

    class Fancy(InputSignal):
        sharpness = FloatProperty(default=2.0, doc="how sharp it is")

    class OwnLockbox(Lockbox):
        inputs = LockboxModuleDictProperty(fancy=Fancy, plain=InputDirect)
        finesse = FloatProperty(default=3.0, min=-10, max=10, doc="a number of the cavity")

        def double(self, x=1):
            "Twice x."
            return 2 * x

        async def unlocked_async(self):
            "Wait until the lock is lost."
            await self.unlock_event.wait()
"""


@pytest.fixture(scope="module")
def p(own_pyrpl_folder):
    folder = Path(os.environ["PYRPL_USER_DIR"], "lockbox")
    folder.mkdir()
    (folder / "own.py").write_text(textwrap.dedent(OWN))
    with fake_board("simulated") as p:
        yield p


def test_a_proxy_gets_the_new_class(p):
    lockbox, inputs = p.lockbox, p.lockbox.inputs
    assert "OwnLockbox" in p.lockbox.options_of("classname")
    lockbox.classname = "OwnLockbox"
    assert p.lockbox is lockbox
    assert "OwnLockbox" in repr(lockbox)
    lockbox.finesse = 5.0
    assert lockbox.finesse == 5.0
    assert lockbox.description().attributes["finesse"].doc == "a number of the cavity"
    assert lockbox.double(4) == 8
    assert "finesse" in dir(lockbox)
    assert inputs.keys() == ["fancy", "plain"]
    assert inputs.fancy.sharpness == 2.0
    assert inputs.fancy.lockbox == lockbox
    with pytest.raises(errors.UnknownAttribute, match="has no 'input1'"):
        inputs.input1
    lockbox.classname = "Lockbox"
    assert not hasattr(lockbox, "finesse")
    assert inputs.input1.name == "input1"


def test_a_proxy_gets_the_class_that_another_process_set(p, run_python):
    lockbox = p.lockbox
    run_python(
        """
        from pyrpl_remote import connect
        with connect("simulated") as p:
            p.lockbox.classname = "OwnLockbox"
        """
    )
    assert lockbox.finesse == 3.0
    lockbox.classname = "Lockbox"


def test_an_attribute_of_the_class_that_another_process_set_can_be_written(p, run_python):
    lockbox = p.lockbox
    run_python(
        """
        from pyrpl_remote import connect
        with connect("simulated") as p:
            p.lockbox.classname = "OwnLockbox"
        """
    )
    lockbox.finesse = 4.0
    assert lockbox.finesse == 4.0
    lockbox.classname = "Lockbox"


def test_who_changes_the_class_reads_which_settings_the_new_one_does_not_take(p, caplog):
    p.lockbox.classname = "FabryPerot"
    p.lockbox.setpoint_unit = "linewidth"
    p.rp.pid0.input = "lockbox.inputs.reflection"
    p.lockbox.classname = "Lockbox"
    assert "lockbox.setpoint_unit = 'linewidth' (it has V)" in caplog.text
    assert "pid0.input was lockbox.inputs.reflection" in caplog.text
    assert p.lockbox.setpoint_unit == "V"


def test_outputs_come_and_go(p):
    p.lockbox.output_classes = {"output2": "OutputSignal"}
    assert p.lockbox.outputs.output2 in p.lockbox.outputs
    assert p.lockbox.sequence[0].outputs.output2.lock_on is False
    del p.lockbox.outputs["output2"]
    assert not hasattr(p.lockbox.outputs, "output2")
    assert p.lockbox.outputs.keys() == ["output1"]


def test_a_thousand_pending_futures_take_no_threads_and_no_connections(p, run_python):
    p.lockbox.classname = "OwnLockbox"
    found = run_python(
        """
        import psutil
        from pyrpl_remote import connect

        def used():
            process = psutil.Process()
            return process.num_threads(), len(process.net_connections("tcp"))

        before = used()
        with connect("simulated") as p:
            futures = [p.lockbox.unlocked_async() for _ in range(1000)]
            during = used()
            pending = sum(not future.done() for future in futures)
            cancelled = sum(future.cancel() for future in futures)
            report(before=before, during=during, pending=pending, cancelled=cancelled)
        """
    )
    p.lockbox.classname = "Lockbox"
    assert (found["pending"], found["cancelled"]) == (1000, 1000)
    threads, connections = (now - before for now, before in zip(found["during"], found["before"]))
    assert threads < 10
    assert connections < 10
