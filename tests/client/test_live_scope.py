"""The live scope of a notebook: it shows the curves, whoever acquires."""

import gc
import importlib
import sys
from typing import Any, cast

import pytest

from pyrpl_remote import connect, errors, notebook
from pyrpl_remote.notebook import LiveScope

from ..processes import wait_until


def set_up(p):
    p.rp.scope.stop()
    p.rp.scope.setup(input1="in1", duration=1e-3, trigger_source="immediately", rolling_mode=False)


def test_it_starts_an_acquisition_where_none_runs_and_ends_it(p):
    set_up(p)
    live = LiveScope(p)
    try:
        wait_until(lambda: live.pictures > 2, 20)
        assert p.rp.scope.running_state == "running_continuous"
        assert bytes(live.children[0].value).startswith(b"\x89PNG")
        assert live.children[1].children[1].value.startswith("curve ")
        live.children[1].children[0].value = False
        assert p.rp.scope.running_state == "stopped"
    finally:
        live.close()


def test_it_follows_what_another_program_acquires_and_leaves_it_running(p):
    set_up(p)
    p.rp.scope.continuous()
    live = LiveScope(p)
    try:
        wait_until(lambda: live.pictures > 2, 20)
    finally:
        live.close()
    assert p.rp.scope.running_state == "running_continuous"
    p.rp.scope.stop()


def test_a_button_that_cannot_do_its_work_says_why(p):
    with connect("virtual", private=True) as q:
        q.rp.scope.stop()
        live = LiveScope(q, run=False)
    run, state = live.children[1].children
    run.value = True  # the board was closed
    assert state.value == "a proxy of board 'virtual' was used after close()"
    live.close()


def test_one_that_cannot_begin_raises_the_error_alone(p, monkeypatch):
    unraisable = []
    monkeypatch.setattr(sys, "unraisablehook", unraisable.append)
    q = connect("virtual", private=True)
    with pytest.raises(AttributeError):
        LiveScope(cast(Any, None))
    q.close()
    with pytest.raises(errors.SessionClosed):
        LiveScope(q)
    gc.collect()  # ipywidgets closes what is deleted
    assert unraisable == []


def test_without_its_libraries_it_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    with pytest.raises(errors.PyrplMissing, match="a live scope needs ipywidgets") as missing:
        importlib.reload(notebook)
    assert "[notebook]" in missing.value.remedy
