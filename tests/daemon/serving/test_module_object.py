"""A module as an object for any Pyro5 client: PyRPL's names, and errors that every client knows."""

import sys
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import Pyro5.api
import pytest
import serpent
from Pyro5 import config
from Pyro5.errors import ConnectionClosedError, PyroError

from pyrpl_remote.protocol import Greeting

MODULES = ("rp.pid0", "rp.scope", "rp.iir", "networkanalyzer", "rp.asg0")


@pytest.fixture(scope="module")
def server(rig):
    """The daemon's Pyro server, without a name server; Pyro5's options are as before afterwards."""
    from pyrpl_remote.daemon.serving.direct import DirectServing
    from pyrpl_remote.daemon.serving.module_object import module_object
    from pyrpl_remote.daemon.serving.server import BoardServer
    from pyrpl_remote.transport.pyro_config import configure_server

    before = config.as_dict()
    configure_server()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYRPL_REMOTE_TRANSPORT", "fast")
        server = BoardServer("rig", rig.clients, rig.requests, DirectServing(rig.qt))
    for path in MODULES:
        kind = rig.modules.module_type(rig.modules.module(path))
        door = module_object(path, kind, rig.requests, rig.dispatcher, rig.values, rig.clients)
        server.register(door, f"rig.{path}")
    thread = threading.Thread(target=server.requestLoop)
    thread.start()
    yield server
    rig.elsewhere(server.shutdown)
    thread.join()
    server.close()
    for name, value in before.items():
        setattr(config, name, value)


@pytest.fixture
def bare(rig, server):
    """Use the proxy of a module in another thread; returns what `use(proxy)` returns."""
    with ThreadPoolExecutor(1) as thread:

        def with_proxy(path, use):
            def run():
                with Pyro5.api.Proxy(str(server.uriFor(f"rig.{path}"))) as proxy:
                    return use(proxy)

            return rig.result(thread.submit(run))

        yield with_proxy


def test_attributes_are_read_and_written(rig, bare):
    def use(pid):
        pid.setpoint = 0.5
        pid.input = "in2"
        return pid.setpoint, pid.input, pid.owner

    assert bare("rp.pid0", use) == (0.5, "in2", None)
    assert rig.pyrpl.rp.pid0.setpoint == 0.5


def test_methods_are_called_with_their_arguments(rig, bare):
    assert bare("rp.pid0", lambda pid: pid.setup(setpoint=0.25, input="in1")) is None
    assert rig.pyrpl.rp.pid0.setpoint == 0.25
    frequencies = {"!array": ["<f8", [2], np.array([1e3, 1e4]).tobytes()]}
    dtype, shape, content = bare("rp.pid0", lambda pid: pid.transfer_function(frequencies))["!array"]
    np.testing.assert_array_equal(
        np.frombuffer(serpent.tobytes(content), dtype).reshape(shape),
        rig.pyrpl.rp.pid0.transfer_function(np.array([1e3, 1e4])),
    )


def test_values_that_msgpack_and_serpent_do_not_know_arrive_and_come_back(rig, bare):
    samples = np.linspace(-0.5, 0.5, 2**14)
    plain = {"!array": ["<f8", [2**14], samples.tobytes()]}

    def use(asg):
        asg.data = plain
        return asg.data

    dtype, shape, content = bare("rp.asg0", use)["!array"]
    np.testing.assert_allclose(
        np.frombuffer(serpent.tobytes(content), dtype).reshape(shape), samples, atol=2**-13
    )
    assert bare("networkanalyzer", lambda analyzer: analyzer.iq) == {"!module": "rp.iq2"}


def test_an_acquisition_is_waited_for_while_others_are_served(rig, bare):
    rig.pyrpl.rp.scope.setup(duration=0.1, trigger_source="immediately", rolling_mode=False, trace_average=1)
    dtype, shape, content = bare("rp.scope", lambda scope: scope.single(10))["!array"]
    curve = np.frombuffer(serpent.tobytes(content), dtype).reshape(shape)
    np.testing.assert_array_equal(curve, rig.pyrpl.rp.scope.data_avg)


def test_the_client_is_listed_with_the_modules_that_it_used(rig, bare):
    held = []
    bare("rp.iir", lambda iir: (iir.gain, iir.gain, held.extend(rig.clients.status())))
    (client,) = held
    assert client.modules == ["rp.iir"]
    rig.until(lambda: rig.clients.status() == [], "the client's end")


