"""What a client sets or calls is never evaluated, opened or run by PyRPL, and no live object is replaced."""

import pytest

from pyrpl_remote import connect, errors

from ...daemons import fake_board


@pytest.fixture(scope="module")
def p():
    with fake_board("doors") as p:
        yield p


@pytest.fixture(scope="module")
def private(p):
    with connect("doors", private=True) as private:
        yield private


FORMULAS_REFUSED = [
    "__import__('os').system('true')",
    "open('/etc/passwd').read()",
    "np.load('/tmp/x.npy', allow_pickle=True)",
    "np.lib.npyio.os.getcwd()",
    "ch1.tofile('/tmp/x')",
    "ch1.__class__",
    "(lambda: 1)()",
    "[1 for _ in ch1]",
    "9**9**9",
    "(((9**64)**64)**64)**64",
    "np.e.tofile('/tmp/x')",
    "'x' * 10",
    "ch1 *",
    "x" * 1000,
]


@pytest.mark.parametrize("formula", FORMULAS_REFUSED)
def test_a_text_that_is_no_formula_is_refused_and_the_former_one_kept(p, formula):
    before = p.rp.scope.math_formula
    with pytest.raises(ValueError, match="is no formula"):
        p.rp.scope.math_formula = formula
    with pytest.raises(ValueError, match="is no formula"):
        p.rp.scope.setup(math_formula=formula)
    with pytest.raises(ValueError, match="is no formula"):
        p.rp.scope.setup_attributes = {"math_formula": formula}
    assert p.rp.scope.math_formula == before


@pytest.mark.parametrize(
    "formula",
    [
        "ch1 * ch2",
        "np.sqrt(ch1**2 + ch2**2)",
        "ch1 - np.mean(ch1)",
        "np.abs(np.fft.fft(ch1))",
        "np.where(ch1 > 0.5, ch1, -ch1)",
        "np.sin(2*np.pi*50*times)",
        "ch1[::2].mean() + np.arctan2(ch1, ch2)",
        "-ch1 + 1e-3",
    ],
)
def test_a_formula_of_operators_and_numpy_functions_is_taken(p, formula):
    p.rp.scope.math_formula = formula
    assert p.rp.scope.math_formula == formula
    p.rp.scope.math_formula = "ch1 * ch2"


def test_a_formula_that_came_by_the_configuration_is_not_evaluated(tmp_path):
    from types import ModuleType

    from pyrpl_remote.daemon.adapter.modules.formulas import safe_formulas

    widget = ModuleType("widget")
    safe_formulas(widget, lambda: None)
    names = {"ch1": 2.0, "ch2": 3.0, "np": __import__("numpy"), "times": 0.0}
    assert widget.eval("ch1 * ch2", dict(names)) == 6.0
    with pytest.raises(ValueError, match="no formula"):
        widget.eval(f"open({str(tmp_path / 'made')!r}, 'w')", dict(names))
    assert not (tmp_path / "made").exists()


def test_a_stage_calls_methods_of_its_lockbox_only(p):
    stage = p.lockbox.sequence[0]
    for name in ("parent.rp.end_all", "pyrpl._clear", "_logger.root", "parent.c", "__init__", "c"):
        with pytest.raises(ValueError, match="function of the lockbox"):
            stage.function_call = name
    with pytest.raises(ValueError, match="function of the lockbox"):
        p.lockbox.sequence.append({"function_call": "parent.rp.restart"})
    stage.function_call = "calibrate_all"
    stage.function_call = "outputs.output1.unlock"
    assert stage.function_call == "outputs.output1.unlock"
    stage.function_call = ""


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("put_file", ("/etc/passwd", "/tmp/x")),
        ("switch_led", ("0; touch /tmp/x",)),
        ("update_fpga", ("/etc/passwd",)),
        ("restartserver", ("2222; reboot",)),
        ("installserver", ()),
        ("startserver", ()),
        ("restart", ()),
    ],
)
def test_what_takes_files_or_shell_text_stays_in_the_daemon(p, private, name, arguments):
    for one in (p, private):
        with pytest.raises(errors.NotRemote):
            getattr(one.rp, name)(*arguments)
        with pytest.raises(errors.UnknownAttribute):
            one._handle.ask("call", "rp", name, list(arguments), {}, one._handle.session.connections.number())


def test_the_boards_parameters_are_read_without_the_password_and_not_set(p, private):
    assert p.rp.parameters["password"] == "********"
    assert p.c.redpitaya.password == "********"
    assert p.c["redpitaya.password"] == "********"
    assert p.c.redpitaya._data["password"] == "********"
    for text in (p.c._get_yml(), p.c.redpitaya._get_yml()):
        assert "'********'" in text
    assert private.c._data["redpitaya"]["password"] == "********"
    with pytest.raises(AttributeError, match=r"no setter|read-only"):
        p.rp.parameters = {}
    with pytest.raises(AttributeError, match="read-only"):
        p._handle.ask("set", "rp", "parameters", {})


@pytest.mark.parametrize(
    "name", ["hostname", "password", "user", "sshport", "port", "monitor_server_name", "filename"]
)
def test_the_link_to_the_board_is_not_led_elsewhere(p, name):
    before = p.c._get_yml()
    for change in (
        lambda: setattr(p.c.redpitaya, name, "evil"),
        lambda: p.c.__setitem__(f"redpitaya.{name}", "evil"),
        lambda: p.c.redpitaya._update({name: "evil"}),
        lambda: p.c._update({"redpitaya": {name: "evil"}}),
        lambda: p.c.redpitaya._pop(name),
        lambda: p.c._pop("redpitaya"),
        lambda: p.c.redpitaya._rename("other"),
        lambda: p.c.redpitaya._set_yml(f"{name}: evil"),
    ):
        with pytest.raises(PermissionError, match="not set by clients"):
            change()
    p.c.innocent = {name: "evil"}
    with pytest.raises(PermissionError):
        p.c.innocent._rename("redpitaya")
    p.c._pop("innocent")
    assert p.c._get_yml() == before


