"""Who may use a board, and what they may do, as the daemon decides from a greeting and the system's word."""

import contextlib
import dataclasses
import os
import socket
from pathlib import Path

import pytest

from pyrpl_remote import errors, shared_users
from pyrpl_remote.daemon.serving.access import Access, Denied
from pyrpl_remote.gate.greeting import FirstMessage
from pyrpl_remote.introduction import Introduction, introduced
from pyrpl_remote.machine import users
from pyrpl_remote.protocol import Greeting, Role
from pyrpl_remote.transport import pyro_internals as pyro
from pyrpl_remote.transport.plain_serializers import plain_data
from pyrpl_remote.transport.secret import own_secret, signed

OTHER = 12001
"""The uid of another user."""


def secret() -> bytes:
    """This user's secret."""
    made = own_secret()
    assert made is not None
    return made


def plain(session: str | None = None, **changes) -> Greeting:
    return dataclasses.replace(Greeting(session, program="test", user="me", host="here", pid=1), **changes)


@pytest.fixture
def strange(monkeypatch):
    """This process's connections seem to be those of `user`, to an Access in this process."""

    def be(user: users.User | None) -> None:
        monkeypatch.setattr("pyrpl_remote.daemon.serving.access.user_at", lambda *_: user)

    return be


class Connection:
    """What an Access is told of a connection."""

    sock: socket.socket = None  # type: ignore[assignment]  # the system is not asked in these tests
    object_id = "pyrpl.guarded"


HERE = "127.0.0.1:1"


def signed_greeting(key: bytes, address: str = HERE) -> Greeting:
    return Greeting.from_data(signed(key, "greeting", address, Connection.object_id, plain().to_data()))


@pytest.mark.parametrize("user", [OTHER, None])
def test_who_is_no_user_of_the_board_needs_the_secret(strange, user):
    strange(user)
    access = Access("guarded")
    assert access.of_greeting(Connection(), HERE, signed_greeting(secret())).role == Role.OWNER
    wrong = {
        "no secret": plain(),
        "a wrong secret": signed_greeting(os.urandom(32)),
        "the greeting of another address": signed_greeting(secret(), "127.0.0.1:2"),
        "an old one": dataclasses.replace(signed_greeting(secret()), time=1),
    }
    for what, greeting in wrong.items():
        with pytest.raises(Denied) as denied:
            access.of_greeting(Connection(), HERE, greeting)
        assert users.name_of(users.this_user()) in denied.value.detail, what
        assert denied.value.remedy
    with pytest.raises(Denied):
        access.of_bare(Connection(), HERE, "hello")
    assert access.of_bare(Connection(), HERE, secret().hex()).role == Role.OWNER


def test_root_may_use_every_board_as_it_may_read_the_secret(strange):
    strange(0)
    assert Access("guarded").of_greeting(Connection(), HERE, plain()).role == Role.OWNER


def test_a_shared_board_is_used_in_the_role_that_its_owner_chose_from_the_next_greeting_on(strange):
    strange(OTHER)
    access = Access("guarded")

    def role() -> Role | None:
        with contextlib.suppress(Denied):
            return access.of_greeting(Connection(), HERE, plain()).role
        return None

    assert role() is None
    shared_users.share("guarded", str(OTHER), Role.VIEWER)
    shared_users.share("other", str(OTHER), Role.OPERATOR)
    try:
        assert role() == Role.VIEWER
        shared_users.share("guarded", str(OTHER), Role.OPERATOR)
        assert role() == Role.OPERATOR
        with pytest.raises(Denied, match="names with an underscore"):
            access.of_greeting(Connection(), HERE, plain(private=True))
        assert shared_users.unshare("guarded", str(OTHER))
        assert role() is None
        assert not shared_users.unshare("guarded", str(OTHER))
        path = Path(os.environ["PYRPL_REMOTE_DIR"], shared_users.FILE)
        shared_users.share("guarded", str(OTHER), Role.VIEWER)
        for damage in ('{"guarded": 3}', "", "[]", '{"guarded": [[12001, "GOD"]]}'):
            path.write_text(damage)
            assert role() is None
    finally:
        path.unlink()


@pytest.mark.parametrize("name", ["no-such-user", "", "x\0y"])
def test_a_board_cannot_be_shared_with_nobody(name):
    with pytest.raises(errors.BadParameter, match="no user"):
        shared_users.share("guarded", name, Role.VIEWER)


def test_a_board_is_not_shared_with_oneself():
    with pytest.raises(errors.BadParameter, match="yourself"):
        shared_users.share("guarded", users.name_of(users.this_user()), Role.VIEWER)


# clients of other hosts, whom a gate introduces


