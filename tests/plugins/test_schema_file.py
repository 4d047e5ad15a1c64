"""The file with the schema is that of a board."""

from pymodaq_plugins_pyrpl.hardware import schema_file


def test_the_file_equals_a_boards_schema(p):
    """If it does not: `python -m pymodaq_plugins_pyrpl.hardware.schema_file virtual` makes it again."""
    assert schema_file.schema() == schema_file.schema_of(p)


def test_units_steps_and_options_are_known_without_a_board():
    assert schema_file.units("pid0", ["setpoint", "p", "i"]) == ["V", "", "Hz"]
    assert schema_file.epsilons("pid0", ["setpoint"]) == [2.0**-14]
    assert schema_file.attribute("asg1", "waveform")["options"][0] == "sin"
