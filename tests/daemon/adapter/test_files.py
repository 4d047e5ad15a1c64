"""The configuration tree and the saved curves: read, changed and saved as PyRPL does."""

import pickle
from pathlib import Path

import numpy as np
import pytest
import yaml

from pyrpl_remote import errors
from pyrpl_remote.protocol import VERBS
from pyrpl_remote.wire import encode

X, Y = np.arange(3.0), np.array([1j, 2.0, 3.0])


@pytest.fixture(scope="module")
def saved(start_board):
    """A Pyrpl that keeps its configuration in a file."""
    return start_board("saved", hostname="_FAKE_").pyrpl


@pytest.fixture
def files(saved):
    """Its files, with the branch "mine" of the configuration."""
    from pyrpl_remote.daemon.adapter.files.files import Files

    saved.c["mine"] = {"laser": "red", "powers": [1, 2], "deep": {"er": True}}
    return Files(saved.c)


@pytest.fixture
def folder():
    """PyRPL's folder of curves, without any."""
    from pyrpl.curvedb import CurveDB

    curves = Path(CurveDB._dirname)
    yield curves
    for file in curves.iterdir():
        file.unlink()


def on_disk(saved) -> dict:
    saved.c._write_to_file()
    return yaml.safe_load(Path(saved.c._filename).read_text())


def test_entries_and_branches_are_read(files):
    assert files.config(["mine", "laser"], False) == "red"
    assert files.config(["mine", "powers", 1], False) == 2
    assert files.config(["mine"], True) == {"laser": "red", "powers": [1, 2], "deep": {"er": True}}
    assert files.config([], True)["mine"]["deep"] == {"er": True}
    assert yaml.safe_load(files.config_yml(["mine", "deep"])) == {"er": True}


def test_a_branch_travels_as_the_keys_that_lead_to_it(files):
    tagged = files.tagged(files.config(["mine", "deep"], False), encode)
    assert tagged == {"!config": ["mine", "deep"]}
    assert files.tagged(files.config([], False), encode) == {"!config": []}


def test_a_branch_of_another_tree_is_not_encoded(files):
    from pyrpl.memory import MemoryTree

    other = MemoryTree()
    other["mine"] = {"laser": "blue"}
    assert files.tagged(other.mine, encode) is None
    assert files.tagged(1.5, encode) is None


def test_an_entry_that_is_no_branch_is_an_error_that_names_it(files):
    with pytest.raises(KeyError, match=r"mine\.laser is no branch"):
        files.config(["mine", "laser", "colour"], False)
    with pytest.raises(KeyError):
        files.config(["mine", "nothing"], False)


def test_changes_reach_the_file(files, saved):
    files.set_config(["mine"], "laser", "blue")
    files.update_config(["mine"], {"power": 3, "phase": 0.5})
    assert files.pop_config(["mine"], "powers") == [1, 2]
    files.set_config_yml(["mine", "deep"], "er: false\nest: [1, 2]")
    assert files.config_branch(["mine"], "new.branch") is not None
    files.rename_config(["mine", "new"], "renamed")
    assert on_disk(saved)["mine"] == {
        "laser": "blue",
        "power": 3,
        "phase": 0.5,
        "deep": {"er": False, "est": [1, 2]},
        "renamed": {"branch": {}},
    }


def test_a_value_that_yaml_cannot_store_is_refused_and_the_file_can_be_written(files, saved):
    for change in (files.set_config, lambda keys, key, value: files.update_config(keys, {key: value})):
        with pytest.raises(errors.NotTransferable, match="configuration cannot hold"):
            change(["mine"], "odd", {"a": object()})
    assert "odd" not in on_disk(saved)["mine"]


def test_the_path_of_the_file_is_returned(files, pyrpl):
    from pyrpl_remote.daemon.adapter.files.files import Files

    assert files.config_file().endswith("saved.yml")
    assert Files(pyrpl.c).config_file() is None


