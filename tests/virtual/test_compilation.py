"""How far the compilation of the FPGA's model is, is reported while it is compiled."""

from numba import njit

from pyrpl_remote.virtual import compilation
from pyrpl_remote.virtual.fpga import compiled


def test_each_function_of_the_model_is_reported_once_when_it_is_compiled(monkeypatch):
    monkeypatch.setattr(compiled, "functions", set())

    @compiled.inner
    def doubled(value):
        return 2 * value

    @compiled.hot
    def increased(value):
        return doubled(value) + 1

    @njit
    def other(value):
        return increased(value) + doubled(float(value))

    reports: list[tuple[int, int]] = []
    with compilation.reported(lambda *counts: reports.append(counts)):
        assert other(1) == 5
        assert other(2) == 9
    assert reports == [(1, 2), (2, 2)]
    assert other(1.5) == 7
    assert len(reports) == 2
