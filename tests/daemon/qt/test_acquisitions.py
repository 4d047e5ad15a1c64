"""Acquisitions: one after the other on each module, each with its result or the reason why it has none."""

import gc
import weakref

import pytest

from pyrpl_remote.errors import AcquisitionCancelled, ModuleBusy

FOREVER = 8.0
"""s that the scope's longest curve takes: longer than a test of what happens meanwhile."""


@pytest.fixture
def acquisitions(rig):
    from pyrpl_remote.daemon.qt.acquisitions import Acquisitions

    return Acquisitions()


@pytest.fixture
def acquisition(scope):
    """Make a client's acquisition with the scope; it counts as started when PyRPL has begun it."""
    from pyrpl_remote.daemon.qt.acquisitions import Acquisition

    def make(holder, timeout=None, duration=1e-3, started=None):
        def start():
            scope.duration = duration
            if started is not None:
                started.append(holder)
            return scope.single_async()

        return Acquisition("rp.scope", holder, start, scope.stop, timeout)

    return make


def test_acquisitions_of_one_module_take_turns_in_the_order_of_their_requests(rig, acquisitions, acquisition):
    started, ended = [], []
    for holder in ("ada", "bob", "eve"):
        one = acquisition(holder, started=started)
        one.future.add_done_callback(lambda _, holder=holder: ended.append((holder, list(started))))
        acquisitions.request(one)
    assert started == ["ada"]
    assert acquisitions.under_way()
    rig.until(lambda: len(ended) == 3, "all acquisitions")
    assert ended == [("ada", ["ada"]), ("bob", ["ada", "bob"]), ("eve", ["ada", "bob", "eve"])]
    rig.until(lambda: not acquisitions.under_way())


def test_the_client_gets_the_curve_that_pyrpl_took(rig, acquisitions, acquisition, scope):
    one = acquisition("ada", timeout=10)
    acquisitions.request(one)
    assert rig.result(one.future) is scope.data_avg


def test_another_module_does_not_wait(rig, acquisitions, acquisition):
    from pyrpl.async_utils import LOOP

    from pyrpl_remote.daemon.qt.acquisitions import Acquisition

    long = acquisition("ada", duration=FOREVER)
    acquisitions.request(long)
    run = LOOP.create_future()
    other = Acquisition("networkanalyzer", "bob", lambda: run, run.cancel)
    acquisitions.request(other)
    run.set_result("curve")
    assert rig.result(other.future) == "curve"
    assert not long.future.done()
    acquisitions.abandon(long.future)


def test_a_turn_that_does_not_come_in_time_is_module_busy_and_names_the_holder(
    rig, acquisitions, acquisition
):
    long, second, third = (
        acquisition("ada at lab1", duration=FOREVER),
        acquisition("bob", timeout=0.05),
        acquisition("eve"),
    )
    for one in (long, second, third):
        acquisitions.request(one)
    with pytest.raises(ModuleBusy, match=r"rp\.scope is acquiring for ada at lab1.*0\.05 s"):
        rig.result(second.future)
    assert not long.future.done()
    acquisitions.abandon(long.future)
    assert rig.result(third.future).shape == (2, 16384)


def test_data_that_does_not_come_in_time_is_a_timeout_and_the_module_is_free(rig, acquisitions, acquisition):
    started = []
    long = acquisition("ada", timeout=0.05, duration=FOREVER)
    second = acquisition("bob", started=started)
    acquisitions.request(long)
    acquisitions.request(second)
    with pytest.raises(TimeoutError, match="Timeout exceeded"):
        rig.result(long.future)
    assert started == ["bob"]
    assert rig.result(second.future).shape == (2, 16384)


def test_a_run_goes_on_after_its_timeout_as_in_pyrpl(rig, acquisitions, acquisition, scope):
    long = acquisition("ada", timeout=0.05, duration=1.0)
    acquisitions.request(long)
    with pytest.raises(TimeoutError):
        rig.result(long.future)
    assert not acquisitions.under_way()
    assert scope.running_state == "running_single"
    rig.until(lambda: scope.running_state == "stopped", "PyRPL's own end of it")


def test_an_acquisition_that_stop_ends_is_cancelled_and_the_next_one_begins(
    rig, acquisitions, acquisition, scope
):
    long, second = acquisition("ada", duration=FOREVER), acquisition("bob")
    acquisitions.request(long)
    acquisitions.request(second)
    scope.stop()
    with pytest.raises(AcquisitionCancelled, match=r"rp\.scope for ada was cancelled"):
        rig.result(long.future)
    assert rig.result(second.future).shape == (2, 16384)


def test_an_error_of_pyrpl_while_it_runs_arrives_and_the_next_one_begins(
    rig, acquisitions, acquisition, scope
):
    from pyrpl.async_utils import ensure_future

    from pyrpl_remote.daemon.qt.acquisitions import Acquisition

    async def fails():
        scope.resume()

    failing = Acquisition("rp.scope", "ada", lambda: ensure_future(fails()), scope.stop)
    second = acquisition("bob")
    acquisitions.request(failing)
    acquisitions.request(second)
    with pytest.raises(ValueError, match="resume can only be called"):
        rig.result(failing.future)
    assert rig.result(second.future).shape == (2, 16384)


