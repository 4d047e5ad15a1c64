"""Lists, dicts and managers of modules, list attributes, and what cannot be remote."""

import copy
import pickle

import pytest

from pyrpl_remote import errors

from ..daemons import fake_board


@pytest.fixture(scope="module")
def p():
    """A board whose registers PyRPL simulates itself: no signal is needed here."""
    with fake_board("simulated") as p:
        yield p


def durations(p):
    return [stage.duration for stage in p.lockbox.sequence]


def test_a_sequence_is_a_list_of_modules(p):
    sequence = p.lockbox.sequence
    p.lockbox.sequence = [{"duration": 0.5}]
    sequence.append({"duration": 2.0})
    sequence.insert(0, {"duration": 1.0})
    assert durations(p) == [1.0, 0.5, 2.0]
    assert len(sequence) == 3
    assert sequence == list(sequence) == sequence[:]
    more = ["more"]
    assert sequence + more == [*sequence, "more"]
    assert more + sequence == ["more", *sequence]
    assert sequence != p.lockbox.inputs
    assert [stage.name for stage in reversed(sequence)] == [2, 1, 0]
    assert sequence[-1].next is None
    assert sequence[0].next == sequence[1]
    assert sequence[1] in sequence
    assert sequence.index(sequence[1]) == 1
    sequence[0] = {"duration": 3.0}
    assert sequence.pop()["duration"] == 2.0
    assert durations(p) == [3.0, 0.5]
    with pytest.raises(IndexError):
        sequence[7]
    sequence[1].outputs.output1.lock_on = True
    assert sequence[1].outputs["output1"].lock_on is True


def test_the_proxy_of_a_stage_refers_to_it_when_its_index_changes(p):
    p.lockbox.sequence = [{"duration": 0.5}]
    stage = p.lockbox.sequence[0]
    p.lockbox.sequence.insert(0, {"duration": 1.0})
    stage.duration = 4.0
    assert durations(p) == [1.0, 4.0]
    assert (stage.name, stage == p.lockbox.sequence[1]) == (1, True)
    del p.lockbox.sequence[1]
    with pytest.raises(errors.UnknownAttribute, match="was deleted"):
        stage.duration = 5.0
    assert durations(p) == [1.0]


def test_inputs_are_dict_like_as_in_pyrpl(p):
    inputs = p.lockbox.inputs
    assert list(inputs.keys()) == ["input1", "input_from_output"]
    assert list(inputs) == inputs.values() == [inputs.input1, inputs["input_from_output"]]
    assert dict(inputs.items())["input1"] == inputs.input1
    assert inputs.input1 in inputs
    assert "input1" not in inputs  # PyRPL's dicts iterate over modules
    with pytest.raises(TypeError, match="len"):
        len(inputs)


def test_lists_of_modules_of_the_board(p):
    assert p.modules == p.hardware_modules + p.software_modules
    assert p.rp.modules["scope"] == p.rp.scope
    assert p.redpitaya == p.rp
    assert p.lockbox in p.software_modules


def test_a_manager_lends_a_module(p):
    with p.pids.pop("me") as pid:
        assert pid.owner == "me"
        assert pid in p.pids.all_modules
        assert p.pids.n_available() < p.pids.n_modules()
    assert pid.owner is None
    with pytest.raises(RuntimeError), p.iqs.pop("me") as iq:
        raise RuntimeError
    assert iq.owner is None
    lent = []
    # PyRPL's InsufficientResourceError is a ValueError, also where its class is not known
    with pytest.raises(ValueError, match="No more pids left"):
        lent.extend(p.pids.pop("me") for _ in range(p.pids.n_modules() + 1))
    assert len(lent) > 0
    for pid in lent:
        p.pids.free(pid)
        assert pid.owner is None


