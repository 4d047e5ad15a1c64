"""A value that PyRPL refuses is neither kept nor saved, even where PyRPL keeps it before it looks at it."""

import os
from pathlib import Path

import psutil
import pytest
import yaml

from pyrpl_remote import connect, errors

from ..daemons import has_ended
from ..processes import wait_until

SIXTEEN = [complex(-100 * (j + 1), 1e4 * (j + 1)) for j in range(16)]
"""More poles than an IIR filter can have."""

LOCKBOXES = """
from pyrpl.software_modules.lockbox import *

class Broken(Lockbox):
    def __init__(self, *args, **kwargs):
        raise RuntimeError("no laser")
"""


@pytest.fixture(scope="module")
def p(own_pyrpl_folder):
    folder = Path(os.environ["PYRPL_USER_DIR"], "lockbox")
    folder.mkdir()
    (folder / "broken.py").write_text(LOCKBOXES)
    with connect("virtual") as p:
        yield p


@pytest.fixture
def iir(p):
    """A filter that is set up, but off."""
    p.rp.iir.setup(poles=[-1e4 + 2e4j, -3e4], zeros=[], gain=0.5, loops=20)
    p.rp.iir.on = False
    return p.rp.iir


REFUSALS = {
    "a value": lambda iir: setattr(iir, "poles", SIXTEEN),
    "a setup": lambda iir: iir.setup(poles=SIXTEEN, gain=2.0, loops=30),
    "several values": lambda iir: iir.update(poles=SIXTEEN),
    "all setup attributes": lambda iir: setattr(iir, "setup_attributes", {"gain": 2.0, "poles": SIXTEEN}),
    "an edited list": lambda iir: iir.complex_poles.extend(SIXTEEN),
    "a list with a word": lambda iir: setattr(iir, "complex_poles", [-1e3 + 1e3j, "x"]),
    "a word in a setup": lambda iir: iir.setup(gain=2.0, loops="many"),
    "YAML": lambda iir: iir.set_yml(yaml.safe_dump({"gain": 2.0, "poles": [str(pole) for pole in SIXTEEN]})),
}  # fmt: skip


@pytest.mark.parametrize("refused", REFUSALS.values(), ids=REFUSALS.keys())
def test_a_refused_change_leaves_settings_registers_and_configuration_as_they_were(p, iir, refused):
    def state() -> tuple:
        return (
            iir.snapshot("poles", "zeros", "gain", "loops", "on"),
            list(iir.complex_poles),
            iir.coefficients.tolist(),
            p.c.iir._data,
        )

    before = state()
    with pytest.raises((errors.RemoteError, ValueError)):
        refused(iir)
    assert state() == before


def test_a_saved_state_that_is_refused_changes_nothing(p, iir):
    p.c._get_or_create("iir_states")["odd"] = {"gain": 2.0, "poles": [str(pole) for pole in SIXTEEN]}
    before = p.c.iir._data
    with pytest.raises(errors.RemoteError, match="order is too high"):
        iir.load_state("odd")
    assert iir.gain == 0.5
    assert p.c.iir._data == before
    iir.erase_state("odd")


def test_the_first_value_of_a_module_that_is_refused_leaves_no_section(p):
    p.c._pop("iir") if "iir" in p.c else None
    with pytest.raises(errors.RemoteError):
        p.rp.iir.poles = SIXTEEN
    assert "iir" not in p.c


def test_an_element_of_a_list_of_modules_that_is_refused_is_removed(p):
    sequence = p.lockbox.sequence
    before = (len(sequence), p.c.lockbox._data)
    for change in (
        lambda: sequence.append({"setpoint": "far"}),
        lambda: sequence.insert(0, {"setpoint": "far"}),
        lambda: sequence.__setitem__(0, {"duration": 7.0, "setpoint": "far"}),
    ):
        with pytest.raises(ValueError, match="could not convert"):
            change()
        assert (len(sequence), p.c.lockbox._data) == before
    assert sequence[0].duration != 7.0


def test_a_lockbox_class_that_cannot_be_made_leaves_the_lockbox_and_its_settings(p):
    p.lockbox.sequence[0].setpoint = 0.25
    before = p.c.lockbox._data
    with pytest.raises(RuntimeError, match="no laser"):
        p.lockbox.classname = "Broken"
    assert p.lockbox.classname == "Lockbox"
    assert p.lockbox.sequence[0].setpoint == 0.25
    assert p.c.lockbox._data == before
    p.lockbox.sequence[0].setpoint = 0.5
    assert p.c.lockbox.sequence[0].setpoint == 0.5


def test_after_a_refusal_the_board_starts_again(p):
    with pytest.raises(errors.RemoteError):
        p.rp.iir.poles = SIXTEEN
    process = psutil.Process(p.status().daemon.pid)
    file = Path(p.c._filename)
    p.close()
    wait_until(lambda: has_ended(process), what="the end of the daemon")
    assert str(SIXTEEN[0]) not in file.read_text()
    with connect("virtual") as again:
        assert SIXTEEN[0] not in again.rp.iir.poles
