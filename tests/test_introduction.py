"""A gate's introduction is read strictly, and arrives with the client's own greeting."""

import pytest

from pyrpl_remote.introduction import Introduction, introduced, peer_of
from pyrpl_remote.protocol import PROTOCOL, Greeting, MalformedGreeting, Role

DATA = Greeting(session="s1", program="notebook", user="ada", host="lab1", pid=42).to_data()
INTRODUCTION = Introduction(peer="laptop", role=Role.VIEWER.value, via="10.0.0.2:29090")


@pytest.mark.parametrize("greeting", [DATA, "hello", None])
def test_an_introduction_arrives_with_the_greeting(greeting):
    assert introduced(INTRODUCTION.around(greeting)) == (INTRODUCTION, greeting)
    assert peer_of(INTRODUCTION) == "laptop"


@pytest.mark.parametrize("greeting", [DATA, "hello", None, {"a": 1}])
def test_who_comes_without_an_introduction_is_of_this_machine(greeting):
    assert introduced(greeting) == (None, greeting)
    assert peer_of(None) == ""


@pytest.mark.parametrize(
    "changed",
    [
        {"role": 0},
        {"role": 4},
        {"role": "3"},
        {"role": True},
        {"peer": None},
        {"peer": "p" * 201},
        {"more": 1},
        {"protocol": PROTOCOL + 1},
        {"via": 1},
        {"nonce": None},
        {"time": 1.0},
        {"proof": b"p"},
    ],
)
def test_a_malformed_introduction_is_refused(changed):
    data = INTRODUCTION.around(DATA)
    data["introduction"] = {**data["introduction"], **changed}
    with pytest.raises(MalformedGreeting):
        introduced(data)


def test_an_introduction_in_an_introduction_does_not_raise_the_role():
    _, greeting = introduced(INTRODUCTION.around(Introduction("evil", Role.OWNER.value).around(DATA)))
    assert isinstance(greeting, dict)
    with pytest.raises(MalformedGreeting):
        Greeting.from_data(greeting)


def test_an_introductions_proof_covers_every_field_of_both_in_any_order():
    signed = INTRODUCTION.signed_data(DATA)
    assert signed["greeting"] == INTRODUCTION.signed_data(dict(reversed(DATA.items())))["greeting"]
    assert signed != INTRODUCTION.signed_data({**DATA, "pid": 43})
    assert signed.keys() == INTRODUCTION.around(DATA)["introduction"].keys() | {"greeting"}
