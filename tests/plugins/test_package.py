"""PyMoDAQ's own acceptance checks, and what PyMoDAQ finds in the package."""

from pathlib import Path

from pymodaq.control_modules.instruments import ACTUATOR_NAMES, DET_TYPES
from pymodaq.extensions.pid.utils import get_models
from pymodaq.utils.plugin_testing import PluginPackageChecks
from pymodaq_utils import plugin_checks

import pymodaq_plugins_pyrpl

PACKAGE = Path(pymodaq_plugins_pyrpl.__file__).parent

FAMILY = {
    "moves": {"ASG", "PID", "IQ", "Output", "Lockbox"},
    "DAQ0D": {"Sampler", "IQ", "Lockbox"},
    "DAQ1D": {"Scope", "SpectrumAnalyzer", "NetworkAnalyzer", "IIR"},
}

LINES = 120
"""A plugin's file is shorter: what plugins share is in hardware."""


class TestPackage(PluginPackageChecks):
    package_name = "pymodaq_plugins_pyrpl"
    fail_on = "todo"
    strict_imports = True


def test_check_plugin_finds_no_fault_and_warns_of_nothing(monkeypatch, capsys):
    arguments = ["check_plugin", "--fail-on", "todo", "--strict-imports", PACKAGE.name]
    monkeypatch.setattr("sys.argv", arguments)
    assert not plugin_checks.main()
    report = capsys.readouterr().out
    assert report.startswith("pymodaq_plugins_pyrpl: OK")
    assert "warning" not in report.lower()


def test_pymodaq_offers_the_whole_family():
    found = {
        "moves": ACTUATOR_NAMES,
        **{kind: [one["name"] for one in DET_TYPES[kind]] for kind in DET_TYPES},
    }
    for kind, names in FAMILY.items():
        ours = {name.removeprefix("PyRPL_") for name in found[kind] if name.startswith("PyRPL_")}
        assert ours == names, kind
    assert "PIDModelPyRPL" in [model["name"] for model in get_models()]


def test_the_files_of_plugins_are_short():
    files = [*PACKAGE.glob("daq_*_plugins/**/*.py"), *PACKAGE.glob("models/*.py")]
    assert len(files) > 12
    lengths = {file.name: len(file.read_text().splitlines()) for file in files}
    assert {name: length for name, length in lengths.items() if length >= LINES} == {}
