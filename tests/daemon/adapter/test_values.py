"""Invalid writes are refused before they reach PyRPL, with an error that names the attribute."""

import numpy as np
import pytest

from pyrpl_remote import errors


def test_read_only_attributes_cannot_be_written(modules, pyrpl):
    with pytest.raises(AttributeError, match=r"rp\.scope: 'times' is read-only"):
        modules.require_writable(pyrpl.rp.scope, "rp.scope", "times")
    modules.require_writable(pyrpl.rp.scope, "rp.scope", "input1")
    modules.require_writable(pyrpl.rp.scope, "rp.scope", "_trace_average_now")


def test_the_modules_of_the_board_cannot_be_replaced(modules, pyrpl):
    with pytest.raises(AttributeError, match="the board: 'lockbox' is read-only"):
        modules.require_writable(pyrpl, "", "lockbox")
    with pytest.raises(AttributeError, match="rp: 'scope' is read-only"):
        modules.require_writable(pyrpl.rp, "rp", "scope")
    # PyRPL sets up the stages of the list that is there
    modules.require_writable(pyrpl.lockbox, "lockbox", "sequence")


@pytest.mark.parametrize("value", [float("nan"), complex(1, float("nan")), np.array([0.0, np.nan])])
def test_nan_is_refused_where_pyrpl_takes_numbers(modules, pyrpl, value):
    with pytest.raises(ValueError, match=r"rp\.asg0\.data takes no NaN"):
        modules.require_number(pyrpl.rp.asg0, "rp.asg0", "data", value)
    with pytest.raises(ValueError, match=r"rp\.pid0\.p takes no NaN"):
        modules.require_number(pyrpl.rp.pid0, "rp.pid0", "p", value)
    # nothing of it goes to the board
    modules.require_number(pyrpl.rp.scope, "rp.scope", "data_avg", value)


@pytest.mark.parametrize("value", [1.5, 3, "in1", None, np.arange(3), np.array(["a"]), float("inf")])
def test_other_values_are_accepted(modules, pyrpl, value):
    modules.require_number(pyrpl.rp.pid0, "rp.pid0", "p", value)


def test_a_list_attribute_is_changed_in_place(pyrpl):
    from pyrpl_remote.daemon.adapter.modules.values import edit_list

    pyrpl.rp.iir.real_zeros = [-1000.0, -2000.0]
    assert edit_list(pyrpl.rp.iir.real_zeros, "append", [-3000.0]) is None
    assert edit_list(pyrpl.rp.iir.real_zeros, "pop", [0]) == -1000.0
    edit_list(pyrpl.rp.iir.real_zeros, "__setitem__", [0, -2500.0])
    assert list(pyrpl.rp.iir.real_zeros) == [-2500.0, -3000.0]


@pytest.mark.parametrize("operation", ["sort", "__class__", "__init__", "nothing"])
def test_other_methods_of_a_list_cannot_be_called(pyrpl, operation):
    from pyrpl_remote.daemon.adapter.modules.values import edit_list

    with pytest.raises(errors.UnknownAttribute, match="is no change of a list"):
        edit_list(pyrpl.rp.iir.real_zeros, operation, [])
    with pytest.raises(errors.UnknownAttribute, match="is no change of a list"):
        edit_list([1, 2], "append", [3])