def passed_on(greeting: object, role: Role = Role.VIEWER, serializer: int = pyro.MSGPACK.serializer_id):
    """What a daemon receives from a gate of this user: the introduction, and the client's own greeting."""
    header = pyro.header_of(bytes(pyro.plain_message(pyro.CONNECT, 0, b"", [])[0]))
    header.serializer_id = serializer
    first = FirstMessage(header, Connection.object_id, greeting)
    message = first.introduced(Introduction("laptop", role.value, "10.0.0.2:29090"), HERE)
    arrived = pyro.header_of(message[: pyro.HEADER_BYTES])
    arrived.add_payload(message[pyro.HEADER_BYTES :])
    introduction, said = introduced(plain_data(arrived.serializer_id, arrived.data)["handshake"])
    assert introduction is not None
    assert said == greeting
    return introduction, said


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("user", [OTHER, None])
def test_a_client_of_another_host_may_do_what_the_gate_with_the_users_secret_says(strange, user, role):
    strange(user)
    introduction, said = passed_on(plain().to_data(), role)
    admitted = Access("guarded").of_greeting(Connection(), HERE, Greeting.from_data(said), introduction)
    assert (admitted.role, admitted.owner, admitted.secret) == (role, "", None)
    assert admitted.who == ("" if role == Role.OWNER else "host laptop")


@pytest.mark.parametrize("serializer", pyro.SPOKEN)
@pytest.mark.parametrize("said", ["hello", None, 3.5, {"b": [1, 2.5], "a": "x", "c": True}])
def test_a_bare_client_of_another_host_is_introduced_in_either_serializer(strange, said, serializer):
    strange(None)
    introduction, arrived = passed_on(said, Role.OPERATOR, serializer)
    assert Access("guarded").of_bare(Connection(), HERE, arrived, introduction).role == Role.OPERATOR


@pytest.mark.parametrize("user", [OTHER, None])
def test_an_introduction_that_was_changed_or_comes_again_is_refused(strange, user):
    strange(user)
    access = Access("guarded")
    introduction, _ = passed_on(plain().to_data())
    changed = {
        "the role": (dataclasses.replace(introduction, role=Role.OWNER.value), plain(), HERE),
        "the host": (dataclasses.replace(introduction, peer="office"), plain(), HERE),
        "the time": (dataclasses.replace(introduction, time=introduction.time + 1), plain(), HERE),
        "no proof": (dataclasses.replace(introduction, proof=""), plain(), HERE),
        "the greeting": (introduction, plain(private=True), HERE),
        "the daemon": (introduction, plain(), "127.0.0.1:2"),
    }
    for what, (shown, greeting, address) in changed.items():
        with pytest.raises(Denied) as denied:
            access.of_greeting(Connection(), address, greeting, shown)
        assert denied.value.remedy, what
    assert access.of_greeting(Connection(), HERE, plain(), introduction).role == Role.VIEWER
    with pytest.raises(Denied, match="introduction has come before"):
        access.of_greeting(Connection(), HERE, plain(), introduction)


def test_a_proof_is_of_one_thing_only(strange):
    strange(OTHER)
    access = Access("guarded")
    fields = Introduction("laptop", Role.OWNER.value).signed_data(plain().to_data())
    said = signed(secret(), "greeting", HERE, Connection.object_id, fields)
    del said["greeting"]
    with pytest.raises(Denied):
        access.of_greeting(Connection(), HERE, plain(), Introduction(**said))


def test_without_the_users_secret_a_gate_needs_the_systems_word_that_it_is_the_users(strange, monkeypatch):
    access = Access("guarded")
    with monkeypatch.context() as patch:
        patch.setattr("pyrpl_remote.gate.greeting.own_secret", lambda: None)
        introduction, _ = passed_on(plain().to_data(), Role.OPERATOR)
    assert introduction.proof == ""
    strange(users.this_user())
    for _ in range(2):
        assert access.of_greeting(Connection(), HERE, plain(), introduction).role == Role.OPERATOR
    strange(OTHER)
    shared_users.share("guarded", str(OTHER), Role.OPERATOR)
    try:
        with pytest.raises(Denied, match="only a gate of that user"):
            access.of_greeting(Connection(), HERE, plain(), introduction)
        with pytest.raises(Denied, match="only a gate of that user"):
            access.of_bare(Connection(), HERE, "hello", introduction)
    finally:
        shared_users.unshare("guarded", str(OTHER))


def test_names_with_an_underscore_are_the_owners_also_from_afar(strange):
    strange(OTHER)
    private = plain(private=True)
    introduction, _ = passed_on(private.to_data(), Role.OPERATOR)
    with pytest.raises(Denied, match="laptop may not use names with an underscore"):
        Access("guarded").of_greeting(Connection(), HERE, private, introduction)
