"""Saved curves: the data are in the client, the numbers and files on the daemon's machine."""

import copy
import gc
import os
import pickle
from pathlib import Path

import numpy as np
import pytest

from pyrpl_remote import connect, errors


def test_an_acquisition_is_saved_listed_loaded_and_deleted(p):
    p.rp.asg0.setup(
        waveform="sin", frequency=1e4, amplitude=0.5, output_direct="off", trigger_source="immediately"
    )
    p.rp.scope.setup(input1="asg0", duration=1e-3, trigger_source="immediately", rolling_mode=False)
    p.rp.scope.single(timeout=10)
    first, second = p.rp.scope.save_curve()
    assert first.x.shape == first.y.shape == (2**14,)
    assert first.data[1] is first.y
    assert np.max(first.y) == pytest.approx(0.5, abs=0.01)
    assert first.name == first.params["name"] == "scope curve ch1"
    assert first.params["duration"] == p.rp.scope.duration
    assert p.curves() == {second.pk: second.name, first.pk: first.name}
    again = p.load_curve(first.pk)
    assert np.array_equal(again.y, first.y)
    assert again.params == first.params
    first.delete()
    second.delete()
    assert p.curves() == {}


def test_curves_have_parents_and_children(p):
    parent = p.create_curve([1, 2], [3, 4], name="parent")
    child = p.create_curve([1], [2], name="child", parent=parent.pk)
    parent.params["childs"] = [child.pk]
    parent.save()
    assert [found.pk for found in parent.childs] == [child.pk]
    assert parent.get_child("child").pk == child.pk
    assert parent.get_child("other") is None
    assert p.load_curve(child.pk).parent.pk == parent.pk
    # PyRPL removes a curve's file before it looks for it among the children of its parent, and fails
    del child.params["parent"]
    child.save()
    parent.delete()
    assert p.curves() == {}


def test_a_users_own_curve_is_saved_and_changed(p):
    curve = p.create_curve([1, 2, 3], [1j, 2, 3], name="mine", laser="red")
    assert p.load_curve(curve.pk).params == {"name": "mine", "laser": "red", "childs": None}
    curve.name = "yours"
    curve.params["laser"] = "blue"
    curve.save()
    found = p.load_curve(curve.pk)
    assert (found.name, found.params["laser"], found.y.tolist()) == ("yours", "blue", [1j, 2, 3])
    assert found.childs == []
    assert found.parent is None
    # PyRPL takes a curve where it selects one
    p.curveviewer.pk = found
    assert p.curveviewer.curve_name == "yours"
    curve.delete()


def test_a_curve_that_cannot_be_saved_does_not_damage_its_file(p):
    curve = p.create_curve([1, 2], [3, 4], name="whole")
    numbers = list(p.curves())
    with pytest.raises(ValueError, match="of one length"):
        p.create_curve([1, 2], [3], name="ragged")
    curve.params["module"] = p.rp.scope
    with pytest.raises(errors.NotTransferable, match="cannot"):
        curve.save()
    assert list(p.curves()) == numbers
    assert p.load_curve(curve.pk).y.tolist() == [3, 4]
    curve.delete()


def test_loading_a_curve_that_does_not_exist_is_an_error(p):
    with pytest.raises(FileNotFoundError):
        p.load_curve(4711)


def test_a_curve_number_cannot_be_a_path(p):
    for bad in ("../../etc/passwd", "1", 1.5, None):
        with pytest.raises(TypeError):
            p.load_curve(bad)


def test_a_damaged_file_is_left_out_of_the_list(p):
    curve = p.create_curve([1], [2], name="whole")
    damaged = Path(os.environ["PYRPL_USER_DIR"], "curve", f"{curve.pk + 1}.dat")
    damaged.write_bytes(b"")
    assert p.curves() == {curve.pk: "whole"}
    damaged.unlink()
    curve.delete()


@pytest.mark.parametrize("duplicate", [copy.copy, lambda curve: pickle.loads(pickle.dumps(curve))])
def test_a_copy_of_a_curve_has_its_data_and_no_board(p, duplicate):
    saved = p.create_curve([1, 2], [3, 4], name="kept")
    curve = duplicate(saved)
    assert (curve.pk, curve.name, curve.y.tolist()) == (saved.pk, "kept", [3, 4])
    assert repr(curve) == f"<Curve {saved.pk} 'kept', 2 points>"
    with pytest.raises(errors.SessionClosed, match="load it again"):
        curve.save()
    saved.delete()


def test_a_curve_keeps_its_data_but_not_its_board():
    q = connect("virtual")
    curve = q.create_curve([1, 2], [3, 4], name="kept")
    curve.delete()
    q.close()
    with pytest.raises(errors.SessionClosed, match="used after close"):
        curve.save()
    del q
    gc.collect()
    with pytest.raises(errors.SessionClosed, match="no longer exists"):
        curve.save()
    assert curve.y.tolist() == [3, 4]


def test_an_unsaved_curve_cannot_be_sent_to_pyrpl(p):
    curve = copy.copy(p.create_curve([1], [2], name="unsaved"))
    pk, curve.pk = curve.pk, None
    with pytest.raises(errors.NotTransferable, match="was never saved"):
        p.curveviewer.pk = curve
    p.load_curve(pk).delete()
