"""Each module has a path that leads back to it, and no other object has one."""

from itertools import pairwise

import pytest

from pyrpl_remote import errors


@pytest.fixture
def sequence(pyrpl):
    """The lockbox's list of stages, with three of them."""
    pyrpl.lockbox.sequence = [{"duration": 1.0}, {"duration": 2.0}, {"duration": 3.0}]
    return pyrpl.lockbox.sequence


def test_every_module_is_found_by_its_path(modules, sequence):
    found = list(modules.modules())
    paths = [modules.path(module) for module in found]
    assert len(set(paths)) == len(paths) > 40
    assert [modules.module(path) for path in paths] == found
    assert paths[0] == ""
    assert {"rp", "rp.scope", "lockbox", "lockbox.inputs.input1", "lockbox.sequence"} <= set(paths)


def test_every_module_is_found_as_a_user_types_it(modules, sequence):
    typed = [modules.path(module, as_typed=True) for module in modules.modules()]
    assert "lockbox.sequence[2].outputs.output1" in typed
    assert [modules.path(modules.module(path), as_typed=True) for path in typed] == typed


def test_the_path_of_an_element_refers_to_it_after_others_are_deleted(modules, sequence):
    last, path = sequence[2], modules.path(sequence[2])
    assert modules.path(last, as_typed=True) == "lockbox.sequence[2]"
    del sequence[0]
    assert modules.module(path) is last
    assert modules.path(last) == path
    assert modules.path(last, as_typed=True) == "lockbox.sequence[1]"


def test_the_path_of_a_deleted_element_is_an_error(modules, sequence):
    path = modules.path(sequence[1])
    del sequence[1]
    with pytest.raises(errors.UnknownAttribute, match="was deleted"):
        modules.module(path)
    sequence.append({"duration": 4.0})
    assert modules.path(sequence[2]) != path


@pytest.mark.parametrize(
    "path",
    [
        "rp.nothing",
        "rp.pid0.p",
        "rp.pid0.setup",
        "rp.pid0[0]",
        "rp.pid0._parent",
        "lockbox.sequence[7]",
        "lockbox.sequence[-1]",
        "lockbox.sequence[#999]",
        "rp.pid0[#0]",
        "rp..pid0",
        "rp.pid0.",
        "__class__",
        "rp.__init__.__globals__",
        "rp.pid0()",
        "c",
    ],
)
def test_objects_that_are_no_modules_cannot_be_reached_by_a_path(modules, path):
    with pytest.raises(errors.UnknownAttribute, match="there is no module"):
        modules.module(path)


def test_values_have_no_path(modules, pyrpl):
    for value in (None, 1.0, "rp.scope", pyrpl.rp.pid0.p, pyrpl.c, type(pyrpl.rp.pid0)):
        assert modules.path(value) is None


def test_the_name_server_lists_hardware_and_software_modules(modules):
    listed = modules.top_level()
    assert {"rp.scope", "rp.pid0", "lockbox", "networkanalyzer"} <= set(listed)
    assert all(modules.path(modules.module(path)) == path for path in listed)
    names = [path.rpartition(".")[2] for path in listed]
    assert len(set(names)) == len(names)


def test_the_shape_changes_when_modules_come_and_go_or_are_replaced(modules, pyrpl, sequence):
    shapes = [modules.shape()]
    pyrpl.rp.pid0.p = 0.5
    assert modules.shape() == shapes[0]
    sequence.append({})
    shapes.append(modules.shape())
    pyrpl.lockbox.classname = "Linear"
    shapes.append(modules.shape())
    pyrpl.lockbox.classname = "Lockbox"
    shapes.append(modules.shape())
    assert all(before != after for before, after in pairwise(shapes))