def test_changing_a_list_attribute_changes_the_board(p):
    zeros = p.rp.iir.complex_zeros
    zeros.append(-1000 + 2000j)
    assert zeros == p.rp.iir.complex_zeros == [-1000 + 2000j]
    zeros.append()  # PyRPL's default element
    zeros[0] = -5 - 5j  # PyRPL keeps the one above the axis
    assert p.rp.iir.complex_zeros == zeros
    assert zeros[0] == -5 + 5j
    assert zeros.pop(0) == -5 + 5j
    zeros += [-1 - 1j]
    assert p.rp.iir.complex_zeros == zeros
    zeros.clear()
    assert p.rp.iir.complex_zeros == []
    zeros = p.rp.iir.real_zeros
    zeros.extend([-3.0, -1.0, -2.0])
    zeros.sort()
    assert p.rp.iir.real_zeros == zeros == [-3.0, -2.0, -1.0]
    zeros[1:] = []
    assert p.rp.iir.real_zeros == [-3.0]
    with pytest.raises(ValueError, match="could not convert string to float"):
        zeros.append("no number")
    with pytest.raises(ValueError, match="not in list"):
        zeros.remove(77.0)
    del zeros[0]
    assert p.rp.iir.real_zeros == []


def test_a_list_attribute_has_the_operations_of_a_list(p):
    zeros = p.rp.iir.real_zeros
    zeros.extend([-3.0, -2.0])
    zeros.insert(1, -1.0)
    assert p.rp.iir.real_zeros == zeros == [-3.0, -1.0, -2.0]
    zeros.reverse()
    assert p.rp.iir.real_zeros == zeros == [-2.0, -1.0, -3.0]
    del zeros[:2]
    assert p.rp.iir.real_zeros == zeros == [-3.0]
    zeros *= 1
    assert p.rp.iir.real_zeros == zeros == [-3.0]
    zeros *= 0
    assert p.rp.iir.real_zeros == zeros == []


@pytest.mark.parametrize(
    "duplicate", [lambda zeros: zeros.copy(), copy.deepcopy, lambda zeros: pickle.loads(pickle.dumps(zeros))]
)
def test_changing_a_copy_of_a_list_attribute_does_not_change_the_board(p, duplicate):
    p.rp.iir.real_zeros = [-3.0]
    copied = duplicate(p.rp.iir.real_zeros)
    assert type(copied) is list
    copied.append(-1.0)
    assert p.rp.iir.real_zeros == [-3.0]
    p.rp.iir.real_zeros = []


def test_after_an_error_a_list_is_as_it_was_before_here_and_in_pyrpl(p):
    poles = p.rp.iir.real_poles
    poles.append(-1.0)
    with pytest.raises(ValueError, match="twice"):
        poles.append(-1.0)
    assert poles == p.rp.iir.real_poles == [-1.0]
    with pytest.raises(ValueError, match="twice"):
        poles[:] = [-2.0, -2.0]
    assert poles == p.rp.iir.real_poles == [-1.0]
    poles.clear()


@pytest.mark.parametrize(
    ("module", "name", "way"),
    [
        ("", "widgets", "show_gui"),
        ("rp", "client", "attributes of the modules"),
        ("rp", "end_all", "pyrpl-remote stop"),
        ("rp.scope", "_signal_launcher", "on_change"),
        ("rp.scope", "do_setup", "setup"),
        ("rp.iir", "iirfilter", "coefficients"),
        ("lockbox", "unlock_event", "on_change"),
    ],
)
def test_members_that_cannot_be_remote_raise_an_error_that_says_what_to_use(p, module, name, way):
    for step in module.split(".") if module else ():
        p = getattr(p, step)
    assert not hasattr(p, name)
    with pytest.raises(errors.NotRemote, match=way):
        getattr(p, name)


def test_pyrpls_internal_objects_cannot_be_replaced(p):
    for module, name in (
        (p, "rp"),
        (p, "software_modules"),
        (p.rp, "modules"),
        (p.rp.scope, "parent"),
        (p.rp.scope, "name"),
    ):
        before = getattr(module, name)
        with pytest.raises(AttributeError, match=name):
            setattr(module, name, None)
        assert getattr(module, name) == before
