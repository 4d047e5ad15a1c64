"""The names of saved curves are read without the data, and files that are no curves are found out."""

import pickle
import time
from collections import OrderedDict

import numpy as np
import pytest

X = np.linspace(0, 1, 2**14).tolist()

WHOLE = {
    "as PyRPL saves it": [1, {"duration": 1.0, "name": "whole", "filter": [0, 1.5], "childs": None}, [X, X]],
    "complex": [1, {"name": "whole"}, [[1.0], [2j]]],
    "without points": [1, {"name": "whole"}, [[], []]],
    "another name inside": [1, {"a": {"name": "inner", "b": {}}, "t": (1, 2, 3, 4), "name": "whole"}, [X, X]],
    "many parameters": [1, {**{f"p{i}": i for i in range(3000)}, "name": "whole"}, [X, X]],
    "long parameters": [1, {"text": "x" * 200_000, "name": "whole"}, [X, X]],
    "numpy data": [1, {"name": "whole"}, (np.arange(3), np.arange(3))],
    "numpy parameters": [1, {"gain": np.float64(3), "name": "whole"}, [X, X]],
    "an ordered dict": [1, OrderedDict(name="whole"), [X, X]],
}  # fmt: skip


@pytest.fixture
def curves(pyrpl, tmp_path, monkeypatch):
    from pyrpl.curvedb import CurveDB

    monkeypatch.setattr(CurveDB, "_dirname", str(tmp_path))
    return CurveDB


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("content", WHOLE.values(), ids=WHOLE.keys())
def test_the_name_is_that_of_the_loaded_curve(curves, tmp_path, content, protocol):
    from pyrpl_remote.daemon.adapter.files.curve_names import saved_name

    (tmp_path / "1.dat").write_bytes(pickle.dumps(content, protocol))
    assert saved_name(curves, 1) == curves.get(1).name == "whole"


@pytest.mark.parametrize("cut", [1, 9, 1000, 100_000])
def test_a_file_that_is_cut_off_has_no_name(curves, tmp_path, cut):
    from pyrpl_remote.daemon.adapter.files.curve_names import saved_name

    (tmp_path / "1.dat").write_bytes(pickle.dumps([1, {"name": "cut off"}, [X, X]])[:-cut])
    with pytest.raises(ValueError, match=r"1\.dat cannot be read"):
        saved_name(curves, 1)


def test_the_data_are_not_read(curves, tmp_path):
    from pyrpl_remote.daemon.adapter.files.curve_names import saved_name

    (tmp_path / "1.dat").write_bytes(pickle.dumps([1, {"name": "large"}, [X * 50, X * 50]]))
    began = time.perf_counter()
    curves.get(1)
    loading = time.perf_counter() - began
    began = time.perf_counter()
    assert saved_name(curves, 1) == "large"
    assert time.perf_counter() - began < loading / 5


def test_only_files_named_by_a_number_are_curves(curves, tmp_path):
    from pyrpl_remote.daemon.adapter.files.saved_curves import listing

    for name in (
        "1.dat",
        "20.dat",
        "x - Kopie.dat",
        "3 (1).dat",
        "007.dat",
        "-1.dat",
        "²" + ".dat",
        "4.dat.bak",
    ):
        (tmp_path / name).touch()
    assert listing(curves) == ([20, 1], ["-1.dat", "007.dat", "3 (1).dat", "x - Kopie.dat", "².dat"])
    assert curves.all_pks() == [20, 1]
    assert curves("new").pk == 21


def test_the_list_of_all_curves_opens_none(curves, tmp_path):
    (tmp_path / "1.dat").write_bytes(pickle.dumps([1, {"name": "whole"}, [[1.0], [2.0]]]))
    (tmp_path / "2.dat").write_text("no curve")
    odd, whole = curves.all()
    assert (odd.pk, whole.pk) == (2, 1)
    assert whole.name == "whole"
    assert whole.data[1].tolist() == [2.0]
    with pytest.raises(ValueError, match=r"2\.dat cannot be read"):
        odd.params
    with pytest.raises(AttributeError):
        whole.nonsense


@pytest.mark.parametrize("named", ["1", "../1", 1.0, None, {"pk": 1}, ["../1"]])
def test_a_curve_is_opened_by_its_number_only(curves, named):
    with pytest.raises(TypeError, match="called by its number"):
        curves.get(named)
