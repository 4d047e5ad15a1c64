"""What is connected to PyRPL's signals, and what becomes of values that cannot travel; against stand-ins for PyRPL and Qt."""

from concurrent.futures import Future
from types import SimpleNamespace

import numpy as np
import pytest

from pyrpl_remote.daemon.events.signals import Events


class Signal:
    """A Qt signal that calls at once what is connected to it."""

    def __init__(self):
        self.slots = []

    def connect(self, slot):
        self.slots.append(slot)

    def disconnect(self, slot):
        self.slots.remove(slot)

    def emit(self, *args):
        for slot in list(self.slots):
            slot(*args)


class Launcher:
    def __init__(self):
        self.update_attribute_by_name = Signal()
        self.change_ownership = Signal()
        self.display_curve = Signal()

    def connected(self) -> int:
        return sum(len(signal.slots) for signal in vars(self).values())


class Module:
    """Its running_state mirrors a private attribute, as an acquisition module's does."""

    def __init__(self):
        self._signal_launcher = Launcher()
        self.owner = None
        self._running_state = "stopped"
        self.data_x = np.arange(3.0)
        self.data_avg = np.ones((2, 3))

    @property
    def running_state(self):
        return self._running_state


class Hardware:
    """The hardware thread, doing all at once."""

    who = "notebook (pid 42, ada at lab1)"

    def submit(self, work) -> Future:
        future = Future()
        future.set_result(work())
        return future

    submit_behind = submit


class Exports:
    def __init__(self):
        self.found = {"rp.scope": Module(), "rp.pid0": Module()}

    def module(self, path):
        return self.found[path]

    def modules(self):
        return self.found.values()

    def path(self, module, as_typed=False):
        return next((path for path, known in self.found.items() if known is module), None)

    def module_type(self, module):
        return SimpleNamespace(attributes=dict.fromkeys(["p", "owner", "running_state"]))


@pytest.fixture
def exports() -> Exports:
    return Exports()


@pytest.fixture
def events(exports) -> Events:
    return Events(exports, Hardware())


@pytest.fixture
def scope(exports) -> Launcher:
    return exports.found["rp.scope"]._signal_launcher


def news(events, received: int = 0) -> list[dict]:
    return [event for _, event in events.take("session", received, 0.0)[1]]


def test_signals_are_connected_while_somebody_listens_and_only_where(events, exports, scope):
    events.subscribe("session", 1, "change", "rp.scope")
    events.subscribe("other", 1, "change", "rp.scope")
    connected = scope.connected()
    assert connected > 0
    assert exports.found["rp.pid0"]._signal_launcher.connected() == 0
    events.unsubscribe("session", 1)
    assert scope.connected() == connected
    events.leave("other")
    assert scope.connected() == 0


def test_a_curve_is_told_to_those_who_follow_curves(events, scope):
    events.subscribe("session", 1, "curve", "rp.scope")
    scope.display_curve.emit([])
    scope.update_attribute_by_name.emit("p", [1.0])
    (frame,) = news(events)
    assert frame["x"]["!array"][1] == [3]
    assert frame["y"]["!array"][1] == [2, 3]


def test_a_value_that_cannot_travel_comes_as_its_repr(events, scope):
    events.subscribe("session", 1, "change", "rp.scope")
    odd = object()
    scope.update_attribute_by_name.emit("p", [odd])
    (change,) = news(events)
    assert change["value"] == repr(odd)
    assert change["who"] == "notebook (pid 42, ada at lab1)"


def test_private_attributes_are_told_where_a_public_one_mirrors_them(events, exports, scope):
    events.subscribe("session", 1, "change", "rp.scope")
    exports.found["rp.scope"]._running_state = "running_single"
    scope.update_attribute_by_name.emit("_running_state", ["running_single"])
    scope.update_attribute_by_name.emit("_trigger_armed", [True])
    assert [(change["name"], change["value"]) for change in news(events)] == [
        ("running_state", "running_single")
    ]


def test_a_signal_that_cannot_be_told_harms_nobody(events, exports, scope, caplog):
    events.subscribe("session", 1, "change", "rp.scope")
    scope.update_attribute_by_name.emit("p", [])
    scope.update_attribute_by_name.emit("p", [2.0])
    assert "an event was lost" in caplog.text
    assert [change["value"] for change in news(events)] == [2.0]


def test_a_module_that_takes_anothers_place_is_followed_at_the_next_subscription(events, exports):
    events.subscribe("session", 1, "change", "rp.scope")
    exports.found["rp.scope"] = Module()
    events.subscribe("other", 1, "change", "rp.pid0")
    exports.found["rp.scope"]._signal_launcher.update_attribute_by_name.emit("p", [3.0])
    assert [change["value"] for change in news(events)] == [3.0]
