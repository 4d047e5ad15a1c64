"""The watch as a job: who may start it with what, and what its clients see."""

import pytest

from pyrpl_remote.daemon.caller import Caller
from pyrpl_remote.errors import AccessDenied, JobError
from pyrpl_remote.protocol import Role

KIND = "lock watch"
OWNER = Caller("owner", "notebook (pid 42, ada at lab1)", here=True)


@pytest.fixture
def start(rig):
    """A function that starts a watch for a client; it ends with the test."""
    numbers = []

    def run(caller=OWNER, **parameters):
        number = rig.elsewhere(lambda: rig.jobs.start_job(caller, KIND, parameters)).data
        numbers.append(number)
        return number

    yield run
    for number in numbers:
        rig.elsewhere(lambda number=number: rig.jobs.stop_job(OWNER, number))


def kinds(rig):
    rows = rig.requests.wait(Caller(None, "status"), "lock_history", [None, None])["events"]
    return [row[1] for row in rows]


@pytest.mark.parametrize("alarm", [{"command": ["true"]}, {"webhook": "https://example.org/hook"}])
@pytest.mark.parametrize(
    "caller",
    [
        Caller("o", "script (pid 43, bob at lab1)", role=Role.OPERATOR, here=True),
        Caller("h", "script (pid 44, ada at daq2)", role=Role.OWNER, here=False),
    ],
    ids=["operator", "owner of another host"],
)
def test_only_the_owner_on_this_machine_sets_alarms(rig, start, caller, alarm):
    with pytest.raises(AccessDenied, match="as the board's owner"):
        start(caller, **alarm)
    assert rig.jobs.present() == []
    assert start(caller, trace=False)


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"attempts": 0}, "at least 1"),
        ({"attempts": 1.5}, "attempts is a number"),
        ({"attempts": True}, "attempts is a number"),
        ({"pause": -1.0}, "pause is 0 to"),
        ({"pause": "30"}, "pause is a number"),
        ({"relock": 1}, "relock is True or False"),
        ({"command": ""}, "command is a program"),
        ({"command": "horn 'open"}, "quotation"),
        ({"webhook": "file:///etc/passwd"}, "web address"),
        ({"alarm_on": ["found"]}, "no event 'found'"),
        ({"colour": "red"}, "has no option colour"),
    ],
)
def test_a_bad_option_is_an_error_and_nothing_is_started(rig, start, parameters, words):
    with pytest.raises((TypeError, ValueError), match=words):
        start(**parameters)
    assert rig.jobs.present() == []


def test_a_board_has_one_watch_and_its_secrets_are_not_shown(rig, start):
    number = start(
        command=["horn", "--password", "hidden"], webhook="https://example.org/hidden", attempts=None
    )
    rig.until(lambda: rig.jobs.present()[0].state == "running", "the watch")
    (job,) = rig.jobs.present()
    assert job.id == number and job.by == OWNER.label
    assert (job.parameters["command"], job.parameters["webhook"]) == ("horn", "https://example.org")
    assert "hidden" not in repr(job)
    with pytest.raises(JobError) as refused:
        start()
    assert f"its lock is watched already (job {number}, started by {OWNER.label} at 2" in str(refused.value)
    assert "p.unwatch_lock(), or `pyrpl-remote unwatch rig`" in refused.value.remedy


def test_subscribed_clients_get_each_event_and_who_started_and_ended_the_watch_is_known(
    rig, start, ada, bob, posted
):
    rig.requests.reply(ada, "subscribe", [7, "lock", ""], ())
    number = start(trace=False)
    rig.until(lambda: "watch started" in kinds(rig)[-1:], "the watch")
    rig.elsewhere(lambda: rig.jobs.stop_job(bob, number))
    rig.until(lambda: kinds(rig)[-1] == "watch ended", "its end")
    events = [(content["kind"], content["who"]) for kind, _, content in posted(ada) if kind == "event"]
    assert events == [("watch started", OWNER.label), ("watch ended", bob.label)]


@pytest.mark.parametrize(
    "arguments", [["yesterday", None], [None, float("nan")], [None, None, 0], [None, None, 10**9]]
)
def test_nonsense_is_no_time_and_no_number_of_events(rig, arguments):
    reply = rig.requests.wait(Caller(None, "status"), "lock_history", arguments)
    assert "!error" in reply