def test_one_that_fails_to_start_lets_the_next_begin(rig, acquisitions, acquisition, scope):
    from pyrpl_remote.daemon.qt.acquisitions import Acquisition

    def fails():
        scope.duration = "no duration"

    long, second = acquisition("ada", duration=FOREVER), Acquisition("rp.scope", "bob", fails, scope.stop)
    third, last = acquisition("eve", timeout=5), Acquisition("rp.scope", "max", fails, scope.stop)
    for one in (long, second, third):
        acquisitions.request(one)
    acquisitions.abandon(long.future)
    with pytest.raises(ValueError, match="no duration"):
        rig.result(second.future)
    assert rig.result(third.future).shape == (2, 16384)
    rig.until(lambda: not acquisitions.under_way())
    acquisitions.request(last)
    with pytest.raises(ValueError, match="no duration"):
        last.future.result(0)
    assert not acquisitions.under_way()


def test_a_thousand_that_wait_all_fail_when_the_board_is_lost(rig, acquisitions, acquisition):
    from pyrpl_remote.daemon.qt.acquisitions import Acquisition

    def fails():
        raise ConnectionError("the board is lost")

    long = acquisition("ada", duration=FOREVER)
    waiting = [Acquisition("rp.scope", "bob", fails, lambda: None) for _ in range(1000)]
    for one in (long, *waiting):
        acquisitions.request(one)
    acquisitions.abandon(long.future)
    assert all(isinstance(one.future.exception(0), ConnectionError) for one in waiting)
    assert not acquisitions.under_way()


def test_one_whose_stop_fails_lets_the_next_begin(rig, acquisitions, acquisition, scope):
    from pyrpl_remote.daemon.qt.acquisitions import Acquisition

    def cannot_stop():
        raise ConnectionError("the board is lost")

    long = Acquisition("rp.scope", "ada", acquisition("ada", duration=FOREVER).start, cannot_stop)
    started = []
    second = acquisition("bob", started=started)
    acquisitions.request(long)
    acquisitions.request(second)
    with pytest.raises(ConnectionError):
        acquisitions.abandon(long.future)
    assert started == ["bob"]
    assert rig.result(second.future).shape == (2, 16384)


def test_one_that_is_given_up_while_it_runs_is_stopped_at_once_and_the_next_begins(
    rig, acquisitions, acquisition, scope
):
    long, second = acquisition("ada", duration=FOREVER), acquisition("bob")
    acquisitions.request(long)
    acquisitions.abandon(long.future)
    assert scope.running_state == "stopped"
    assert not acquisitions.under_way()
    with pytest.raises(AcquisitionCancelled, match="ada gave up"):
        long.future.result(0)
    acquisitions.request(second)
    assert rig.result(second.future).shape == (2, 16384)


def test_one_that_is_given_up_while_it_waits_never_begins(rig, acquisitions, acquisition):
    started = []
    for_all = [acquisition(holder, started=started) for holder in ("ada", "bob", "eve")]
    for one in for_all:
        acquisitions.request(one)
    acquisitions.abandon(for_all[1].future)
    with pytest.raises(AcquisitionCancelled, match="bob gave up"):
        for_all[1].future.result(0)
    assert rig.result(for_all[2].future).shape == (2, 16384)
    assert started == ["ada", "eve"]


def test_giving_up_what_is_over_harms_nobody(rig, acquisitions, acquisition):
    first, second = acquisition("ada"), acquisition("bob", duration=0.3)
    acquisitions.request(first)
    rig.result(first.future)
    acquisitions.request(second)
    acquisitions.abandon(first.future)
    assert rig.result(second.future).shape == (2, 16384)


def test_one_that_waits_in_an_event_loop_while_it_starts_holds_its_module_already(
    rig, acquisitions, acquisition, scope
):
    from pyrpl_remote.daemon.qt.acquisitions import Acquisition

    second, third = acquisition("bob"), acquisition("eve", timeout=0.02)

    def starts_slowly():
        acquisitions.request(second)
        acquisitions.request(third)
        rig.until(third.future.done, "the third one's time limit")
        assert scope.running_state == "stopped"
        return scope.single_async()

    slow = Acquisition("rp.scope", "max at lab1", starts_slowly, scope.stop)
    acquisitions.request(slow)
    assert rig.result(slow.future).shape == (2, 16384)
    with pytest.raises(ModuleBusy, match="max at lab1"):
        third.future.result(0)
    assert rig.result(second.future).shape == (2, 16384)


def test_one_that_is_given_up_while_it_starts_ends(rig, acquisitions, acquisition, scope):
    from pyrpl_remote.daemon.qt.acquisitions import Acquisition

    runs = []

    def starts():
        acquisitions.abandon(slow.future)
        runs.append(scope.single_async())
        return runs[0]

    slow = Acquisition("rp.scope", "ada", starts, scope.stop, timeout=3600)
    acquisitions.request(slow)
    assert not acquisitions.under_way()
    rig.until(runs[0].done, "the end of the run")
    assert runs[0].cancelled()


