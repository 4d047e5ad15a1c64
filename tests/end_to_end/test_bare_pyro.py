"""A plain Pyro5 client, without pyrpl_remote, uses every module under the name server."""

import socket
import threading

import numpy as np
import Pyro5.api
import Pyro5.errors
import pytest
import serpent

from ..processes import wait_until


def test_a_bare_proxy_reads_writes_and_calls(p):
    with Pyro5.api.Proxy("PYRONAME:pyrpl.virtual.pid0") as pid:
        pid.p = 0.5
        assert pid.p == 0.5
        pid.setup(setpoint=0.25, input="in2")
        assert pid.setpoint == 0.25
        assert p.rp.pid0.input == "in2"
        with pytest.raises(ValueError, match="not an option"):
            pid.input = "in3"
        with pytest.raises(AttributeError):
            pid.setpiont = 1
        with pytest.raises(AttributeError):
            pid._client


def test_curves_arrive_in_the_documented_form(p):
    with Pyro5.api.Proxy("PYRONAME:pyrpl.virtual.scope") as scope:
        scope.setup(duration=1e-4, trigger_source="immediately")
        dtype, shape, data = scope.single(5)["!array"]
        curve = np.frombuffer(serpent.tobytes(data), dtype).reshape(shape)
        assert curve.shape == (2, 16384)


def test_metadata_find_modules_by_kind_and_board(p):
    with Pyro5.api.locate_ns() as names:
        pids = names.yplookup(meta_all={"kind:Pid", "name:virtual"})
        assert sorted(pids) == [f"pyrpl.virtual.pid{n}" for n in range(3)]
        assert "pyrpl.virtual" in names.yplookup(meta_all={"kind:board"})
        everything = set(names.list(prefix="pyrpl.virtual."))
    for module in ("scope", "asg0", "iq2", "iir", "lockbox", "networkanalyzer", "spectrumanalyzer", "hk"):
        assert f"pyrpl.virtual.{module}" in everything


def test_a_bare_proxy_is_a_client_of_the_board_and_is_listed(p):
    with Pyro5.api.Proxy("PYRONAME:pyrpl.virtual.pid1") as pid:
        assert pid.p is not None
        held = [client["modules"] for client in p.status()["clients"]]
        assert ["rp.pid1"] in held
    wait_until(lambda: len(p.status()["clients"]) == 1, what="the bare client's end")


def test_a_bare_client_that_leaves_while_it_waits_for_an_acquisition_ends_it(p):
    p.rp.scope.setup(input1="off", duration=1e-3, trigger_source="ch1_positive_edge", threshold=0.95)
    bound, failed = threading.Event(), threading.Event()
    connections = []

    def wait_in_vain() -> None:
        with Pyro5.api.Proxy("PYRONAME:pyrpl.virtual.scope") as scope:
            scope._pyroBind()
            connections.append(scope._pyroConnection)
            bound.set()
            with pytest.raises(Pyro5.errors.ConnectionClosedError):
                scope.single()
        failed.set()

    threading.Thread(target=wait_in_vain, daemon=True).start()
    assert bound.wait(20)
    wait_until(lambda: p.rp.scope.running_state == "running_single", what="the acquisition")
    connections[0].sock.shutdown(socket.SHUT_RDWR)
    wait_until(lambda: p.rp.scope.running_state == "stopped", what="the end of the acquisition")
    assert failed.wait(20)
