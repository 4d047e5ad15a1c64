"""The protocol's table is consistent, and its greetings and welcomes are read strictly."""

import dataclasses
import inspect

import pytest

from pyrpl_remote import __version__
from pyrpl_remote.client.connections.refusal import error_of
from pyrpl_remote.daemon.jobs.jobs import Jobs
from pyrpl_remote.daemon.serving.daemon_verbs import DaemonVerbs
from pyrpl_remote.daemon.serving.session_verbs import SessionVerbs
from pyrpl_remote.errors import AccessDenied, BoardGone, DaemonFailed, DaemonStopped, ReleaseMismatch
from pyrpl_remote.protocol import (
    MAX_TEXT,
    PROTOCOL,
    VERBS,
    Code,
    Greeting,
    MalformedGreeting,
    Refused,
    Role,
    Verb,
    Welcome,
)

GREETING = Greeting(
    session="s1", program="notebook", user="ada", host="lab1", pid=42, private=True, direct=True
)
DATA = GREETING.to_data()

WRONG: dict[str, list] = {
    "session": ["", 1, b"s1", "s" * (MAX_TEXT + 1), ["s1"]],
    "program": [None, 1, b"p", "p" * (MAX_TEXT + 1), {}],
    "user": [None, 1.0, "u" * (MAX_TEXT + 1)],
    "host": [None, ("lab1",), "h" * (MAX_TEXT + 1)],
    "pid": [None, "42", 42.0, True, -1, 2**63],
    "private": [None, 0, 1, "yes"],
    "direct": [None, 1, "direct"],
    "release": [None, 1, "r" * (MAX_TEXT + 1)],
    "protocol": [None, "2", 2.0, True, -1],
    "nonce": [None, 1, "n" * (MAX_TEXT + 1)],
    "time": [None, "1", 1.0, True, -1, 2**63],
    "proof": [None, b"p", "p" * (MAX_TEXT + 1)],
}


def test_a_greeting_arrives_as_it_was_sent():
    assert Greeting.from_data(DATA) == GREETING
    observer = dataclasses.replace(GREETING, session=None)
    assert Greeting.from_data(observer.to_data()) == observer


def test_a_greeting_names_release_and_protocol():
    assert (DATA["release"], DATA["protocol"]) == (__version__, PROTOCOL)


def test_every_field_of_a_greeting_has_wrong_values_here():
    assert WRONG.keys() == DATA.keys()


@pytest.mark.parametrize(("name", "value"), [(name, value) for name in WRONG for value in WRONG[name]])
def test_a_greeting_with_a_wrong_value_names_the_field(name, value):
    with pytest.raises(MalformedGreeting, match=f"{name} of a greeting cannot be"):
        Greeting.from_data({**DATA, name: value})


@pytest.mark.parametrize("name", DATA)
def test_a_greeting_without_a_field_names_those_it_has(name):
    with pytest.raises(MalformedGreeting, match=r"a greeting has the fields .*program"):
        Greeting.from_data({key: value for key, value in DATA.items() if key != name})


@pytest.mark.parametrize("extra", ["more", "", 1, None])
def test_a_greeting_with_another_field_is_refused(extra):
    with pytest.raises(MalformedGreeting, match="a greeting has the fields"):
        Greeting.from_data({**DATA, extra: 1})


@pytest.mark.parametrize("name", ["program", "user", "host", "release", "session"])
def test_a_text_of_the_greatest_length_is_accepted(name):
    assert getattr(Greeting.from_data({**DATA, name: "x" * MAX_TEXT}), name) == "x" * MAX_TEXT


def test_the_error_shows_only_the_beginning_of_what_arrived():
    with pytest.raises(MalformedGreeting) as caught:
        Greeting.from_data({**DATA, "program": "x" * 100_000})
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("welcome", [Welcome(direct=True), Welcome(code=Code.ENDING.value, detail="soon")])
def test_a_welcome_arrives_as_it_was_sent(welcome):
    assert Welcome.from_data(welcome.to_data()) == welcome


