"""Mailboxes return all items once and in order, keep a limited amount, and count what they drop."""

import threading

import pytest

from pyrpl_remote import errors
from pyrpl_remote.daemon.events import mailbox as tested
from pyrpl_remote.daemon.events import mailboxes as tested_mailboxes
from pyrpl_remote.daemon.events.mailbox import ChangeSubscription, CurveSubscription, Mailbox
from pyrpl_remote.daemon.events.mailboxes import Mailboxes

from ...processes import wait_until


def change(value) -> dict:
    return {"module": "rp.pid0", "name": "p", "value": value}


def new_mailbox() -> Mailbox:
    """A mailbox with one subscription."""
    mailbox = Mailbox(7)
    mailbox.add(1, ChangeSubscription("rp.pid0"))
    return mailbox


@pytest.fixture
def mailbox() -> Mailbox:
    return new_mailbox()


@pytest.mark.parametrize(
    ("path", "covered"),
    [
        ("", {"", "rp", "rp.pid0", "lockbox.sequence[0].outputs"}),
        ("rp", {"rp", "rp.pid0"}),
        ("rp.pid0", {"rp.pid0"}),
        ("lockbox.sequence", {"lockbox.sequence[0].outputs"}),
        ("rp.pid", set()),
    ],
)
def test_a_subscription_covers_the_modules_inside_its_module(path, covered):
    paths = ("", "rp", "rp.pid0", "lockbox.sequence[0].outputs")
    assert {p for p in paths if ChangeSubscription(path).covers(p)} == covered


def test_changes_of_all_subscriptions_come_in_order(mailbox):
    mailbox.add(2, ChangeSubscription(""))
    for order in range(3):
        mailbox.put(ChangeSubscription, "rp.pid0", order, change(order))
    _, news = mailbox.take(0, True, 0)
    assert [(number, event["value"]) for _, number, event in news] == [
        (1, 0),
        (2, 0),
        (1, 1),
        (2, 1),
        (1, 2),
        (2, 2),
    ]
    assert mailbox.take(1, True, 0) == (1, [])


def test_too_many_changes_drop_the_oldest_and_count_them(monkeypatch):
    monkeypatch.setattr(tested, "KEPT_BYTES", 10_000)
    mailbox = new_mailbox()
    for order in range(100):
        mailbox.put(ChangeSubscription, "rp.pid0", order, change(order))
    _, news = mailbox.take(0, True, 0)
    events = [event for _, _, event in news]
    assert 0 < len(events) < 20
    assert events[-1]["value"] == 99
    assert events[0]["lost"] == events[0]["value"] == 100 - len(events)
    assert {event["lost"] for event in events[1:]} == {0}


def test_large_values_count_by_their_size(monkeypatch):
    monkeypatch.setattr(tested, "KEPT_BYTES", 1_000_000)
    mailbox = new_mailbox()
    for order in range(20):
        mailbox.put(
            ChangeSubscription, "rp.pid0", order, change({"!array": ["<f8", [16384], bytes(8 * 16384)]})
        )
    assert len(mailbox.take(0, True, 0)[1]) == 7


def test_only_the_newest_curve_is_kept(mailbox):
    mailbox.add(2, CurveSubscription("rp.scope"))
    for order in range(3):
        mailbox.put(CurveSubscription, "rp.scope", order, {"y": order})
    mailbox.put(CurveSubscription, "networkanalyzer", 3, {"y": 3})
    assert mailbox.take(0, True, 0) == (1, [["event", 2, {"y": 2, "number": 3, "skipped": 2}]])
    mailbox.put(CurveSubscription, "rp.scope", 4, {"y": 4})
    assert mailbox.take(1, True, 0) == (2, [["event", 2, {"y": 4, "number": 4, "skipped": 0}]])


