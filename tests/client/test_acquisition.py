"""Acquisitions without blocking: futures, snapshots, and calls that take long."""

import asyncio
import os
import signal
import subprocess
import threading

import numpy as np
import pytest

from pyrpl_remote import errors

from ..processes import python_command, reports, wait_until


@pytest.fixture
def scope(p):
    p.rp.scope.setup(duration=1e-3, trigger_source="immediately", rolling_mode=False, trace_average=1)
    return p.rp.scope


def test_a_future_returns_the_curve_and_calls_back(scope):
    called = threading.Event()
    future = scope.single_async()
    future.add_done_callback(lambda future: called.set())
    assert future.result(20).shape == (2, 16384)
    assert future.done()
    assert called.wait(20)


def test_a_future_can_be_awaited_in_any_loop(scope):
    async def both():
        return await asyncio.gather(scope.single_async(), asyncio.sleep(0, "meanwhile"))

    curve, meanwhile = asyncio.run(both())
    assert curve.shape == (2, 16384)
    assert meanwhile == "meanwhile"


def test_a_future_works_with_pyrpls_own_loop_as_in_a_notebook(run_python, p):
    # a kernel's loop runs, and inside it that of Qt with PyRPL's tasks
    found = run_python(
        """
        import asyncio, time
        from pyrpl.async_utils import APP, asyncio_wait, ensure_future
        from pyrpl_remote import connect

        async def measurement(p, busy):
            curve = await p.rp.scope.single_async()
            future = p.rp.scope.single_async()
            done, _ = await asyncio_wait({future})
            slow = busy.single_async()
            late, pending = await asyncio_wait({slow}, timeout=0.1)
            slow.cancel()
            return curve.shape, done.pop() is future, future.result().shape, len(late), pending.pop() is slow

        async def cell():
            with connect("virtual") as p:
                p.rp.scope.setup(duration=1e-3, trigger_source="immediately")
                p.rp.scope.setup(rolling_mode=False, trace_average=1)
                p.networkanalyzer.setup(points=1001, rbw=10, average_per_point=1, trace_average=1)
                task = ensure_future(measurement(p, p.networkanalyzer))
                deadline = time.monotonic() + 50
                while not task.done() and time.monotonic() < deadline:
                    APP.processEvents()
                report(result=task.result())

        asyncio.run(cell())
        """
    )
    assert found["result"] == [[2, 16384], True, [2, 16384], 0, True]


def test_cancelling_a_future_stops_the_acquisition_on_the_board(scope):
    scope.setup(trigger_source="ch1_positive_edge", threshold=0.95)
    future = scope.single_async()
    assert not future.done()
    assert future.cancel()
    assert future.cancelled()
    assert scope.running_state == "stopped"
    scope.trigger_source = "immediately"
    assert scope.single(timeout=20).shape == (2, 16384)


def test_two_modules_acquire_at_the_same_time(p, scope):
    p.networkanalyzer.setup(
        points=5, start_freq=1e3, stop_freq=1e5, rbw=1e4, average_per_point=1, trace_average=1
    )
    sweep, trace = p.networkanalyzer.single_async(), scope.single_async()
    assert np.iscomplexobj(sweep.result(30))
    assert trace.result(30).shape == (2, 16384)


def test_continuous_acquisition_runs_until_it_is_stopped(scope):
    scope.continuous()
    assert scope.running_state == "running_continuous"
    wait_until(lambda: scope.current_avg >= 1, what="the first curve")
    scope.stop()
    assert scope.running_state == "stopped"
    assert scope.data_avg.shape == (2, 16384)


def test_a_snapshot_reads_and_an_update_writes_many_attributes_at_once(p):
    pid = p.rp.pid0
    pid.update(setpoint=0.25, p=2.0, input="in2")
    assert pid.snapshot("setpoint", "p", "input") == {"setpoint": 0.25, "p": 2.0, "input": "in2"}
    assert pid.snapshot() == {name: getattr(pid, name) for name in pid.snapshot()}
    with pytest.raises(errors.UnknownAttribute):
        pid.update(setpoint=0.5, inputt="in1")
    assert pid.setpoint == 0.25


def test_a_long_average_does_not_block_other_clients(p):
    results = []
    thread = threading.Thread(target=lambda: results.append(p.rp.sampler.stats("in1", t=1.0)))
    thread.start()
    reads = 0

    def read() -> bool:
        nonlocal reads
        assert p.rp.pid0.p is not None
        reads += 1
        return not thread.is_alive()

    wait_until(read, 60, "the average")
    mean, deviation, maximum, minimum = results[0]
    assert minimum <= mean <= maximum
    assert deviation >= 0
    # far more than the one that would come through if the average were one piece
    assert reads > 10


def test_a_notebook_shows_a_table(p):
    page = p.rp.pid0._repr_html_()
    assert "<code>setpoint</code>" in page
    assert "<td>V</td>" in page
    assert "-1 to 0.999878" in page


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_ctrl_c_ends_the_wait_at_once_and_stops_the_acquisition(p):
    lines = """
        from pyrpl_remote import connect
        p = connect("virtual")
        p.rp.scope.setup(input1="off", duration=1e-3, rolling_mode=False)
        p.rp.scope.setup(trigger_source="ch1_positive_edge", threshold=0.95)
        try:
            report(waiting=True)
            p.rp.scope.single()
        except KeyboardInterrupt:
            report(state=p.rp.scope.running_state)
        p.rp.scope.trigger_source = "immediately"
        report(shape=p.rp.scope.single(timeout=20).shape)
        p.close()
    """
    p.rp.scope.stop()
    with subprocess.Popen(python_command(lines), stdout=subprocess.PIPE, text=True) as client:
        assert "waiting" in client.stdout.readline()
        wait_until(lambda: p.rp.scope.running_state == "running_single", what="the acquisition")
        client.send_signal(signal.SIGINT)
        output, _ = client.communicate(timeout=30)
    assert reports(output) == {"state": "stopped", "shape": [2, 16384]}