def test_a_curve_is_saved_listed_loaded_and_deleted(files, folder):
    first = files.save_curve(None, {"name": "first", "laser": "red"}, [X, Y])
    second = files.save_curve(None, {}, [X, X])
    numbers = files.curve_numbers()
    assert numbers == [second.pk, first.pk]
    assert files.curve_names(numbers) == ["new_curve", "first"]
    assert files.curve(first.pk).params == {"name": "first", "laser": "red", "childs": None}
    assert files.curve(first.pk).data[1].tolist() == Y.tolist()
    files.save_curve(first.pk, {"name": "renamed"}, [X, X])
    assert files.curve_names([first.pk]) == ["renamed"]
    files.delete_curve(first.pk)
    assert files.curve_numbers() == [second.pk]
    with pytest.raises(FileNotFoundError):
        files.curve(first.pk)


def test_a_curve_travels_as_a_value_with_its_number(files, folder):
    from pyrpl_remote.daemon.adapter.files.files import curve_of

    curve = files.save_curve(None, {"name": "mine"}, [X, Y])
    content = files.tagged(curve, lambda value: value)["!curve"]
    assert (content["pk"], content["params"]["name"]) == (curve.pk, "mine")
    assert np.array_equal(content["data"][1], Y)
    assert curve_of(content).pk == curve.pk


def test_encoding_an_unsaved_curve_does_not_save_it(files, folder):
    from pyrpl.curvedb import CurveDB

    assert files.tagged(CurveDB("unsaved"), lambda value: value)["!curve"]["pk"] is None
    assert files.curve_numbers() == []


@pytest.mark.parametrize("data", [[[1, 2], [3]], [[[1]], [[2]]], [1, 2]])
def test_an_invalid_curve_leaves_no_file(files, folder, data):
    with pytest.raises(ValueError, match="1-d and of one length"):
        files.save_curve(None, {}, data)
    assert list(folder.iterdir()) == []


def test_a_curve_that_cannot_be_encoded_does_not_damage_its_file(files, folder):
    number = files.save_curve(None, {"name": "whole"}, [X, Y]).pk
    with pytest.raises(errors.NotTransferable):
        files.save_curve(number, {"name": "odd", "odd": object()}, [X, Y])
    assert files.curve_names([number]) == ["whole"]


@pytest.mark.parametrize("number", ["1", "../secret", 1.0, None])
def test_a_curve_number_cannot_be_a_path(files, number):
    from pyrpl_remote.daemon.adapter.files.files import curve_of

    for access in (files.curve, files.delete_curve, lambda n: files.curve_names([n])):
        with pytest.raises(TypeError):
            access(number)
    with pytest.raises(TypeError):
        curve_of({"pk": number})


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x80",
        b"no curve",
        pickle.dumps([1, {"name": "long"}, [[1.0] * 99, [2.0] * 99]])[:-200],
        pickle.dumps([1, {"name": "two"}]),
        pickle.dumps(3),
        pickle.dumps([1, {}, [[1.0], [2.0]]]),
        pickle.dumps([1, None, [[1.0], [2.0]]]),
        b"cno_such_library\nSeries\n.",
        b"cos\nno_such_name\n.",
    ],
    ids=[
        "empty", "one byte", "text", "cut off", "too short", "a number", "nameless", "no parameters",
        "of a missing library", "of a missing class",
    ],
)  # fmt: skip
def test_a_damaged_file_has_no_name_and_hides_no_other_curve(files, folder, content):
    whole = files.save_curve(None, {"name": "whole"}, [X, Y]).pk
    (folder / f"{whole + 1}.dat").write_bytes(content)
    assert files.curve_names(files.curve_numbers()) == [None, "whole"]
    assert files.curve_names([whole, whole + 2]) == ["whole", None]


def test_every_public_method_of_files_is_a_verb():
    from pyrpl_remote.daemon.adapter.files.files import Files

    public = {name for name in vars(Files) if not name.startswith("_")}
    assert public - {"tagged"} <= VERBS.keys()
