"""After a start that kept the FPGA: what cannot be taken over is named, and the rest is."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pyrpl_remote.daemon.adapter.board.mark import Mark


@pytest.fixture
def hold(rig: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Any]]:
    """A function that holds the writes to the board from now on, as within such a start."""
    from pyrpl_remote.daemon.adapter.kept.held_writes import HeldWrites

    client = rig.pyrpl.rp.client
    # PyRPL's simulated board has no link, where the registers are noted
    monkeypatch.setattr(client, "link", rig.board.link, raising=False)
    made: list[Any] = []

    def begin() -> Any:
        made.append(HeldWrites(client))
        return made[-1]

    yield begin
    made[-1].release()


def test_a_users_own_lockbox_that_raises_is_taken_for_unlocked(rig, hold, caplog):
    from pyrpl_remote.daemon.adapter.kept.held_lock import take_lock_states

    lockbox = rig.pyrpl.lockbox
    output = lockbox.outputs.output1
    output.pid.p = 1.0  # it acts
    lockbox.sequence = [{}]
    lockbox.sequence[0].outputs.output1.lock_on = True

    def lock(**_):
        raise RuntimeError("a fault of the user's own class")

    vars(output)["lock"] = lock
    try:
        take_lock_states(rig.pyrpl, hold())
    finally:
        del vars(output)["lock"]
    assert "the state of lockbox is not known" in caplog.text
    assert lockbox.current_state == "unlock"


def test_what_pyrpl_refuses_of_the_mark_is_named_and_the_rest_is_taken(rig, hold, caplog):
    from pyrpl_remote.daemon.adapter.kept.kept_registers import keep_registers

    software = {"asg0": {"waveform": "no such waveform"}, "asg1": {"waveform": "ramp"}}
    keep_registers(rig.pyrpl, hold(), Mark("rig", software=software, changed=1e10))
    assert "asg0: what the mark on the board says of it is not used" in caplog.text
    assert rig.pyrpl.rp.asg1.waveform == "ramp"
