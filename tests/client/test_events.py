"""Subscriptions: changes by clients and PyRPL, and curves, are reported to all subscribed clients."""

import itertools
import os
import subprocess
import threading

import pytest

import pyrpl_remote
from pyrpl_remote import connect, errors

from ..processes import python_command, wait_until


class Received(list):
    """A callback that keeps what it is called with."""

    __call__ = list.append

    def values(self, name: str) -> list:
        return [change.value for change in self if change.name == name]


@pytest.fixture
def received() -> Received:
    return Received()


@pytest.fixture(autouse=True)
def still_scope(p):
    """Stop the scope and set a short duration before each test."""
    p.rp.scope.setup(duration=1e-3, trigger_source="immediately", trace_average=1, rolling_mode=False)
    yield
    p.rp.scope.stop()


def test_a_change_has_the_value_that_pyrpl_rounded_and_who_made_it(p, received):
    with p.rp.pid0.on_change(received):
        p.rp.pid0.setpoint = 0.3
        p.rp.pid1.setpoint = 0.4
        change = wait_until(lambda: received and received[0])
    assert isinstance(change, pyrpl_remote.Change)
    assert (change.module, change.name, change.value) == ("rp.pid0", "setpoint", p.rp.pid0.setpoint)
    assert f"(pid {os.getpid()}, " in change.who
    assert len(received) == 1


def test_many_changes_come_in_order(p, received):
    numbers = [n / 2**12 for n in range(200)]
    with p.rp.pid0.on_change(received):
        for number in numbers:
            p.rp.pid0.p = number
        wait_until(lambda: len(received) == len(numbers))
    assert received.values("p") == numbers


def test_a_change_by_another_client_has_its_name(p, received, run_python):
    with p.on_change(received):
        other = run_python(
            """
            import os
            from pyrpl_remote import connect
            with connect("virtual") as p:
                p.rp.pid1.setpoint = 0.125
            report(pid=os.getpid())
            """
        )
        change = wait_until(lambda: next((c for c in received if c.module == "rp.pid1"), None))
    assert (change.name, change.value) == ("setpoint", 0.125)
    assert f"(pid {other['pid']}, " in change.who


def test_the_end_of_an_acquisition_is_reported_as_a_change_by_pyrpl(p, received):
    with p.rp.scope.on_change(received):
        p.rp.scope.single(timeout=20)
        wait_until(lambda: received.values("running_state") == ["running_single", "stopped"])
    assert received[-1].who == "PyRPL"


def test_owners_and_modules_inside_are_reported(p, received):
    with p.on_change(received):
        with p.pids.pop("me") as pid:
            path = pid._path
        p.lockbox.outputs.output1.p = -1.5
        wait_until(lambda: received.values("p"))
    assert [c.value for c in received if (c.module, c.name) == (path, "owner")] == ["me", None]
    assert ("lockbox.outputs.output1", -1.5) in [(c.module, c.value) for c in received]


def test_changes_of_a_new_module_are_reported(p, received):
    with p.lockbox.on_change(received):
        p.lockbox.sequence.append({})
        new = len(p.lockbox.sequence) - 1
        p.lockbox.sequence[new].setpoint = 0.75
        wait_until(lambda: 0.75 in received.values("setpoint"))
        p.lockbox.sequence.pop()
    assert next(c for c in received if c.value == 0.75).module == f"lockbox.sequence[{new}]"


def test_the_board_reports_that_modules_came_or_went(p, received):
    with p.on_change(received):
        p.lockbox.sequence.append({})
        p.lockbox.sequence.pop()
        wait_until(lambda: received.values("modules") == [p.modules, p.modules])
    assert {(c.module, c.who) for c in received if c.name == "modules"} == {("", received[0].who)}


def test_changes_are_reported_when_the_lockbox_has_another_class(p, received):
    with p.lockbox.on_change(received):
        p.lockbox.classname = "Linear"
        p.lockbox.is_locked_threshold = 0.75
        wait_until(lambda: received.values("is_locked_threshold"))
        p.lockbox.classname = "Lockbox"
        wait_until(lambda: len(received.values("classname")) == 2)
    assert received.values("classname") == ["Linear", "Lockbox"]
    assert received.values("is_locked_threshold") == [0.75]


def test_two_clients_get_the_curves_of_one_acquisition(p, received):
    with p.rp.scope.on_curve(received), connect("virtual") as q:
        second = Received()
        q.rp.scope.on_curve(second)
        p.rp.scope.continuous()
        wait_until(lambda: len(received) >= 3 and len(second) >= 3)
        p.rp.scope.stop()
    frame = received[0]
    assert isinstance(frame, pyrpl_remote.CurveFrame)
    assert frame.x.shape == (16384,)
    assert frame.y.shape == (2, 16384)
    assert frame.number == 1
    for before, after in itertools.pairwise(received):
        assert after.number == before.number + after.skipped + 1


