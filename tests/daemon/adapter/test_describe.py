"""A description has what PyRPL declares: kinds, limits, units, options, signatures, documentation."""

import inspect
import json

import pytest

from pyrpl_remote import schema


@pytest.fixture(scope="module")
def description(modules) -> schema.Description:
    return modules.describe()


def test_every_module_is_described_with_the_type_of_its_class(description, modules):
    for module in modules.modules():
        described = description.types[description.modules[modules.path(module)]]
        assert described.name == type(module).__name__
        assert described.doc == (inspect.getdoc(type(module)) or "")


def test_a_description_is_plain_data(description):
    assert "pid0" in json.dumps(schema.to_data(description))


def test_classes_of_the_same_name_have_different_keys(description, pyrpl):
    assert type(pyrpl.rp.asg0).__name__ == type(pyrpl.rp.asg1).__name__
    assert description.modules["rp.asg0"] != description.modules["rp.asg1"]
    assert description.modules["rp.pid0"] == description.modules["rp.pid1"]


@pytest.mark.parametrize(
    ("path", "name", "kind", "unit"),
    [
        ("rp.pid0", "p", "float", ""),
        ("rp.pid0", "setpoint", "float", "V"),
        ("rp.pid0", "ival", "float", "V"),
        ("rp.pid0", "input", "select", ""),
        ("rp.pid0", "inputfilter", "filter", "Hz"),
        ("rp.scope", "duration", "select", "s"),
        ("rp.scope", "rolling_mode", "bool", ""),
        ("rp.scope", "trace_average", "int", ""),
        ("rp.scope", "times", "data", ""),
        ("rp.asg0", "frequency", "float", "Hz"),
        ("rp.iq0", "phase", "float", "degree"),
        ("rp.iir", "real_zeros", "list", ""),
        ("lockbox", "classname", "select", ""),
    ],
)
def test_attributes_have_kind_and_unit(modules, path, name, kind, unit):
    attribute = modules.module_type(modules.module(path)).attributes[name]
    assert (attribute.kind, attribute.unit) == (kind, unit)


def test_limits_are_those_that_pyrpl_applies(modules, pyrpl):
    pid = modules.module_type(pyrpl.rp.pid0)
    low, high = pid.attributes["setpoint"].minimum, pid.attributes["setpoint"].maximum
    pyrpl.rp.pid0.setpoint = high + 1
    assert pyrpl.rp.pid0.setpoint == pytest.approx(high, abs=pid.attributes["setpoint"].increment)
    pyrpl.rp.pid0.setpoint = low - 1
    assert pyrpl.rp.pid0.setpoint == pytest.approx(low, abs=pid.attributes["setpoint"].increment)


def test_without_a_limit_there_is_none(modules, pyrpl):
    average = modules.module_type(pyrpl.rp.scope).attributes["trace_average"]
    assert average.minimum == 1
    assert average.maximum is None


def test_options_are_the_values_that_an_attribute_accepts(modules, pyrpl):
    from pyrpl_remote.daemon.adapter.modules.describe_attribute import options_of

    offered = options_of(pyrpl.rp.pid0, "input")
    assert offered == modules.module_type(pyrpl.rp.pid0).attributes["input"].options
    for option in offered:
        pyrpl.rp.pid0.input = option
        assert pyrpl.rp.pid0.input == option
    assert {0, pyrpl.rp.pid0.inputfilter[0]} <= set(options_of(pyrpl.rp.pid0, "inputfilter"))
    assert options_of(pyrpl.rp.pid0, "p") == []


def test_attributes_that_pyrpl_assigns_later_are_described(modules, pyrpl):
    assert "data_avg" not in vars(pyrpl.rp.scope)
    assert "data_avg" in modules.module_type(pyrpl.rp.scope).attributes


def test_pyrpls_internal_objects_are_read_only(modules, pyrpl):
    scope, board = modules.module_type(pyrpl.rp.scope).attributes, modules.module_type(pyrpl).attributes
    assert all(scope[name].readonly for name in ("parent", "name", "times"))
    assert all(board[name].readonly for name in ("c", "software_modules", "modules"))
    assert not scope["input1"].readonly


def test_methods_have_pyrpls_signature_and_documentation(modules, pyrpl):
    method = modules.module_type(pyrpl.rp.scope).methods["single"]
    assert str(method.signature()) == str(inspect.signature(pyrpl.rp.scope.single))
    assert method.doc == inspect.getdoc(pyrpl.rp.scope.single)