ERRORS = [
    ("rp.pid0", lambda pid: setattr(pid, "input", "in3"), ValueError, "in3"),
    ("rp.pid0", lambda pid: setattr(pid, "p", float("nan")), ValueError, "NaN"),
    ("rp.pid0", lambda pid: pid.derivative, AttributeError, "'d'"),
    ("rp.pid0", lambda pid: setattr(pid, "setpoint", {"!array": 1}), TypeError, "malformed"),
    ("rp.pid0", lambda pid: setattr(pid, "setpoint", {"!module": "rp.no"}), AttributeError, "no module"),
    ("rp.pid0", lambda pid: pid.setup(setpiont=1, setpoint={"!module": "rp.no"}), AttributeError, "rp.no"),
    ("rp.scope", lambda scope: scope.resume(), ValueError, "paused"),
    ("rp.scope", lambda scope: scope.single("soon"), TypeError, "number of seconds"),
    ("rp.scope", lambda scope: scope.no_such_method(), AttributeError, "no_such_method"),
    ("rp.scope", lambda scope: setattr(scope, "running_state", "stopped"), AttributeError, "running_state"),
]


@pytest.mark.parametrize(("path", "use", "kind", "text"), ERRORS)
def test_errors_are_of_classes_that_every_pyro_client_has(bare, path, use, kind, text):
    with pytest.raises(kind, match=text) as caught:
        bare(path, use)
    assert type(caught.value) is kind


def test_time_limits_are_timeout_errors(rig, bare):
    rig.pyrpl.rp.scope.setup(duration=8.0, trigger_source="immediately", rolling_mode=False, trace_average=1)
    with pytest.raises(TimeoutError, match="Timeout exceeded"):
        bare("rp.scope", lambda scope: scope.single(0.05))
    rig.pyrpl.rp.scope.stop()


def test_a_busy_module_is_a_timeout_error_that_names_the_other_client(rig, bare, ada):
    rig.pyrpl.rp.scope.setup(duration=8.0, trigger_source="immediately", rolling_mode=False, trace_average=1)
    long = rig.dispatcher.call(ada, "rp.scope", "single", [], {})
    with pytest.raises(TimeoutError, match=r"rp\.scope is acquiring for notebook"):
        bare("rp.scope", lambda scope: scope.single(0.05))
    rig.dispatcher.abandon(long)


def test_errors_of_any_other_class_are_pyro_errors_with_their_text(rig, bare):
    with pytest.raises(PyroError, match=r"rp\.pid0: ParserError: while parsing"):
        bare("rp.pid0", lambda pid: pid.set_yml("[1, 2"))


def test_private_names_cannot_be_used(bare):
    for name in ("_running_state", "_setup"):
        with pytest.raises(AttributeError):
            bare("rp.scope", lambda scope, name=name: getattr(scope, name))


def test_the_object_has_pyrpls_documentation(server, rig):
    door = server.objectsById["rig.rp.scope"]
    kind = rig.modules.module_type(rig.pyrpl.rp.scope)
    assert door.__doc__ == kind.doc
    assert type(door).single.__doc__ == kind.methods["single"].doc
    assert type(door).duration.__doc__ == kind.attributes["duration"].doc
    assert {name for name in kind.attributes if not name.startswith("_")} <= set(dir(door))


def test_the_boards_object_carries_out_verbs_for_any_client(rig, server):
    def use():
        with Pyro5.api.Proxy(server.board_uri) as board:
            board.set("rp.pid0", "setpoint", 0.125)
            error = board.get("rp.pid0", "setpiont")
            return board.get("rp.pid0", "setpoint"), error

    value, error = rig.elsewhere(use)
    assert value == 0.125 == rig.pyrpl.rp.pid0.setpoint
    assert error["!error"]["own"] == "UnknownAttribute"


def test_an_observer_cannot_use_a_module(rig, server):
    def use():
        with Pyro5.api.Proxy(str(server.uriFor("rig.rp.pid0"))) as pid:
            observer = Greeting(None, program="test", user="me", host="here", pid=1)
            pid._pyroHandshake = observer.to_data()
            for step in (lambda: pid.setpoint, lambda: setattr(pid, "setpoint", 0.25), lambda: pid.free()):
                with pytest.raises(PyroError, match="an observer only looks"):
                    step()

    rig.elsewhere(use)
    assert rig.pyrpl.rp.pid0.setpoint != 0.25


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_request_that_ends_the_interpreter_ends_its_connection_only(rig, server, monkeypatch):
    def request():
        with Pyro5.api.Proxy(server.board_uri) as board:
            board._pyroTimeout = 20
            board._pyroSerializer = "msgpack"
            greeting = Greeting(uuid.uuid4().hex, program="t", user="me", host="here", pid=1, direct=True)
            board._pyroHandshake = greeting.to_data()
            return board.get("rp.pid0", "setpoint")

    with monkeypatch.context() as patched:
        patched.setattr(rig.requests, "reply", lambda *args: sys.exit("PyRPL ends the program"))
        with pytest.raises(ConnectionClosedError):
            rig.elsewhere(request)
    assert rig.elsewhere(request) == rig.pyrpl.rp.pid0.setpoint