@pytest.mark.parametrize("end", ["result", "cancelled", "given up"])
def test_an_acquisition_that_is_over_is_not_kept_by_its_timer(rig, acquisitions, acquisition, scope, end):
    one = acquisition("ada", timeout=3600, duration=1e-3 if end == "result" else FOREVER)
    acquisitions.request(one)
    if end == "cancelled":
        scope.stop()
    if end == "given up":
        acquisitions.abandon(one.future)
    rig.until(one.future.done)
    rig.until(lambda: not acquisitions.under_way())
    future = weakref.ref(one.future)
    del one
    gc.collect()
    assert future() is None


# of one program


@pytest.fixture
def of(acquisition):
    """Make an acquisition of a program: `replaceable` where it has a future, else a thread waits for it."""

    def make(program, replaceable=True, **other):
        one = acquisition(program, **other)
        one.program, one.replaceable = program, replaceable
        return one

    return make


def test_a_later_one_of_the_program_replaces_one_that_runs_and_one_that_waits(rig, acquisitions, of, scope):
    stopped, started = [], []
    first, other = of("ada", duration=FOREVER), of("bob", started=started)
    first.stop = lambda: stopped.append("first")
    waiting, last = of("ada", started=started), of("ada", started=started)
    acquisitions.request(first)
    acquisitions.request(other)
    acquisitions.request(waiting)
    with pytest.raises(AcquisitionCancelled, match=r"rp\.scope for ada was replaced by a later one"):
        first.future.result(0)
    acquisitions.request(last)
    with pytest.raises(AcquisitionCancelled, match="replaced"):
        waiting.future.result(0)
    # the other client, who waited, came first
    assert started == ["bob"]
    assert rig.result(other.future).shape == rig.result(last.future).shape == (2, 16384)
    assert started == ["bob", "ada"]
    assert stopped == []


def test_one_that_a_thread_waits_for_is_not_replaced_and_is_no_other_client(rig, acquisitions, of):
    blocking = of("ada", replaceable=False, duration=FOREVER)
    late, last = of("ada", replaceable=False, timeout=0.05), of("ada")
    for one in (blocking, late, last):
        acquisitions.request(one)
    with pytest.raises(
        TimeoutError, match=r"another thread of this program.*its turn did not come"
    ) as caught:
        rig.result(late.future)
    assert not isinstance(caught.value, ModuleBusy)
    assert not blocking.future.done()
    acquisitions.abandon(blocking.future)
    assert rig.result(last.future).shape == (2, 16384)


def test_one_that_was_dropped_goes_on_until_another_client_requests_one(rig, acquisitions, of, scope):
    dropped, other = of("ada", duration=FOREVER), of("bob")
    acquisitions.request(dropped)
    acquisitions.release(dropped.future)
    rig.until(lambda: scope.running_state == "running_single")
    assert acquisitions.under_way() and not dropped.future.done()
    acquisitions.request(other)
    with pytest.raises(AcquisitionCancelled, match="replaced"):
        dropped.future.result(0)
    assert rig.result(other.future).shape == (2, 16384)


def test_one_that_runs_and_is_dropped_lets_those_begin_that_wait_already(rig, acquisitions, of):
    dropped, other = of("ada", duration=FOREVER), of("bob")
    acquisitions.request(dropped)
    acquisitions.request(other)
    acquisitions.release(dropped.future)
    assert rig.result(other.future).shape == (2, 16384)


def test_one_that_waits_and_is_dropped_never_begins(rig, acquisitions, of):
    started = []
    first, dropped, last = of("ada", started=started), of("bob", started=started), of("eve", started=started)
    for one in (first, dropped, last):
        acquisitions.request(one)
    acquisitions.release(dropped.future)
    assert rig.result(last.future).shape == (2, 16384)
    assert started == ["ada", "eve"]


def test_one_that_is_replaced_while_it_starts_ends_before_the_later_one_begins(rig, acquisitions, of, scope):
    runs, later = [], of("ada")
    slow = of("ada")

    def starts():
        acquisitions.request(later)
        assert not later.future.done() and runs == []
        runs.append(scope.single_async())
        return runs[0]

    slow.start = starts
    acquisitions.request(slow)
    assert rig.result(later.future).shape == (2, 16384)
    assert runs[0].cancelled()
    assert isinstance(slow.future.exception(0), AcquisitionCancelled)


def test_one_on_another_module_in_the_same_place_is_stopped_when_it_is_replaced(
    rig, acquisitions, of, caplog
):
    stopped = []

    def stop():
        stopped.append(True)
        raise ConnectionError("the board is lost")

    spectrum, trace = of("ada", duration=FOREVER), of("ada")
    spectrum.path, spectrum.stop, spectrum.place = "spectrumanalyzer", stop, trace.place
    acquisitions.request(spectrum)
    acquisitions.request(trace)
    assert stopped == [True]
    assert "stopping spectrumanalyzer" in caplog.text
    assert rig.result(trace.future).shape == (2, 16384)
