"""Calls that go on: their results come to the mailbox, and clients give them up."""

import threading

import pytest

from pyrpl_remote import errors
from pyrpl_remote.daemon.events import mailboxes

from .conftest import FOREVER, error_of


def test_the_result_of_a_call_that_was_begun_comes_to_the_mailbox_of_its_session(
    rig, reply, wait, ada, bob, results, scope
):
    for client in (ada, bob):
        assert wait(client, "stream", 0, 0, False)[2] == []
    assert reply(ada, "begin", "rp.scope", "single", [10], {}, 7).plain is None
    assert wait(bob, "begin", "rp.pid0", "setup", [], {"setpoint": 0.5}, 7) is None
    found = {}
    rig.until(lambda: found.update(results(ada)) or 7 in found, "the curve")
    assert found[7]["!array"][:2] == ["<f8", [2, 16384]]
    assert found[7]["!array"][2] == scope.data_avg.tobytes()
    assert results(bob) == {7: None}


def test_the_error_of_a_call_that_was_begun_comes_to_the_mailbox_too(rig, reply, ada, results, scope):
    scope.duration = FOREVER
    reply(ada, "begin", "rp.scope", "single", [0.05], {}, 8)
    found = {}
    rig.until(lambda: found.update(results(ada)) or 8 in found, "the error")
    error = error_of(found[8])
    assert isinstance(error, TimeoutError)
    assert vars(error)["where"] == "board 'rig', calling rp.scope.single()"


def test_a_result_that_is_there_before_the_session_first_asks_for_it_waits_for_it(reply, ada, results):
    reply(ada, "begin", "rp.pid0", "setup", [], {"setpoint": 0.5}, 7)
    assert results(ada) == {7: None}


def test_a_call_that_was_given_up_sends_nothing_and_is_stopped_when_that_is_answered(
    rig, reply, wait, ada, results, scope
):
    scope.duration = FOREVER
    reply(ada, "begin", "rp.scope", "single", [], {}, 9)
    assert wait(ada, "abandon", 9) is None
    assert scope.running_state == "stopped"
    rig.result(rig.qt.post(lambda: None))
    assert results(ada) == {}


def test_a_call_that_is_given_up_before_it_begins_is_stopped_as_it_begins(rig, reply, ada, results, scope):
    scope.duration = FOREVER
    reply(ada, "abandon", 10)
    reply(ada, "begin", "rp.scope", "single", [], {}, 10)
    assert not rig.dispatcher.acquiring()
    assert scope.running_state == "stopped"
    assert results(ada) == {}


def test_a_call_that_somebody_waits_for_is_given_up_from_another_connection(rig, reply, ada, scope):
    scope.duration = FOREVER
    answers = []
    asking = threading.Thread(
        target=lambda: answers.append(rig.requests.wait(ada, "call", ["rp.scope", "single", [], {}, 11]))
    )
    asking.start()
    rig.until(lambda: scope.running_state == "running_single", "the acquisition")
    reply(ada, "abandon", 11)
    rig.until(lambda: answers, "the answer")
    asking.join()
    assert isinstance(error_of(answers[0]), errors.AcquisitionCancelled)


def test_a_session_that_ends_gives_up_its_calls_its_results_and_its_subscriptions(
    rig, reply, ada, bob, scope, monkeypatch
):
    launcher = rig.launcher("rp.scope")
    before = launcher.receivers(launcher.display_curve)
    scope.duration = FOREVER
    reply(ada, "subscribe", 1, "curve", "rp.scope")
    reply(ada, "begin", "rp.scope", "single", [], {}, 12)
    reply(bob, "begin", "rp.sampler", "stats", ["in1", 0.2], {}, 12)
    assert launcher.receivers(launcher.display_curve) == before + 1
    rig.elsewhere(lambda: rig.requests.sessions.ended(ada.session))
    rig.result(rig.qt.post(lambda: None))
    assert not rig.dispatcher.acquiring() and scope.running_state == "stopped"
    assert rig.mailboxes.find(ada.session) is None
    # its subscriptions are kept for a while
    assert launcher.receivers(launcher.display_curve) == before + 1
    monkeypatch.setattr(mailboxes, "KEPT_SECONDS", 0.0)
    rig.events.drop_left()
    rig.result(rig.qt.post(lambda: None))
    assert launcher.receivers(launcher.display_curve) == before
    rig.until(lambda: rig.mailboxes.of(bob.session).take(0, True, 0.0)[1], "the other session's result")


@pytest.mark.parametrize("verb", ["call", "begin"])
def test_a_call_without_a_number_does_not_begin(rig, reply, ada, scope, verb):
    assert isinstance(error_of(reply(ada, verb, "rp.scope", "single", [], {}, {"a": 1}).plain), TypeError)
    assert scope.running_state == "stopped"
    assert not rig.dispatcher.acquiring()


def test_a_call_whose_future_was_dropped_sends_no_result(rig, reply, wait, ada, results, scope):
    scope.duration = 0.1
    reply(ada, "begin", "rp.scope", "single", [], {}, 13)
    assert wait(ada, "release", 13) is None
    rig.until(lambda: not rig.dispatcher.acquiring(), "the end of the acquisition")
    assert results(ada) == {}
    assert wait(ada, "release", 13) is None  # it is over by now


def test_another_client_need_not_wait_for_a_future_that_was_dropped(rig, reply, wait, ada, bob, scope):
    scope.duration = FOREVER
    reply(ada, "begin", "rp.scope", "single", [], {}, 14)
    wait(ada, "release", 14)
    error = error_of(reply(bob, "call", "rp.scope", "single", [0.05], {}, 14).plain)
    assert isinstance(error, TimeoutError) and not isinstance(error, errors.ModuleBusy)