def test_a_batch_that_was_lost_with_its_connection_is_returned_again(mailbox):
    mailbox.put(ChangeSubscription, "rp.pid0", 0, change(1.0))
    first = mailbox.take(0, True, 0)
    mailbox.put(ChangeSubscription, "rp.pid0", 1, change(2.0))
    assert mailbox.take(0, True, 0) == first
    number, news = mailbox.take(first[0], True, 0)
    assert [event["value"] for _, _, event in news] == [2.0]
    assert number == 2


def test_waiting_ends_with_an_event_and_with_the_subscription(mailbox):
    answers = []

    def follow():
        received = 0
        for _ in range(2):
            answers.append(mailbox.take(received, True, 30))
            received = answers[-1][0]

    thread = threading.Thread(target=follow)
    thread.start()
    mailbox.put(ChangeSubscription, "rp.pid0", 0, change(1.0))
    wait_until(lambda: answers, what="the event")
    mailbox.remove(1)
    thread.join(5)
    assert not thread.is_alive()
    assert [len(news) for _, news in answers] == [1, 0]


def test_results_come_in_order_with_events_or_alone(mailbox):
    mailbox.put(ChangeSubscription, "rp.pid0", 0, change(1.0))
    mailbox.put_result(5, 1, "the curve")
    mailbox.put(ChangeSubscription, "rp.pid0", 2, change(2.0))
    assert mailbox.take(0, False, 0) == (1, [["result", 5, "the curve"]])
    assert mailbox.take(1, False, 0) == (1, [])
    number, news = mailbox.take(1, True, 0)
    assert number == 2
    assert [event["value"] for _, _, event in news] == [1.0, 2.0]


def test_a_session_that_lost_all_its_connections_gets_an_error():
    mailboxes = Mailboxes()
    number, received, items = mailboxes.take("session", 0, 0, True, 0)
    assert (received, items) == (0, [])
    mailboxes.put_result("session", 1, "kept")
    mailboxes.leave("session")
    mailboxes.put_result("session", 2, "for nobody")
    with pytest.raises(errors.SessionError, match="begin them again"):
        mailboxes.take("session", number, received, True, 0)
    new, received, items = mailboxes.take("session", 0, 0, True, 0)
    assert new != number
    assert (received, items) == (0, [])


def test_a_session_that_comes_back_misses_no_event_and_is_told_that_it_was_ended():
    mailboxes = Mailboxes()
    mailboxes.of("session").add(1, ChangeSubscription(""))
    mailboxes.put(ChangeSubscription, "rp.pid0", change(1))
    number, received, _ = mailboxes.take("session", 0, 0, True, 0)
    mailboxes.put(ChangeSubscription, "rp.pid0", change(2))
    mailboxes.take("session", number, received, True, 0)  # is lost with its connection
    mailboxes.leave("session")
    mailboxes.put(ChangeSubscription, "rp.pid0", change(3))
    values, kinds = [], []
    for _ in range(2):
        same, received, items = mailboxes.take("session", number, received, True, 0)
        assert same == number
        kinds += [kind for kind, _, _ in items]
        values += [event["value"] for kind, _, event in items if kind == "event"]
    assert values == [2, 3]
    assert kinds == ["event", "break", "event"]


def test_what_a_session_that_does_not_come_back_had_is_dropped(monkeypatch):
    mailboxes = Mailboxes()
    for session in ("without", *range(tested_mailboxes.KEPT_SESSIONS + 1)):
        mailbox = mailboxes.of(session)
        if session != "without":
            mailbox.add(1, ChangeSubscription(""))
        mailboxes.leave(session)
    assert len(mailboxes.subscriptions()) == tested_mailboxes.KEPT_SESSIONS
    assert not mailboxes.drop_left()
    monkeypatch.setattr(tested_mailboxes, "KEPT_SECONDS", 0.0)
    wait_until(mailboxes.drop_left, what="the drop")
    assert mailboxes.subscriptions() == []


def test_no_daemon_takes_the_mailbox_of_an_earlier_one_for_its_own():
    assert Mailboxes().of("session").number != Mailboxes().of("session").number
