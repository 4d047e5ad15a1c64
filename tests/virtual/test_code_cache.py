"""Compiled code is kept in the user's cache folder, and a board runs where nothing can be kept."""

import sys
from pathlib import Path

import pytest

import pyrpl_remote
from pyrpl_remote.virtual import plants
from pyrpl_remote.virtual.fpga import engine

SMALL_FUNCTION = """
import logging
import numba
from pyrpl_remote.virtual import code_cache

logging.basicConfig()

@code_cache.kept(numba.njit)
def double(x):
    return 2 * x

folder = code_cache.folder()
report(
    four=double(2),
    folder=folder and str(folder),
    kept=[] if folder is None else sorted(path.suffix for path in folder.glob("*/*")),
    users_own=numba.config.CACHE_DIR,
)
"""
"""Compiles a function in a file of its own, as `-c` has none to which numba could assign a cache."""


FULL_DISK = """
import resource
from numba import cfunc
from pyrpl_remote.virtual import code_cache

folder = code_cache.folder()
resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))

@code_cache.kept(cfunc, "float64(float64)")
def double(x):
    return 2 * x

report(four=double.ctypes(2.0), kept=[str(path) for path in folder.glob("*/double*")])
"""


def run_as_file(run_python, folder: Path, lines: str, **environment: str) -> dict:
    (folder / "small.py").write_text(lines)
    run = f"import runpy; runpy.run_path({str(folder / 'small.py')!r}, {{'report': report}})"
    return run_python(run, **environment)


def test_nothing_compiled_lies_beside_the_sources():
    sources = Path(pyrpl_remote.__file__).parent
    for kept in (engine.run.stats.cache_path, plants.Loopback.function.compiled._cache.cache_path):
        assert sources not in Path(kept).parents


def test_compiled_code_is_in_the_users_cache_folder_by_release_and_sources(run_python, tmp_path):
    found = run_as_file(
        run_python, tmp_path, SMALL_FUNCTION, XDG_CACHE_HOME=str(tmp_path / "cache"), NUMBA_CACHE_DIR=""
    )
    folder = Path(found["folder"])
    assert folder.parent == tmp_path / "cache" / "pyrpl_remote"
    assert folder.name.startswith(f"{pyrpl_remote.__version__}-numba")
    assert found["kept"] == [".nbc", ".nbi"]
    assert found["users_own"] == ""
    assert not list(tmp_path.rglob("__pycache__/*.nb?"))


def test_a_folder_that_the_user_chose_for_numba_is_used(run_python, tmp_path):
    found = run_as_file(run_python, tmp_path, SMALL_FUNCTION, NUMBA_CACHE_DIR=str(tmp_path / "chosen"))
    assert Path(found["folder"]).parent == tmp_path / "chosen"
    assert found["users_own"] == str(tmp_path / "chosen")


def test_without_a_writable_folder_nothing_is_kept_and_all_works(run_python, tmp_path):
    (tmp_path / "file").touch()
    found = run_as_file(
        run_python, tmp_path, SMALL_FUNCTION, NUMBA_CACHE_DIR=str(tmp_path / "file" / "below")
    )
    assert found["four"] == 4
    assert found["folder"] is None
    assert not list(tmp_path.rglob("*.nb?"))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit of a file's size")
def test_on_a_full_disk_nothing_is_kept_and_all_works(run_python, tmp_path):
    found = run_as_file(run_python, tmp_path, FULL_DISK, NUMBA_CACHE_DIR=str(tmp_path / "cache"))
    assert found == {"four": 4, "kept": []}
