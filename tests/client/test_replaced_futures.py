"""A program's later acquisition replaces its earlier one; a future that was dropped gives up its place."""

import asyncio
import gc
import threading

import pytest

from pyrpl_remote import connect, errors

from ..processes import wait_until

ANOTHER_CLIENT = """
    from pyrpl_remote import connect, errors
    with connect("virtual") as p:
        try:
            curve = p.rp.scope.single(timeout={timeout})
        except TimeoutError as error:
            report(error=type(error).__name__)
        else:
            report(shape=curve.shape)
"""


def test_a_future_whose_trigger_does_not_come_does_not_hinder_its_own_program(waiting_scope):
    future = waiting_scope.single_async()
    with pytest.raises(TimeoutError, match=r"rp\.scope\.single_async\(\) has no result after 0\.05 s"):
        future.result(timeout=0.05)
    with pytest.raises(TimeoutError) as late:
        waiting_scope.single(timeout=0.05)
    assert not isinstance(late.value, errors.ModuleBusy)
    with pytest.raises(errors.AcquisitionCancelled, match=r"rp\.scope .* replaced by a later one"):
        future.result(20)
    waiting_scope.trigger_source = "immediately"
    assert waiting_scope.single(timeout=20).shape == (2, 16384)


def test_many_rounds_without_a_trigger_leave_no_threads(waiting_scope):
    before = threading.active_count()
    for _ in range(30):
        with pytest.raises(TimeoutError):
            waiting_scope.single_async().result(timeout=0.001)
    assert threading.active_count() <= before + 1  # that of callbacks may have begun


def test_the_last_of_several_futures_gets_the_curve(scope):
    futures = [scope.single_async() for _ in range(5)]
    assert futures[-1].result(20).shape == (2, 16384)
    for future in futures[:-1]:
        error = future.exception(20)
        assert error is None or isinstance(error, errors.AcquisitionCancelled)


def test_all_sessions_of_a_process_are_one_program(waiting_scope):
    with connect("virtual", private=True) as private:
        ours, theirs = waiting_scope.single_async(), private.rp.scope.single_async()
        assert isinstance(ours.exception(20), errors.AcquisitionCancelled)
        with pytest.raises(TimeoutError) as late:
            waiting_scope.single(timeout=0.05)
        assert not isinstance(late.value, errors.ModuleBusy)
        assert isinstance(theirs.exception(20), errors.AcquisitionCancelled)


def test_another_client_waits_for_a_future_that_is_held(waiting_scope, run_python):
    future = waiting_scope.single_async()
    assert run_python(ANOTHER_CLIENT.format(timeout=0.5)) == {"error": "ModuleBusy"}
    assert not future.done()
    future.cancel()


def test_another_client_does_not_wait_for_a_future_that_was_dropped(waiting_scope, run_python):
    waiting_scope.single_async()
    # it goes on meanwhile, as in PyRPL
    wait_until(lambda: waiting_scope.running_state == "running_single", what="the acquisition")
    # the other one's trigger does not come either: its own time limit, not its turn
    assert run_python(ANOTHER_CLIENT.format(timeout=2)) == {"error": "TimeoutError"}


def test_another_client_does_not_wait_for_a_future_whose_wait_timed_out(waiting_scope, run_python):
    async def give_up_waiting() -> None:
        _, pending = await asyncio.wait([waiting_scope.single_async()], timeout=0.05)
        assert len(pending) == 1

    with pytest.raises(TimeoutError):
        waiting_scope.single_async().result(0.05)
    assert run_python(ANOTHER_CLIENT.format(timeout=2)) == {"error": "TimeoutError"}
    asyncio.run(give_up_waiting())
    assert run_python(ANOTHER_CLIENT.format(timeout=2)) == {"error": "TimeoutError"}


def test_a_future_that_only_a_callback_waits_for_is_not_dropped(scope):
    curves = []
    scope.duration = 0.1
    scope.single_async().add_done_callback(lambda future: curves.append(future.result()))
    gc.collect()
    wait_until(lambda: curves, what="the curve")
    assert curves[0].shape == (2, 16384)


def test_a_future_that_only_a_task_awaits_is_not_dropped(scope):
    curves = []

    async def acquire() -> None:
        curves.append(await scope.single_async())

    async def main() -> None:
        task = asyncio.ensure_future(acquire())
        await asyncio.sleep(0)
        gc.collect()
        await task

    scope.duration = 0.1
    asyncio.run(main())
    assert curves[0].shape == (2, 16384)


def test_a_dropped_future_is_reported_by_the_streams_thread_only(waiting_scope, interrupt_after):
    asked = interrupt_after("no verb")
    future = waiting_scope.single_async()
    del future
    assert [verb for verb, *_ in asked if verb == "release"] == []
    wait_until(lambda: [verb for verb, *_ in asked if verb == "release"], what="the report")
    assert not waiting_scope._handle.session.stream._futures


def test_a_dropped_acquisition_ends_with_its_session(p, waiting_scope):
    with connect("virtual", private=True) as q:
        q.rp.scope.single_async()
        stream = q._handle.session.stream
        wait_until(lambda: not stream._futures and not stream._futures.released, what="the report")
        assert p.rp.scope.running_state == "running_single"
    wait_until(lambda: p.rp.scope.running_state == "stopped", what="the end of the acquisition")


def test_waiting_for_the_pretrigger_ends_no_acquisition(waiting_scope):
    future = waiting_scope.single_async()
    waiting_scope.wait_for_pretrigger()
    assert not future.done()
    assert waiting_scope.running_state == "running_single"
    assert future.cancel()


def test_a_spectrum_and_a_trace_of_one_program_replace_each_other_as_they_share_the_scope(p, scope):
    scope.duration = 0.5
    trace = scope.single_async()
    p.spectrumanalyzer.setup(baseband=True, span=1e3, trace_average=1)
    spectrum = p.spectrumanalyzer.single_async()
    assert isinstance(trace.exception(20), errors.AcquisitionCancelled)
    assert scope.single(timeout=20).shape == (2, 16384)
    assert isinstance(spectrum.exception(20), errors.AcquisitionCancelled)
    assert p.spectrumanalyzer.running_state == "stopped"
    assert scope.owner is None
    assert scope.data_x[-1] == pytest.approx(scope.duration, rel=1e-3)
