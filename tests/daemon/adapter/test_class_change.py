"""A lockbox of another class: the file starts again, and what the class does not take is kept beside it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from pyrpl_remote import errors

LEFT = """
pid0: {input: in2, p: 0.5}
lockbox:
  classname: Interferometer
  finesse: 300.0
  wavelength: 8.5e-07
  setpoint_unit: linewidth
  is_locked_threshold: 3.0
  default_sweep_output: ramp
  input_classes: {extra: FPTilt, port1: InterferometerPort1, port2: 'off', third: InputDirect}
  inputs:
    transmission: {input_signal: in2}
    port1: {input_signal: lockbox.inputs.pdh}
    port2: {input_signal: lockbox.inputs.third}
    third: {input_signal: in2}
  outputs:
    piezo: {unit: MHz/V, dc_gain: 5.0, max_voltage: 0.3, sweep_waveform: zigzag}
  sequence:
  - {input: pdh, setpoint: 0.3, outputs: {piezo: {lock_on: true}}}
"""
"""A file that another release has left when the class changed from FabryPerot."""

KEPT = {
    "setpoint_unit": "linewidth",
    "is_locked_threshold": 3.0,
    "default_sweep_output": "ramp",
    "input_classes": {"extra": "FPTilt", "port1": "InterferometerPort1"},
    "inputs": {"port1": {"input_signal": "lockbox.inputs.pdh"}},
    "outputs": {"piezo": {"unit": "MHz/V", "dc_gain": 5.0, "sweep_waveform": "zigzag"}},
    "sequence": [{"input": "pdh", "setpoint": 0.3, "outputs": {"piezo": {"lock_on": True}}}],
}
"""What the class does not take of it."""


@pytest.fixture
def start(start_board, tmp_path, monkeypatch):
    """A function that starts PyRPL with a file, which it writes first if it gets a text; returns both."""
    from pyrpl import redpitaya

    # PyRPL changes its defaults to the parameters of each start
    monkeypatch.setattr(redpitaya, "defaultparameters", dict(redpitaya.defaultparameters))

    def start(text: str = "", name: str = "lab.yml"):
        file = tmp_path / name
        if text or not file.exists():
            file.write_text(text or "pyrpl: {}\n")
        return start_board(str(file), hostname="_FAKE_"), file

    return start


def saved(board, file: Path):
    board.close()
    return yaml.safe_load(file.read_text())


def aside(file: Path):
    return yaml.safe_load(Path(f"{file}.lockbox.aside").read_text())["lockbox"]


def test_a_class_that_is_changed_leaves_a_file_that_starts_again(start, caplog):
    board, file = start("lockbox: {classname: FabryPerot}\n")
    p = board.pyrpl
    p.lockbox.setup(wavelength=8.5e-7, finesse=300.0, is_locked_threshold=3.0)
    p.lockbox.sequence[0].setup(input="pdh", setpoint=0.3)
    p.lockbox.sequence[0].outputs.piezo.lock_on = True
    p.lockbox.inputs.transmission.input_signal = "in2"
    p.lockbox.outputs.piezo.setup(dc_gain=5.0, max_voltage=0.3)
    p.lockbox.outputs.piezo.unit = "MHz/V"
    for module in (p.rp.pid0, p.rp.pid1):
        module.input = "lockbox.inputs.transmission"
    p.rp.pid1.owner = "a user"
    p.lockbox.classname = "Interferometer"
    assert p.rp.pid0.input == "in2"
    assert "pid0.input was lockbox.inputs.transmission" in caplog.text
    p.rp.pid1.owner = None
    assert p.rp.pid1.input == "in2"
    assert not p.lockbox.sequence[0].outputs.piezo.lock_on
    p.lockbox.sequence.append({"input": "port2", "setpoint": 10.0})
    section = saved(board, file)["lockbox"]
    assert "is_locked_threshold" not in section
    # the unit was FabryPerot's default, so that the file did not have it: the set points need it
    assert aside(file)["setpoint_unit"] == "bandwidth"
    assert aside(file)["is_locked_threshold"] == 3.0
    assert aside(file)["sequence"][0]["setpoint"] == 0.3
    assert aside(file)["outputs"] == {"piezo": {"unit": "MHz/V", "dc_gain": 5.0}}
    assert "lockbox.outputs.piezo.unit = 'MHz/V' (it has m/V, nm/V)" in caplog.text
    p = start()[0].pyrpl
    assert (p.lockbox.setpoint_unit, p.lockbox.wavelength, p.rp.pid0.input) == ("deg", 8.5e-7, "in2")
    assert (p.lockbox.outputs.piezo.dc_gain, p.lockbox.outputs.piezo.max_voltage) == (1.0, 0.3)
    assert [(stage.input, stage.setpoint) for stage in p.lockbox.sequence] == [("port1", 0), ("port2", 10)]
    assert not Path(f"{file}.lockbox.aside.2").exists()


def test_a_file_with_settings_of_another_class_starts_and_they_are_named_and_kept(start, caplog):
    board, file = start(LEFT)
    lockbox = board.pyrpl.lockbox
    assert (lockbox.setpoint_unit, lockbox.is_locked_threshold, lockbox.wavelength) == ("deg", 1.0, 8.5e-7)
    assert lockbox.default_sweep_output == "piezo"
    assert lockbox.inputs.keys() == ["port1", "port2", "third"]
    assert lockbox.inputs.port2.input_signal == "lockbox.inputs.third"
    assert (lockbox.outputs.piezo.dc_gain, lockbox.outputs.piezo.max_voltage) == (1.0, 0.3)
    assert len(lockbox.sequence) == 1
    assert not lockbox.sequence[0].outputs.piezo.lock_on
    assert board.pyrpl.rp.pid0.p == 0.5
    (warning,) = [one.getMessage() for one in caplog.records if "does not take" in one.getMessage()]
    kept = f"the lockbox's class Interferometer does not take are kept in {file}.lockbox.aside, "
    assert f"{file}: settings that {kept}" in warning
    assert "lockbox.setpoint_unit = 'linewidth' (it has deg, rad), " in warning
    assert "lockbox.sequence (its set points are in this unit)" in warning
    assert "lockbox.input_classes.port1 = 'InterferometerPort1' (it has an input of this name" in warning
    assert aside(file) == KEPT
    section = saved(board, file)["lockbox"]
    assert section["finesse"] == 300.0  # no class refuses what it does not know
    assert section["outputs"]["piezo"]["max_voltage"] == 0.3


def test_a_module_keeps_its_input_when_the_lockbox_loses_this_signal(start_board, caplog):
    p = start_board(hostname="_FAKE_").pyrpl
    p.lockbox.input_classes = {"extra": "InputDirect"}
    p.lockbox.inputs.extra.input_signal = "in2"
    p.rp.pid0.input = "lockbox.inputs.extra"
    p.rp.pid1.input = "lockbox.inputs.input1"
    del p.lockbox.inputs["extra"]
    assert (p.rp.pid0.input, p.rp.pid1.input) == ("in2", "lockbox.inputs.input1")
    assert caplog.text.count("which the lockbox no longer has") == 1


@pytest.mark.parametrize(
    ("section", "refused"),
    [
        ({"setpoint_unit": "V", "sequence": [{"input": "input1", "outputs": {"output1": {}}}]}, []),
        ({"setpoint_unit": "deg", "sequence": [{"outputs": {}}]}, [("setpoint_unit",)]),
        ({"sequence": [{"input": "pdh"}]}, [("sequence",)]),
        ({"sequence": [{"outputs": {"piezo": {"lock_on": True}}}]}, [("sequence",)]),
        ({"sequence": [{"outputs": {"piezo": {"lock_on": False}}}]}, []),
        ({"output_classes": {"more": "OutputSignal"}, "outputs": {"more": {"unit": "V/V"}}}, []),
        (
            {
                "output_classes": {"more": "OutputSignal"},
                "outputs": {"more": {"unit": "m/V", "dc_gain": 2.0}},
            },
            [("outputs", "more", "unit"), ("outputs", "more", "dc_gain")],
        ),
        ({"outputs": {"piezo": {"unit": "m/V"}}}, []),  # PyRPL leaves it alone: there is no such output
        ({"inputs": {"input1": {"input_signal": "input_from_output"}}}, []),
        ({"setpoint_unit": ["V"], "inputs": None, "sequence": None, "is_locked_threshold": [1]}, []),
    ],
)
def test_only_what_a_class_does_not_take_is_refused(pyrpl, section, refused):
    from pyrpl_remote.daemon.adapter.lockbox.refused_settings import refused_settings

    assert [one.path for one in refused_settings(pyrpl.lockbox, section)] == refused


def test_settings_that_cannot_be_kept_remain_in_the_file(start, caplog):
    name = "x" * 240 + ".yml"  # no longer one can be
    board, file = start("lockbox: {classname: FabryPerot, setpoint_unit: linewidth}\n", name)
    board.pyrpl.lockbox.classname = "Interferometer"
    assert "settings of its former class remain in the configuration: " in caplog.text
    assert saved(board, file)["lockbox"]["setpoint_unit"] == "linewidth"
    with pytest.raises(errors.ConfigurationError, match="cannot use one of its files"):
        start(name=name)
    assert yaml.safe_load(file.read_text())["lockbox"]["setpoint_unit"] == "linewidth"


def test_a_users_class_that_cannot_be_checked_is_left_to_pyrpl(start, caplog):
    from pyrpl.attributes import SelectProperty
    from pyrpl.software_modules.lockbox import Lockbox

    def options(lockbox):
        if lockbox is None:  # PyRPL asks for those in the documentation
            return ["red"]
        raise RuntimeError("the laser is off")

    type("Unchecked", (Lockbox,), {"colour": SelectProperty(options), "_setup_attributes": ["colour"]})
    with pytest.raises(errors.ConfigurationError, match="the laser is off"):
        start("lockbox: {classname: Unchecked, colour: red}\n")
    assert "its settings in the configuration cannot be checked" in caplog.text
