"""The table of verbs: every one has its function, and who may ask for it."""

import dataclasses
import inspect

import pytest

from pyrpl_remote import board_status
from pyrpl_remote.daemon.caller import Caller
from pyrpl_remote.protocol import VERBS, Role

from .conftest import error_of


def verb_functions() -> dict[str, list]:
    """By its name, every public function of the classes that carry out verbs."""
    from .. import conftest

    classes = conftest.verb_classes()
    found: dict[str, list] = {}
    for cls in classes:
        for name, member in vars(cls).items():
            if inspect.isfunction(member) and not name.startswith("_"):
                found.setdefault(name, []).append(member)
    return found


def test_every_verb_has_a_function_and_every_function_is_a_verb(rig):
    # none of these is asked for by name
    others = {"mark_restructured", "cause", "ended", "connection_closed", "acquiring", "holders", "tagged"}
    others |= {"resume", "end", "join", "present", "module_type", "data_of"}
    assert verb_functions().keys() - others == set(VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_a_verbs_step_is_formatted_with_its_own_arguments(rig, verb):
    function = verb_functions()[verb][0]
    names = [name for name in inspect.signature(function).parameters if name not in ("self", "caller")]
    # raises IndexError where the text has more places than the verb has arguments
    assert VERBS[verb].step.format(*names)


def test_the_boards_object_has_every_verb_and_nothing_else(rig):
    from pyrpl_remote.daemon.serving.board_object import board_object

    board = board_object(rig.requests)
    assert {name for name in dir(board) if not name.startswith("_")} == set(VERBS)


@pytest.mark.parametrize("verb", [verb for verb in VERBS if not VERBS[verb].observer])
def test_an_observer_is_refused_what_changes_or_holds_anything(reply, wait, verb):
    observer = Caller(None, "observer pyrpl-remote")
    assert "needs a session" in str(error_of(wait(observer, verb)))
    assert "needs a session" in str(error_of(reply(observer, verb).plain))


def test_an_observer_sees_the_status_and_stops_the_daemon(rig, wait):
    observer = Caller(None, "observer pyrpl-remote")
    assert board_status.status_from_data(wait(observer, "status")).board == "rig"
    assert not rig.stopped.is_set()
    assert wait(observer, "stop") is None
    assert rig.stopped.is_set()
    rig.stopped.clear()


@pytest.mark.parametrize("verb", [verb for verb in VERBS if VERBS[verb].role > Role.VIEWER])
def test_a_role_below_the_verbs_is_refused(reply, wait, ada, verb):
    viewer = dataclasses.replace(ada, role=Role.VIEWER)
    assert "its role is viewer" in str(error_of(wait(viewer, verb)))
    assert "its role is viewer" in str(error_of(reply(viewer, verb).plain))


@pytest.mark.parametrize("verb", [verb for verb in VERBS if not VERBS[verb].direct])
def test_what_may_wait_is_not_served_in_the_qt_thread(reply, ada, verb):
    assert "no direct connection" in str(error_of(reply(ada, verb).plain))