def test_a_function_that_an_instance_holds_is_a_method_with_all_its_parameters(modules, pyrpl):
    from pyrpl_remote.daemon.adapter.modules.describe import describe_type

    def double(x, times: int = 2):
        """Twice."""

    pyrpl.rp.hk.double = double
    try:
        method = describe_type(pyrpl.rp.hk).methods["double"]
    finally:
        del pyrpl.rp.hk.double
    assert [p.name for p in method.parameters] == ["x", "times"]
    assert (method.doc, method.parameters[1].default) == ("Twice.", 2)


def test_lists_and_dicts_of_modules_are_described_as_such(modules, pyrpl):
    assert modules.module_type(pyrpl.lockbox.sequence).container == "list"
    assert "__getitem__" in modules.module_type(pyrpl.lockbox.sequence).methods
    assert modules.module_type(pyrpl.lockbox.inputs).container == "dict"
    assert modules.module_type(pyrpl.lockbox).container == ""


def test_a_module_that_is_added_to_a_dict_of_modules_is_described(modules, pyrpl):
    from pyrpl.software_modules.lockbox.input import InputDirect

    inputs = pyrpl.lockbox.inputs
    before = modules.module_type(inputs)
    assert modules.module_type(inputs) is before
    inputs["spare"] = InputDirect
    try:
        assert modules.module_type(inputs).submodules == [*before.submodules, "spare"]
        assert modules.path(inputs.spare) == "lockbox.inputs.spare"
    finally:
        del inputs["spare"]
    assert modules.module_type(inputs).submodules == before.submodules


def test_members_that_cannot_be_remote_say_what_to_use(modules, pyrpl):
    board = modules.module_type(pyrpl.rp)
    assert "the daemon alone talks to the board" in board.local_only["client"]
    assert "client" not in board.attributes
    assert "ssh" in board.local_only
    assert "ssh" not in modules.module_type(pyrpl.rp.pid0).local_only


def test_a_proxy_attribute_is_described_as_its_target(pyrpl):
    from pyrpl.attributes import FloatProperty, ProxyProperty, SelectProperty
    from pyrpl.module_attributes import ModuleProperty
    from pyrpl.modules import Module

    from pyrpl_remote.daemon.adapter.modules.describe import describe_type

    class Inner(Module):
        gain = FloatProperty(min=-2, max=3, doc="of the loop [V]")
        mode = SelectProperty(options=["fast", "slow"], default="slow")

    class Outer(Module):
        inner = ModuleProperty(Inner)
        gain = ProxyProperty("inner.gain")
        mode = ProxyProperty("inner.mode")
        logger = SelectProperty(options=["on", "off"])  # a name that cannot be remote elsewhere

    described = describe_type(Outer(pyrpl, name="outer"))
    gain, mode = described.attributes["gain"], described.attributes["mode"]
    assert (gain.kind, gain.minimum, gain.maximum, gain.unit) == ("float", -2, 3, "V")
    assert (mode.kind, mode.options) == ("select", ["fast", "slow"])
    assert described.attributes["logger"].options == ["on", "off"]
    assert "logger" not in described.local_only


def test_a_default_that_cannot_be_encoded_is_left_out(pyrpl):
    from pyrpl.attributes import StringProperty
    from pyrpl.modules import Module

    from pyrpl_remote.daemon.adapter.modules.describe import describe_type

    class Odd(Module):
        text = StringProperty(default=object())

        def method(self, value=object, other=3):
            """Do nothing."""

    described = describe_type(Odd(pyrpl, name="odd"))
    assert (described.attributes["text"].kind, described.attributes["text"].default) == ("string", None)
    value, other = described.methods["method"].parameters
    assert (value.has_default, value.default) == (True, None)
    assert (other.has_default, other.default) == (True, 3)


def test_describing_changes_nothing_that_pyrpl_shows(pyrpl):
    from pyrpl_remote.daemon.adapter.modules.describe_attribute import options_of
    from pyrpl_remote.daemon.adapter.modules.modules import Modules

    def state() -> dict:
        registers = {name: module.setup_attributes for name, module in pyrpl.rp.modules.items()}
        owners = {name: module.owner for name, module in pyrpl.rp.modules.items()}
        iqs = {m.name: getattr(m, "_iq", None) for m in pyrpl.software_modules}
        return {"registers": registers, "owners": owners, "iqs": iqs, "configuration": pyrpl.c._data}

    fresh = Modules(pyrpl)
    vars(pyrpl.spectrumanalyzer).pop("_iq", None)
    pyrpl.rp.iq2.owner = "networkanalyzer"
    before = state()
    fresh.describe()
    assert options_of(pyrpl.spectrumanalyzer, "acbandwidth")
    assert state() == before
