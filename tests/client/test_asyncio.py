"""Futures in asyncio: its functions that take a future or a task, callbacks, cancellation both ways."""

import asyncio
import concurrent.futures
import contextvars
import sys
import threading
from contextlib import suppress

import pytest

from pyrpl_remote import errors

from ..processes import wait_until

SHAPE = (2, 16384)


async def wait(scope):
    done, pending = await asyncio.wait([scope.single_async()])
    assert not pending
    return done.pop().result()


async def wait_for_the_first(scope):
    future, late = scope.single_async(), asyncio.ensure_future(asyncio.sleep(60))
    done, pending = await asyncio.wait({future, late}, return_when=asyncio.FIRST_COMPLETED)
    assert pending == {late}
    if sys.version_info >= (3, 11):
        assert done == {future}
    late.cancel()
    return done.pop().result()


async def gather(scope):
    curve, _ = await asyncio.gather(scope.single_async(), asyncio.sleep(0))
    return curve


async def wait_for(scope):
    return await asyncio.wait_for(scope.single_async(), 20)


async def shield(scope):
    return await asyncio.shield(scope.single_async())


async def as_completed(scope):
    (first,) = asyncio.as_completed([scope.single_async()])
    return await first


async def ensure_future(scope):
    return await asyncio.ensure_future(scope.single_async())


async def wrap_future(scope):
    return await asyncio.wrap_future(scope.single_async())


async def a_task(scope):
    async def acquire():
        return await scope.single_async()

    return await asyncio.create_task(acquire())


async def two_tasks_with_one_future(scope):
    future = scope.single_async()
    first, second = await asyncio.gather(asyncio.shield(future), asyncio.shield(future))
    assert first is second
    return first


async def a_callback(scope):
    called = asyncio.get_running_loop().create_future()
    scope.single_async().add_done_callback(lambda future: called.set_result(future.result()))
    return await called


async def await_in_executor(scope):
    future = await asyncio.get_running_loop().run_in_executor(None, scope.single_async)
    return await future


USES = [
    wait,
    wait_for_the_first,
    gather,
    wait_for,
    shield,
    as_completed,
    ensure_future,
    wrap_future,
    a_task,
    two_tasks_with_one_future,
    a_callback,
    await_in_executor,
]

if sys.version_info >= (3, 11):

    async def timeout(scope):
        async with asyncio.timeout(20):
            return await scope.single_async()

    async def task_group(scope):
        async def acquire():
            return await scope.single_async()

        async with asyncio.TaskGroup() as group:
            task = group.create_task(acquire())
        return task.result()

    USES += [timeout, task_group]


@pytest.mark.parametrize("use", USES)
def test_asyncio_takes_a_future(scope, use):
    assert asyncio.run(asyncio.wait_for(use(scope), 20)).shape == SHAPE


def test_a_loop_runs_until_a_future_is_complete_that_was_begun_before(scope):
    loop = asyncio.new_event_loop()
    try:
        assert loop.run_until_complete(scope.single_async()).shape == SHAPE
        future = scope.single_async()
        done, _ = loop.run_until_complete(asyncio.wait([future], timeout=20))
        assert done.pop().result().shape == SHAPE
    finally:
        loop.close()


def test_a_future_may_be_awaited_in_one_loop_after_another(scope):
    future = scope.single_async()

    async def main():
        return await future

    assert asyncio.run(main()) is asyncio.run(main()) is future.result()


def test_callbacks_added_in_a_loop_are_called_in_it_with_the_context_they_were_added_in(scope):
    place = contextvars.ContextVar("place")
    called = []

    async def main():
        everything = asyncio.Event()

        def note(future):
            called.append((threading.current_thread(), asyncio.get_running_loop(), place.get()))
            if len(called) == 3:
                everything.set()

        place.set("one")
        context = contextvars.copy_context()
        place.set("two")
        future = scope.single_async()
        future.add_done_callback(note)
        future.add_done_callback(note, context=context)
        await future
        future.add_done_callback(note)  # when it is done already
        await asyncio.wait_for(everything.wait(), 20)
        return asyncio.get_running_loop()

    loop = asyncio.run(main())
    assert [found[:2] for found in called] == [(threading.current_thread(), loop)] * 3
    assert [found[2] for found in called] == ["two", "one", "two"]


def test_a_callback_that_was_removed_is_not_called(scope):
    called, last = [], threading.Event()
    future = scope.single_async()
    for function in (called.append, called.append, lambda future: last.set()):
        future.add_done_callback(function)
    assert future.remove_done_callback(called.append) == 2
    assert future.remove_done_callback(called.append) == 0
    assert last.wait(20)
    assert called == []


def test_an_error_in_a_callback_of_a_loop_goes_to_the_loops_handler(scope):
    async def main():
        reported = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().set_exception_handler(
            lambda loop, context: reported.set_result(context["exception"])
        )
        scope.single_async().add_done_callback(lambda future: 1 / 0)
        return await asyncio.wait_for(reported, 20)

    assert isinstance(asyncio.run(main()), ZeroDivisionError)


def test_threads_wait_for_a_future_that_was_begun_in_a_loop(scope):
    async def main():
        future = scope.single_async()
        done, _ = await asyncio.get_running_loop().run_in_executor(
            None, lambda: concurrent.futures.wait([future], 20)
        )
        (completed,) = concurrent.futures.as_completed([future], 20)
        assert done == {completed} == {future}
        return future.result()

    assert asyncio.run(main()).shape == SHAPE


@pytest.mark.parametrize("function", [asyncio.gather, asyncio.ensure_future, lambda future: future])
def test_a_task_that_is_cancelled_stops_the_acquisition(waiting_scope, function):
    futures = []

    async def acquire():
        futures.append(waiting_scope.single_async())
        await function(futures[0])

    async def main():
        task = asyncio.ensure_future(acquire())
        while not futures:
            await asyncio.sleep(0.001)
        await asyncio.sleep(0)  # the task waits for it now
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    wait_until(futures[0].cancelled, what="the end of the future")
    assert waiting_scope.running_state == "stopped"


@pytest.mark.parametrize(
    "function", [asyncio.gather, asyncio.shield, asyncio.ensure_future, lambda f: asyncio.wait_for(f, 20)]
)
def test_a_future_that_is_cancelled_cancels_who_awaits_it(waiting_scope, function):
    async def main():
        future = waiting_scope.single_async()
        asyncio.get_running_loop().call_later(0.05, future.cancel)
        await function(future)

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(main())


def test_a_shield_keeps_the_acquisition_going(scope):
    async def main():
        future = scope.single_async()
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(asyncio.shield(future), 0.01)
        return await future

    scope.duration = 0.1
    assert asyncio.run(main()).shape == SHAPE


def test_a_second_acquisition_in_a_loop_replaces_the_first_as_in_pyrpl(waiting_scope):
    async def main():
        first, second = waiting_scope.single_async(), waiting_scope.single_async()
        waiting_scope.stop()
        return await asyncio.gather(first, second, return_exceptions=True)

    replaced, stopped = asyncio.run(main())
    assert isinstance(replaced, errors.AcquisitionCancelled)
    assert isinstance(stopped, errors.AcquisitionCancelled)
    assert "replaced" in str(replaced) and "stop()" in str(stopped)
