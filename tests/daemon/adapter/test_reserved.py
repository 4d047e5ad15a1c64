"""What a client popped is freed with its session, but not by the end of the daemon."""

import pytest

from pyrpl_remote.daemon.caller import Caller
from pyrpl_remote.daemon.serving.clients import Clients


@pytest.fixture
def end(rig):
    """A function that ends a client's session, and waits for what follows."""

    def end(caller: Caller) -> None:
        rig.requests.sessions.ended(caller.session)
        rig.result(rig.qt.post(lambda: None))

    return end


def test_modules_are_freed_with_the_session_that_popped_them(rig, ada, bob, end):
    module, other = (rig.dispatcher.call(caller, "pids", "pop", ["me"], {}) for caller in (ada, bob))
    end(ada)
    assert (module.owner, other.owner) == (None, "me")
    end(bob)
    assert other.owner is None


def test_the_end_of_the_daemon_frees_nothing_because_that_writes_to_the_fpga(rig, ada, end, monkeypatch):
    module = rig.dispatcher.call(ada, "pids", "pop", ["me"], {})
    with monkeypatch.context() as patch:
        patch.setattr(Clients, "ending", property(lambda clients: True))
        end(ada)
        assert module.owner == "me"
    end(ada)
    assert module.owner is None


def test_a_pop_without_an_owner_reserves_nothing(rig, ada, bob, end):
    module = rig.dispatcher.call(ada, "pids", "pop", [], {})
    assert rig.dispatcher.call(bob, "pids", "pop", ["bob"], {}) is module
    end(ada)
    assert module.owner == "bob"
    end(bob)


def test_one_module_that_cannot_be_set_up_again_keeps_no_other_one_from_being_freed(
    rig, ada, end, monkeypatch, caplog
):
    broken, other = (rig.dispatcher.call(ada, "pids", "pop", ["me"], {}) for _ in range(2))

    def fail() -> None:
        raise ValueError("odd")

    with monkeypatch.context() as patch:
        patch.setattr(broken, "_load_setup_attributes", fail)
        end(ada)
    assert (broken.owner, other.owner) == (None, None)
    assert f"{broken.name} is free, but could not be set up" in caplog.text
