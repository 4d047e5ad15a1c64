"""Errors arrive in another process with their class, message and remedy."""

import pickle
import re
from typing import Any

import pytest

from pyrpl_remote import errors
from pyrpl_remote.error_data import describe, rebuild


@pytest.mark.parametrize(
    "raised",
    [
        ValueError("bad"),
        KeyError("k"),
        TimeoutError("late"),
        FileNotFoundError(2, "gone"),
        AttributeError("a"),
    ],
)
def test_an_error_of_pyrpl_is_caught_as_the_class_that_pyrpl_raised(raised):
    arrived: Any = rebuild(describe(raised, "board 'lab', setting rp.pid0.p to 3", "Traceback ..."))
    assert isinstance(arrived, type(raised))
    assert isinstance(arrived, errors.RemoteError)
    assert arrived.args == raised.args
    assert "board 'lab', setting rp.pid0.p" in str(arrived)
    assert arrived.remote_traceback == "Traceback ..."
    # Python would print a note with each traceback
    assert not hasattr(arrived, "__notes__")


class OutOfRange(ValueError):
    def __init__(self, value, limits):
        super().__init__(f"{value} is out of range")
        self.value, self.limits = value, limits


def decoding_error() -> UnicodeDecodeError:
    try:
        b"\xff".decode()
    except UnicodeDecodeError as error:
        return error
    raise AssertionError


@pytest.mark.parametrize(
    ("raised", "fields"),
    [
        (
            FileNotFoundError(2, "gone", "/curve/7.dat"),
            {"errno": 2, "strerror": "gone", "filename": "/curve/7.dat"},
        ),
        (OSError(18, "cross-device", "a", None, "b"), {"errno": 18, "filename": "a", "filename2": "b"}),
        (ImportError("no", name="pyhardware", path="/x.py"), {"name": "pyhardware", "path": "/x.py"}),
        (SyntaxError("bad", ("f.py", 3, 5, "x =")), {"filename": "f.py", "lineno": 3, "offset": 5}),
        (decoding_error(), {"encoding": "utf-8", "start": 0, "end": 1}),
        (OutOfRange(5, [0, 1]), {"value": 5}),
    ],
)
@pytest.mark.parametrize("travel", [lambda error: error, lambda error: pickle.loads(pickle.dumps(error))])
def test_an_error_arrives_with_its_fields_and_its_text(raised, fields, travel):
    arrived = travel(rebuild(describe(raised, "board 'lab', reading")))
    assert {name: getattr(arrived, name) for name in fields} == fields
    assert str(arrived) == f"{raised}\n  -> board 'lab', reading"


def test_an_error_of_a_class_that_this_process_does_not_have_arrives_with_its_name():
    class NoSuchError(Exception):
        __module__ = "pyrpl.errors"
        __qualname__ = "NoSuchError"

    arrived = rebuild(describe(NoSuchError("no")))
    assert type(arrived) is errors.RemoteError
    assert arrived.type_name == "pyrpl.errors.NoSuchError"


def test_an_error_of_a_class_that_this_process_does_not_have_is_caught_as_its_builtin_base():
    class NoMore(ValueError):
        __module__ = "pyrpl.errors"
        __qualname__ = "NoMore"

    arrived: Any = rebuild(describe(NoMore("none left")))
    assert isinstance(arrived, ValueError)
    assert isinstance(pickle.loads(pickle.dumps(arrived)), ValueError)
    assert vars(arrived)["type_name"] == "pyrpl.errors.NoMore"


@pytest.mark.parametrize("kind", sorted(set(errors.OWN) - {"RemoteError"}))
def test_our_own_errors_arrive_as_themselves_and_say_what_to_do(kind):
    sent = errors.OWN[kind]("it failed", "do this")
    arrived = rebuild(describe(sent))
    assert type(arrived) is type(sent)
    assert str(arrived) == "it failed\n  -> do this"


def test_errors_survive_pickling():
    remote = rebuild(describe(ValueError("bad"), "board 'lab'", "trace"))
    again = pickle.loads(pickle.dumps(remote))
    assert isinstance(again, ValueError)
    assert str(again) == str(remote)
    assert str(pickle.loads(pickle.dumps(errors.WrongPassword("m", "r")))) == "m\n  -> r"


def test_the_tree_in_the_documentation_is_the_tree():
    drawn = re.findall(r"^([│ ]*)[├└]── (\w+)", errors.__doc__, re.MULTILINE)
    above = ["PyrplRemoteError"]
    for indentation, name in drawn:
        level = len(indentation) // 4 + 1
        above[level:] = [name]
        assert errors.OWN[above[level - 1]] in errors.OWN[name].__bases__
    assert {name for _, name in drawn} == set(errors.OWN) - {"PyrplRemoteError"}