@pytest.mark.parametrize("answer", ["hello", None, 3, ["hello"]])
def test_the_reply_of_a_daemon_without_a_protocol_number_is_a_refusal(answer):
    welcome = Welcome.from_data(answer)
    assert welcome.code == Code.PROTOCOL
    assert welcome.release == "0.1.0 or older"
    assert not welcome.direct


@pytest.mark.parametrize("protocol", [1, PROTOCOL + 1, "later", None, [2], float("nan"), 2**80])
@pytest.mark.parametrize("rest", [{}, {"release": "9.9", "direct": True, "new": 1}])
def test_the_welcome_of_another_protocol_is_a_refusal_that_names_its_release(protocol, rest):
    welcome = Welcome.from_data({"protocol": protocol, **rest})
    assert welcome.code == Code.PROTOCOL
    assert welcome.release == rest.get("release", "unknown")
    assert not welcome.direct


def test_a_long_release_of_another_protocol_is_cut():
    assert len(Welcome.from_data({"protocol": PROTOCOL + 1, "release": "9" * 100_000}).release) == MAX_TEXT


@pytest.mark.parametrize(
    "change", [{"new": 1}, {"direct": "yes"}, {"code": 3}, {"detail": None}, {"release": None}]
)
def test_a_welcome_of_this_protocol_that_is_malformed_is_a_refusal(change):
    welcome = Welcome.from_data({**Welcome(direct=True).to_data(), **change})
    assert welcome.code == Code.MALFORMED
    assert not welcome.direct


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (Code.ENDING, BoardGone),
        (Code.STOPPED, DaemonStopped),
        (Code.PROTOCOL, ReleaseMismatch),
        (Code.MALFORMED, DaemonFailed),
        (Code.DENIED, AccessDenied),
        ("new", DaemonFailed),
    ],
)
def test_each_refusal_is_an_error_that_names_the_board(code, kind):
    refused = Refused(Welcome(code=code, detail="why", release="9.9"))
    error = error_of("lab", refused)
    assert type(error) is kind
    assert "board 'lab'" in error.message
    assert error.remedy
    assert refused.ending == (code in (Code.ENDING, Code.STOPPED))


def test_every_code_has_its_error_tested_above():
    assert set(Code) == {Code.ENDING, Code.STOPPED, Code.PROTOCOL, Code.MALFORMED, Code.DENIED}


def test_a_mismatch_names_both_releases_and_the_remedy():
    error = error_of("lab", Refused(Welcome(code=Code.PROTOCOL, release="9.9")))
    assert "9.9" in error.message
    assert __version__ in error.message
    assert "pyrpl-remote stop lab" in error.remedy


@pytest.mark.parametrize("name", VERBS)
def test_a_verbs_row_is_consistent(name):
    verb = VERBS[name]
    # what may be sent twice must not begin something twice
    assert not (verb.repeatable and verb.begins)
    # only what the Qt thread carries out begins something there
    assert verb.direct or not verb.begins
    # what a viewer may do changes nothing
    assert verb.repeatable or verb.role > Role.VIEWER
    # an observer has no session: nothing that waits for one in the Qt thread
    assert not (verb.observer and verb.direct)
    # the step of an error is formatted with whatever arguments came
    assert verb.step.format(*["x"] * 6)


def test_by_default_a_verb_is_not_repeatable_and_not_for_observers():
    assert Verb("doing") == Verb(
        "doing", repeatable=False, direct=True, begins=False, observer=False, role=Role.OPERATOR
    )


def test_a_step_names_what_was_asked_for_and_shows_only_the_beginning_of_a_long_value():
    assert VERBS["set"].step.format("rp.pid0", "p", 2) == "setting rp.pid0.p to 2"
    assert len(VERBS["set"].step.format("rp.pid0", "p", "x" * 1000)) < 120


def test_each_role_includes_those_before_it():
    assert Role.VIEWER < Role.OPERATOR < Role.OWNER


@pytest.mark.parametrize("name", [name for name, verb in VERBS.items() if not verb.direct])
def test_a_verb_that_is_not_served_in_the_qt_thread_is_one_of_the_daemons_own(name):
    owners = [owner for owner in (SessionVerbs, DaemonVerbs, Jobs) if hasattr(owner, name)]
    assert inspect.isfunction(getattr(owners[0], name))
