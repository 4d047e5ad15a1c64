"""The FPGA's model is compiled by several processes, and how far it is, is reported."""

import os
import subprocess
import sys

import numba
import pytest

from pyrpl_remote.virtual import building, compilation
from pyrpl_remote.virtual.fpga import Fpga, blocks, compiled, engine
from pyrpl_remote.virtual.options import BoardOptions


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
    pipe = subprocess.PIPE
    with subprocess.Popen(compilation.COMMAND, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as helper:
        print(name, file=helper.stdin, flush=True)
        assert name in iter(lambda: helper.stdout.readline().strip(), "")
        assert helper.communicate(timeout=100) == ("", "")
    assert helper.returncode == 0


def test_a_helper_ends_with_its_input_while_it_compiles(tmp_path, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))  # there it finds nothing
    pipe = subprocess.PIPE
    with subprocess.Popen(compilation.COMMAND, stdin=pipe, stdout=pipe, text=True) as helper:
        print(compilation.name_of(blocks.run_scope.function), file=helper.stdin, flush=True)
        assert helper.stdout.readline() != ""  # the first of many functions is compiled
        assert compilation.name_of(blocks.run_scope.function) not in helper.communicate(timeout=100)[0]
    assert helper.returncode == 0


@pytest.mark.parametrize("command", [["no such command"], [sys.executable, "-c", "input()"]])
def test_without_helpers_that_work_all_is_compiled_all_the_same(
    nothing_compiled, monkeypatch, reports, command
):
    monkeypatch.setattr(compilation, "COMMAND", command)
    compilation.complete(lambda *counts: reports.append(counts), helpers=1)
    assert engine.run(3) == 12
    assert reports[-1] == (2 + len(blocks.PARTS),) * 2


def test_a_helper_that_hangs_is_ended(nothing_compiled, monkeypatch, reports, caplog):
    monkeypatch.setattr(compilation, "COMMAND", [sys.executable, "-c", "import time; time.sleep(1000)"])
    monkeypatch.setattr(compilation, "LAST_SECONDS", 0.5)
    compilation.complete(lambda *counts: reports.append(counts), helpers=1)
    assert engine.run(3) == 12
    assert reports[-1] == (2 + len(blocks.PARTS),) * 2
    assert "is ended" in caplog.text


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the system has no such limit")
def test_on_one_processor_nobody_helps():
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        assert compilation._processors() == 1
    finally:
        os.sched_setaffinity(0, allowed)


def test_without_numbas_compiler_the_error_names_the_variable(monkeypatch, reports):
    monkeypatch.setattr(numba.config, "DISABLE_JIT", 1)
    with pytest.raises(ValueError, match="NUMBA_DISABLE_JIT forbids: unset it"):
        building.make_fpga(BoardOptions(), lambda *counts: reports.append(counts))