def test_other_settings_of_the_link_are_set_and_its_text_is_written_back(p):
    p.c.redpitaya.reloadfpga = False
    p.c.redpitaya.delay = 0.1
    text = p.c.redpitaya._get_yml()
    p.c.redpitaya._set_yml(text)
    assert p.c.redpitaya._get_yml() == text
    assert p.c.redpitaya.delay == 0.1
    with pytest.raises(ValueError, match="one branch"):
        p.c._set_yml(text)


@pytest.mark.parametrize("key", ["_data", "_parent", "_filename", "a._b", "x" * 500, "", "a\nb"])
def test_the_trees_own_names_are_no_keys(p, key):
    with pytest.raises(KeyError):
        p._handle.ask("set_config", [], key, 1)
    with pytest.raises(KeyError):
        p._handle.ask("update_config", [], {key: 1})
    with pytest.raises(KeyError):
        p._handle.ask("set_config", [], "a", {"b": {key: 1}})
    with pytest.raises(KeyError):
        p.rp.pid0.save_state(key)
    p.c.still = 1
    assert p.c.still == 1
    p.c._pop("still")


ALIASES = "a: &a [1,1]\nb: &b [*a,*a,*a]\nc: [*b,*b,*b]\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [(ALIASES, "aliases"), ("[" * 500 + "]" * 500, "levels"), ("a: " + "x" * 300_000, "characters")],
)
def test_yaml_texts_are_bounded_and_have_no_aliases(p, text, words):
    for take in (p.c._get_or_create("texts")._set_yml, p.rp.pid0.set_yml):
        with pytest.raises(ValueError, match=words):
            take(text)


def test_the_configuration_takes_no_value_that_would_fill_memory(p):
    with pytest.raises(errors.NotTransferable, match="large"):
        p.c.big = list(range(100_000))
    with pytest.raises(errors.NotTransferable, match="large"):
        p.c.big = "x" * 10**6


def test_the_names_of_the_daemons_files_and_its_methods_are_closed_to_private_clients(private, tmp_path):
    for name in ("_filename", "_buffer_filename", "_filename_stripped"):
        with pytest.raises(AttributeError):
            setattr(private.c, name, str(tmp_path / "made.yml"))
    for name in ("_load", "_set_data", "_note", "_getbranch"):
        with pytest.raises(AttributeError):
            private._handle.ask("call_private_config", [], name, [], {})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["_client", "_widget_class", "_signal_launcher"])
def test_live_objects_are_neither_read_nor_replaced_nor_called(private, name):
    ask, number = private._handle.ask, private._handle.session.connections.number
    for request in (
        ("get", "rp.scope", name),
        ("set", "rp.scope", name, 5),
        ("call", "rp.scope", name, [], {}, number()),
    ):
        with pytest.raises((errors.NotRemote, AttributeError)):
            ask(*request)
    with pytest.raises(AttributeError):
        ask("set", "rp.scope", "_logger", 5)
    with pytest.raises(AttributeError):
        ask("set", "rp.scope", "_read", 5)
    with pytest.raises(errors.NotRemote):
        ask("call", "rp", "_update_fpga", ["/etc/passwd"], {}, number())
    assert private.rp.scope.trace_average >= 1


def test_private_numbers_are_still_set(private):
    private.rp.scope._owner = None
    assert private.rp.scope._owner is None


def test_curves_are_related_by_numbers_only(p, tmp_path):
    for relation in ("childs", "parent"):
        for odd in ("../../x", [str(tmp_path)], 1.5, {"a": 1}):
            with pytest.raises(ValueError, match="numbers of saved curves"):
                p._handle.ask("save_curve", None, {"name": "x", relation: odd}, [[1.0], [2.0]])


def test_a_path_has_at_most_200_characters(p):
    with pytest.raises(errors.UnknownAttribute, match="no module"):
        p._handle.ask("get", "rp." * 100 + "scope", "p")


def test_one_request_reads_at_most_1000_attributes(p):
    with pytest.raises(ValueError, match="at most 1000"):
        p._handle.ask("get_many", "rp.pid0", ["p"] * 1001)


def test_arguments_that_name_attributes_name_public_ones(p):
    with pytest.raises(ValueError, match="no signal"):
        p.rp.sampler.stats("_client")
    with pytest.raises(ValueError, match="no signal"):
        p.rp.iir.select_pole_or_zero(1, search_in=["_client"])
    assert len(p.rp.sampler.stats("in1", 0.001)) == 4


def test_owners_have_short_names(p):
    with pytest.raises(ValueError, match="at most 200"):
        p.pids.pop("x" * 201)
    with pytest.raises(ValueError, match="at most 200"):
        p.rp.pid0.owner = "x" * 201


def test_a_software_pid_reads_and_writes_attributes_of_modules_only():
    from types import ModuleType, SimpleNamespace

    from pyrpl_remote.daemon.adapter.modules.formulas import safe_paths

    module = ModuleType("software_pid")
    safe_paths(module, lambda: None)

    class Sampler:
        in1 = property(lambda self: 0.5)

    root = SimpleNamespace(sampler=Sampler(), client=object())
    assert module.recursive_getattr(root, "sampler.in1") == 0.5
    for path in ("client", "sampler.__class__", "sampler._x", "_x.in1", "", 5):
        with pytest.raises(AttributeError):
            module.recursive_getattr(root, path)
        with pytest.raises(AttributeError):
            module.recursive_setattr(root, path, 1.0)
