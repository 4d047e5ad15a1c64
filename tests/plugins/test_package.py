"""PyMoDAQ's own acceptance checks, and what PyMoDAQ finds in the package."""

from importlib import metadata
from pathlib import Path

from pymodaq.control_modules.instruments import ACTUATOR_NAMES, DET_TYPES
from pymodaq.extensions.pid.utils import get_models
from pymodaq.utils.plugin_testing import PluginPackageChecks
from pymodaq_plugin_manager import validate
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


def test_the_plugin_manager_knows_that_it_is_installed_and_which_pymodaq_it_fits():
    """As the manager does for each package of PyPI whose name has pymodaq and plugins."""
    fitting = validate.get_pymodaq_specifier(metadata.requires(PACKAGE.name) or [])
    assert metadata.version("pymodaq") in fitting
    assert "5.2.0" not in fitting
    for group in ("plugins", "instruments", "extensions", "models"):
        # it asks for the version of what an entry point names
        values = [entry.value for entry in validate.get_entrypoints(f"pymodaq.{group}")]
        assert PACKAGE.name in values, group
    assert metadata.version(PACKAGE.name)


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
