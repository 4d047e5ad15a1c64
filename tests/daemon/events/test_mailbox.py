"""The mailbox: everything in order and once, bounded, and what was dropped is counted."""

import threading

import pytest

from pyrpl_remote.daemon.events import mailbox as room
from pyrpl_remote.daemon.events.mailbox import ChangeListener, CurveListener, Mailbox


def change(value) -> dict:
    return {"module": "rp.pid0", "name": "p", "value": value}


@pytest.fixture
def mailbox() -> Mailbox:
    mailbox = Mailbox()
    mailbox.add(1, ChangeListener("rp.pid0"))
    return mailbox


@pytest.mark.parametrize(
    ("path", "heard"),
    [
        ("", {"", "rp", "rp.pid0", "lockbox.sequence[0].outputs"}),
        ("rp", {"rp", "rp.pid0"}),
        ("rp.pid0", {"rp.pid0"}),
        ("lockbox.sequence", {"lockbox.sequence[0].outputs"}),
        ("rp.pid", set()),
    ],
)
def test_a_module_is_heard_with_the_modules_inside_it(path, heard):
    paths = ("", "rp", "rp.pid0", "lockbox.sequence[0].outputs")
    assert {p for p in paths if ChangeListener(path).hears(p)} == heard


def test_changes_of_all_listeners_come_in_order(mailbox):
    mailbox.add(2, ChangeListener(""))
    for order in range(3):
        mailbox.put(ChangeListener, "rp.pid0", order, change(order))
    _, news = mailbox.take(0, 0)
    assert [(number, event["value"]) for number, event in news] == [
        (1, 0),
        (2, 0),
        (1, 1),
        (2, 1),
        (1, 2),
        (2, 2),
    ]
    assert mailbox.take(1, 0) == [1, []]


def test_too_many_changes_drop_the_oldest_and_say_how_many(mailbox, monkeypatch):
    monkeypatch.setattr(room, "KEPT_BYTES", 10_000)
    for order in range(100):
        mailbox.put(ChangeListener, "rp.pid0", order, change(order))
    _, news = mailbox.take(0, 0)
    events = [event for _, event in news]
    assert 0 < len(events) < 20
    assert events[-1]["value"] == 99
    assert events[0]["lost"] == events[0]["value"] == 100 - len(events)
    assert {event["lost"] for event in events[1:]} == {0}


def test_large_values_count_by_their_size(mailbox, monkeypatch):
    monkeypatch.setattr(room, "KEPT_BYTES", 1_000_000)
    for order in range(20):
        mailbox.put(ChangeListener, "rp.pid0", order, change({"!array": ["<f8", [16384], bytes(8 * 16384)]}))
    assert len(mailbox.take(0, 0)[1]) == 7


def test_of_curves_only_the_newest_waits(mailbox):
    mailbox.add(2, CurveListener("rp.scope"))
    for order in range(3):
        mailbox.put(CurveListener, "rp.scope", order, {"y": order})
    mailbox.put(CurveListener, "networkanalyzer", 3, {"y": 3})
    assert mailbox.take(0, 0) == [1, [[2, {"y": 2, "number": 3, "skipped": 2}]]]
    mailbox.put(CurveListener, "rp.scope", 4, {"y": 4})
    assert mailbox.take(1, 0) == [2, [[2, {"y": 4, "number": 4, "skipped": 0}]]]


def test_an_answer_that_was_lost_on_its_way_is_given_again(mailbox):
    mailbox.put(ChangeListener, "rp.pid0", 0, change(1.0))
    first = mailbox.take(0, 0)
    mailbox.put(ChangeListener, "rp.pid0", 1, change(2.0))
    assert mailbox.take(0, 0) == first
    number, news = mailbox.take(first[0], 0)
    assert [event["value"] for _, event in news] == [2.0]
    assert number == 2


def test_waiting_ends_with_an_event_and_with_the_subscription(mailbox):
    answers = []

    def follow():
        received = 0
        for _ in range(2):
            answers.append(mailbox.take(received, 30))
            received = answers[-1][0]

    thread = threading.Thread(target=follow)
    thread.start()
    mailbox.put(ChangeListener, "rp.pid0", 0, change(1.0))
    while not answers:
        pass
    mailbox.remove(1)
    thread.join(5)
    assert not thread.is_alive()
    assert [len(news) for _, news in answers] == [1, 0]
