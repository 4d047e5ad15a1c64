"""PyMoDAQ's own acceptance checks."""

from pymodaq.utils.plugin_testing import PluginPackageChecks


class TestPackage(PluginPackageChecks):
    package_name = "pymodaq_plugins_pyrpl"
    fail_on = "todo"
    strict_imports = True
