"""The configuration tree `p.c`: PyRPL's file, read and written by a client."""

from pathlib import Path

import numpy as np
import pytest
import yaml

from pyrpl_remote import connect, errors

from ..daemons import fake_board
from ..processes import wait_until


@pytest.fixture(scope="module")
def p():
    """A board whose registers PyRPL simulates itself: no signal is needed here."""
    with fake_board("simulated") as p:
        yield p


def test_entries_are_read_by_attribute_and_by_item(p):
    assert p.c.pyrpl.name == p.c["pyrpl"]["name"] == p.c["pyrpl.name"] == "simulated"
    assert "Lockbox" in p.c.pyrpl.modules
    assert list(p.c.pyrpl.modules) == p.c.pyrpl.modules._data
    assert list(p.c.pyrpl.modules._keys()) == list(range(len(p.c.pyrpl.modules)))
    assert "pyrpl" in p.c
    assert "nothing" not in p.c
    assert set(p.c) == set(p.c._keys()) == set(p.c._data)
    assert len(p.c) == len(list(p.c))
    assert "pyrpl" in dir(p.c)


def test_a_list_like_branch_is_added_to_lists_and_a_dict_like_one_is_not(p):
    modules = p.c.pyrpl.modules
    mine = ["Mine"]
    assert modules + mine == [*modules, "Mine"]
    assert mine + modules == ["Mine", *modules]
    with pytest.raises(TypeError):
        p.c.pyrpl + mine
    with pytest.raises(TypeError):
        mine + p.c.pyrpl


def test_an_absent_entry_is_a_key_error_as_in_pyrpl(p):
    with pytest.raises(KeyError, match="nothing"):
        p.c.nothing
    with pytest.raises(KeyError, match="nothing"):
        p.c["pyrpl"]["nothing"]
    with pytest.raises(KeyError, match="nothing"):
        del p.c["nothing"]


def test_an_unknown_name_with_an_underscore_is_an_attribute_error(p):
    with pytest.raises(AttributeError, match="has no '_nothing'"):
        p.c.pyrpl._nothing
    with pytest.raises(AttributeError, match=r"'_data' of .* cannot be set"):
        p.c.pyrpl._data = {}


def test_branches_of_one_path_are_equal(p):
    with connect("simulated") as q:
        assert q.c.pyrpl == p.c["pyrpl"]
        assert len({p.c.pyrpl, q.c.pyrpl, p.c}) == 2
    assert p.c.pyrpl != "pyrpl"
    assert p.c.pyrpl.modules._root == p.c


def test_a_branch_shows_whether_its_board_is_connected():
    with connect("simulated") as q:
        branch = q.c.pyrpl
        assert repr(branch) == "<configuration pyrpl of board 'simulated', connected>"
    assert repr(branch) == "<configuration pyrpl of board 'simulated', closed>"
    with pytest.raises(errors.SessionClosed):
        branch.name


def test_a_written_entry_is_seen_by_all_clients_and_saved_by_pyrpl(p):
    p.c.mine = {"numbers": [1, 2, {"deep": 3}], "text": "a"}
    p.c.mine.numbers[3] = np.float64(4.5)
    p.c["mine"]["new"] = None
    p.c.mine._get_or_create("one.two").three = 3
    expected = {"numbers": [1, 2, {"deep": 3}, 4.5], "text": "a", "new": None, "one": {"two": {"three": 3}}}
    with connect("simulated") as q:
        assert q.c.mine._data == expected
    assert p.c.mine.numbers[2].deep == 3
    file = Path(p.c._filename)
    # PyRPL saves at most every 3 s, and replaces the file when it does
    wait_until(
        lambda: file.exists() and (yaml.safe_load(file.read_text()) or {}).get("mine") == expected,
        what="PyRPL's file",
    )
    del p.c.mine["text"]
    del p.c.mine.new
    assert p.c.mine._pop("one") == {"two": {"three": 3}}
    assert list(p.c.mine) == ["numbers"]
    p.c.mine._erase()
    assert "mine" not in p.c


def test_a_branch_can_be_read_and_replaced_as_yaml_and_renamed(p):
    p.c.mine = {"a": 1}
    p.c.mine._set_yml(p.c.mine._get_yml().replace("a: 1", "b: 2"))
    p.c.mine._update({"c": 3})
    p.c.mine._rename("yours")
    assert p.c.yours._data == {"b": 2, "c": 3}
    p.c.copy = p.c.yours
    assert p.c.copy._data == p.c.yours._data
    p.c.yours._erase()
    p.c.copy._erase()


def test_a_value_that_yaml_cannot_store_is_refused_and_saving_still_works(p):
    for bad in (p.rp.scope, {"deep": [p.rp.scope]}, object()):
        with pytest.raises(errors.NotTransferable, match="cannot"):
            p.c.mine = bad
    assert "mine" not in p.c


def test_each_module_has_its_branch(p):
    p.rp.scope.duration = 1e-3
    assert p.rp.scope.c.duration == p.rp.scope.duration
    assert p.rp.scope.c == p.c.scope
    assert p.rp.scope.c._fullbranchname == "scope"
    assert p.lockbox.inputs.c._parent == p.lockbox.c
    assert p.pids.c is None
    with pytest.raises(AttributeError):
        p.c = {}
    assert "pyrpl" in p.c


def test_states_and_yml_of_a_module(p):
    scope = p.rp.scope
    scope.duration = 1e-3
    before = scope.duration
    scope.save_state("short")
    scope.duration = 0.1
    assert scope.states == ["short"]
    scope.load_state("short")
    assert scope.duration == before
    scope.erase_state("short")
    assert scope.states == []
    with pytest.raises(KeyError, match="short"):
        scope.load_state("short")
    scope.set_yml(scope.get_yml().replace("average: true", "average: false"))
    assert scope.average is False
    scope.setup_attributes = {"average": True}
    assert scope.setup_attributes["average"] is True
