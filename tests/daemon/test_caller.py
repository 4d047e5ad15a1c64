"""The rights of callers: an observer may use few verbs, and each verb has a lowest role that may use it."""

import pytest

from pyrpl_remote.daemon.caller import Caller
from pyrpl_remote.errors import PyrplRemoteError
from pyrpl_remote.protocol import VERBS, Role


@pytest.mark.parametrize("verb", VERBS)
def test_an_observer_may_use_only_the_verbs_marked_for_it(verb):
    observer = Caller(None, "observer pyrpl-remote")
    if VERBS[verb].observer:
        observer.require(verb)
    else:
        with pytest.raises(PyrplRemoteError, match=f"'{verb}' needs a session.*\n.*connect"):
            observer.require(verb)


def test_an_observer_may_look_at_the_status_and_stop_the_daemon():
    assert {verb for verb in VERBS if VERBS[verb].observer} == {
        *("status", "stop"),
        *("jobs", "stop_job", "job_data", "lock_history"),
    }


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_is_refused_to_lower_roles_only(verb, role):
    caller = Caller("session", "notebook (pid 42, ada at lab1)", role=role)
    if role >= VERBS[verb].role:
        caller.require(verb)
    else:
        with pytest.raises(PyrplRemoteError) as caught:
            caller.require(verb)
        assert f"notebook (pid 42, ada at lab1) may not use {verb!r}" in str(caught.value)
        assert f"its role is {role.name.lower()}" in str(caught.value)
        needed = VERBS[verb].role
        # nobody is made an owner
        remedy = "of the user who serves the board" if needed is Role.OWNER else needed.name.lower()
        assert remedy in caught.value.remedy


def test_a_viewer_changes_nothing():
    viewer = Caller("session", "panel", role=Role.VIEWER)
    for verb in (
        "set",
        "set_many",
        "edit",
        "call",
        "begin",
        "set_config",
        "save_curve",
        "delete_curve",
        "stop",
    ):
        with pytest.raises(PyrplRemoteError):
            viewer.require(verb)
    for verb in (
        "describe",
        "get",
        "get_many",
        "options",
        "config",
        "curve",
        "subscribe",
        "stream",
        "status",
    ):
        viewer.require(verb)


def test_a_caller_is_an_owner_by_default():
    for verb in VERBS:
        Caller("session", "notebook").require(verb)
