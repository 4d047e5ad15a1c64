"""Modules, branches, curves and methods of a board are encoded as references and decoded again."""

import numpy as np
import pytest

from pyrpl_remote.daemon.values import Plain, PrivateMethod
from pyrpl_remote.errors import NotTransferable, UnknownAttribute


@pytest.mark.parametrize("path", ["", "rp", "rp.pid0", "networkanalyzer", "lockbox.inputs"])
def test_a_module_travels_as_its_path_and_comes_back_as_itself(rig, path):
    module = rig.modules.module(path)
    plain = rig.values.encode(module)
    assert plain == {"!module": path}
    assert rig.values.decode(plain) is module
    assert rig.values.decode(rig.values.encode([{"of": module}])) == [{"of": module}]


def test_an_element_of_a_list_keeps_its_path_when_another_is_inserted_before_it(rig):
    sequence = rig.pyrpl.lockbox.sequence
    element = sequence[0]
    plain = rig.values.encode(element)
    sequence.insert(0, {})
    try:
        assert sequence[1] is element
        assert rig.values.decode(plain) is element
    finally:
        sequence.pop(0)


def test_a_path_without_module_raises_unknown_attribute(rig):
    for path in ("rp.pid9", "lockbox.sequence[#99]", "rp.__class__", "rp.pid0.p", "rp..pid0"):
        with pytest.raises(UnknownAttribute, match="no module"):
            rig.values.decode({"!module": path})


def test_a_private_method_travels_as_its_module_and_name(rig):
    assert rig.values.encode(PrivateMethod("rp.pid0", "_setup")) == {"!method": ["rp.pid0", "_setup"]}


def test_plain_results_are_not_encoded_again(rig):
    data = {"!module": "text that only looks like one"}
    assert rig.values.encode(Plain(data)) is data


def test_a_branch_of_the_configuration_travels_as_its_keys(rig):
    rig.pyrpl.c["ours"] = {"below": {"key": 1}}
    assert rig.values.encode(rig.pyrpl.c.ours.below) == {"!config": ["ours", "below"]}


def test_a_branch_of_another_tree_does_not_travel(rig):
    from pyrpl.memory import MemoryTree

    other = MemoryTree()
    other.section = {"key": 1}
    with pytest.raises(NotTransferable):
        rig.values.encode(other.section)


def test_a_saved_curve_travels_with_its_number_and_comes_back_as_that_curve(rig):
    from pyrpl.curvedb import CurveDB

    curve = CurveDB.create(np.arange(3.0), np.ones(3), name="ours")
    try:
        plain = rig.values.encode(curve)
        assert plain["!curve"]["pk"] == curve.pk
        assert plain["!curve"]["params"]["name"] == "ours"
        back = rig.values.decode(plain)
        assert back.pk == curve.pk
        np.testing.assert_array_equal(back.data[0], np.arange(3.0))
    finally:
        curve.delete()


def test_a_large_array_travels_beside_uncopied_and_a_small_one_inside(rig):
    large, small, beside = np.zeros(1000), np.arange(3.0), []
    plain = rig.values.encode([small, large], beside)
    assert plain == [{"!array": ["<f8", [3], small.tobytes()]}, {"!array": ["<f8", [1000], 0]}]
    assert len(beside) == 1 and np.shares_memory(beside[0], large)


def test_a_value_that_cannot_be_encoded_is_an_error_that_names_its_type(rig):
    with pytest.raises(NotTransferable, match=r"logging\.Logger"):
        rig.values.encode(rig.pyrpl.logger)