def test_a_slow_client_skips_curves_and_gets_their_number(p, received):
    go_on = threading.Event()

    def slow(frame):
        received(frame)
        go_on.wait(30)

    counted = Received()
    viewer = subprocess.Popen(
        python_command(
            """
            from pyrpl_remote import connect
            with connect("virtual") as p:
                p.rp.scope.on_curve(lambda frame: report(number=frame.number))
                report(number=0)
                input()
            """
        ),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with viewer, p.rp.scope.on_curve(slow):
        counted(viewer.stdout.readline())
        p.rp.scope.continuous()
        for _ in range(6):  # curves that the other viewer gets while this one is stuck in its first
            counted(viewer.stdout.readline())
        go_on.set()
        wait_until(lambda: len(received) >= 2)
        p.rp.scope.stop()
        viewer.stdin.write("\n")
        viewer.stdin.flush()
        viewer.stdout.read()
    assert received[0].number == 1
    assert received[1].skipped >= 3
    assert received[1].number == received[1].skipped + 2


def test_a_sweep_of_the_network_analyzer_is_delivered_to_its_end(p, received):
    na = p.networkanalyzer
    na.setup(start_freq=1e4, stop_freq=1e5, points=11, rbw=1e4, trace_average=1)
    with na.on_curve(received):
        data = na.single(timeout=30)
        wait_until(lambda: received and (received[-1].y == data).all())
    assert received[-1].x.shape == received[-1].y.shape == (11,)


def test_a_subscription_to_curves_of_a_module_without_curves_is_an_error(p):
    with pytest.raises(errors.UnknownAttribute, match=r"rp\.pid0 acquires no curves"):
        p.rp.pid0.on_curve(print)


def test_an_error_in_a_callback_is_logged_and_the_subscription_goes_on(p, received, caplog):
    def fail(change):
        received(change)
        raise ZeroDivisionError("in the callback")

    with p.rp.pid0.on_change(fail) as subscription:
        p.rp.pid0.p = 0.5
        p.rp.pid0.p = 0.25
        wait_until(lambda: len(received) == 2)
        assert not subscription.closed
    raised = [record for record in caplog.records if record.name == "pyrpl_remote" and record.exc_info]
    assert raised[0].exc_info[0] is ZeroDivisionError


def test_a_callback_may_use_proxies_and_end_its_own_subscription(p, received):
    def follow(change):
        received(change)
        p.rp.pid1.setpoint = p.rp.pid0.setpoint
        subscription.close()

    subscription = p.rp.pid0.on_change(follow)
    p.rp.pid0.setpoint = 0.0625
    wait_until(lambda: subscription.closed)
    p.rp.pid0.setpoint = 0.5
    assert p.rp.pid1.setpoint == 0.0625
    assert len(received) == 1


def test_subscriptions_end_with_their_handle_and_the_thread_of_callbacks_soon_after(p, received):
    def threads(name):
        return [thread for thread in threading.enumerate() if name in thread.name]

    q = connect("virtual")
    subscription = q.rp.pid0.on_change(received)
    others = Received()
    with p.rp.pid0.on_change(others) as other:
        q.close()
        assert subscription.closed
        assert not other.closed
        p.rp.pid0.p = 0.125
        wait_until(lambda: others)
        assert len(threads("stream of virtual")) == 1
        assert len(threads("callbacks of virtual")) == 1
    wait_until(lambda: not threads("callbacks of"))
    assert received == []


def test_subscriptions_end_when_the_boards_proxy_is_dropped(p, received):
    q = connect("virtual")
    q.rp.pid0.on_change(received)
    subscriptions = q._handle.session.stream.subscriptions
    (number,) = subscriptions
    del q
    wait_until(lambda: number not in subscriptions)


def test_a_killed_client_with_a_subscription_is_removed(p):
    subscriber = subprocess.Popen(
        python_command(
            """
            from pyrpl_remote import connect
            p = connect("virtual")
            p.on_change(print)
            report(ready=True)
            input()
            """
        ),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with subscriber:
        subscriber.stdout.readline()
        assert subscriber.pid in [client["pid"] for client in p.status()["clients"]]
        subscriber.kill()
        wait_until(lambda: subscriber.pid not in [client["pid"] for client in p.status()["clients"]])
