"""The FPGA's model is compiled by several processes, and how far it is, is reported."""

import subprocess
import sys

import numba
import pytest

from pyrpl_remote.virtual import compilation
from pyrpl_remote.virtual.fpga import Fpga, blocks, compiled, engine


@pytest.fixture
def nothing_compiled(monkeypatch):
    """A small loop, which is not compiled, in place of the one over all blocks, which are in the cache."""
    monkeypatch.setattr(compiled, "functions", set())

    @compiled.inner
    def doubled(value):
        return 2 * value

    @compiled.counted(numba.njit)
    def loop(value):
        return doubled(value) + doubled(float(value))

    blocks.addresses()
    monkeypatch.setattr(engine, "run", loop)
    monkeypatch.setattr(engine, "TYPES", (numba.int64,))


@pytest.fixture
def reports():
    return []


def test_what_is_in_the_cache_is_loaded_without_a_helper_and_a_report(monkeypatch, reports):
    Fpga().advance(1)
    monkeypatch.setattr(compilation, "COMMAND", ["no such command"])
    compilation.complete(lambda *counts: reports.append(counts), helpers=1)
    assert reports == []


def test_a_board_compiles_the_loop_only_once():
    Fpga().advance(1)
    assert engine.run.signatures == [engine.TYPES]


@pytest.mark.parametrize("helpers", [0, 1])
def test_each_function_is_reported_once_whichever_process_compiles_it(nothing_compiled, reports, helpers):
    compilation.complete(lambda *counts: reports.append(counts), helpers)
    functions = 2 + len(blocks.PARTS)
    assert reports == [(done, functions) for done in range(1, functions + 1)]


def test_a_helper_compiles_what_it_is_told_and_ends_with_its_input():
    name = compilation.name_of(blocks.run_trigger.function)
    done = subprocess.run(compilation.COMMAND, input=f"{name}\n", capture_output=True, text=True, timeout=100)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == name


@pytest.mark.parametrize("command", [["no such command"], [sys.executable, "-c", "input()"]])
def test_without_helpers_that_work_all_is_compiled_all_the_same(
    nothing_compiled, monkeypatch, reports, command
):
    monkeypatch.setattr(compilation, "COMMAND", command)
    compilation.complete(lambda *counts: reports.append(counts), helpers=1)
    assert engine.run(3) == 12
    assert len(reports) >= 2
