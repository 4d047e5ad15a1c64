"""IPython completes, documents and displays proxies as it does PyRPL's own objects."""

import os
import traceback

import pytest

from pyrpl_remote import connect, errors
from pyrpl_remote.client.proxies.ipython import table_html
from pyrpl_remote.schema import Attribute, ModuleType

from ..daemons import fake_board


@pytest.fixture(scope="module")
def p():
    """A board whose registers PyRPL simulates itself: no signal is needed here."""
    with fake_board("simulated") as p:
        yield p


def test_completion_and_help_need_no_configuration(run_python, p):
    found = run_python(
        """
        import contextlib, io
        from IPython.core.completer import provisionalcompleter
        from IPython.core.interactiveshell import InteractiveShell

        shell = InteractiveShell.instance()
        from pyrpl_remote import connect
        p = shell.user_ns["p"] = connect("simulated")

        def completions(text):
            with provisionalcompleter():
                return [c.text.lstrip(".") for c in shell.Completer.completions(text, len(text))]

        def shown(question):
            with contextlib.redirect_stdout(io.StringIO()) as output:
                shell.run_cell(question)
            return output.getvalue()

        report(
            modules=completions("p.rp.asg"),
            attributes=completions("p.rp.scope.trigger_so"),
            scope=shown("p.rp.scope?"),
            setup=shown("p.rp.scope.setup?"),
            page=shell.display_formatter.format(p.rp.pid0)[0]["text/html"],
        )
        p.close()
        """
    )
    assert found["modules"] == ["asg0", "asg1"]
    assert "trigger_source" in found["attributes"]
    assert "Setup Attributes" in found["scope"]
    assert "selects the input signal of the module" in found["setup"]
    assert "<code>setpoint</code>" in found["page"]


def test_options_help_and_errors_in_a_shell(run_python, p):
    found = run_python(
        """
        import contextlib, io
        from IPython.core.completer import provisionalcompleter
        from IPython.core.interactiveshell import InteractiveShell

        shell = InteractiveShell.instance()
        shell.colors = "NoColor"
        from pyrpl_remote import connect
        p = shell.user_ns["p"] = connect("simulated")
        scope = shell.user_ns["scope"] = p.rp.scope
        p.rp.asg0.frequency = 1e3
        p.c.my_section = {"inner": 1}

        def completions(text):
            with provisionalcompleter():
                found = list(shell.Completer.completions(text, len(text)))
            return [text[: c.start] + c.text + text[c.end :] for c in found]

        def shown(cell):
            with contextlib.redirect_stdout(io.StringIO()) as output:
                shell.run_cell(cell)
            return output.getvalue()

        quote, newline = chr(34), chr(10)
        report(
            assigned=completions(f"p.rp.pid0.input = {quote}"),
            begun=completions(f"x = scope.trigger_source == {quote}ch1_p"),
            called=completions(f"p.rp.pid0.setup(p=max(1, 2), input={quote}as"),
            over_lines=completions(newline.join(["p.rp.pid0.setup(", "p=1,", f"input={quote}as"])),
            element=completions(f"p.lockbox.sequence[0].input = {quote}"),
            single_quote=completions("p.rp.pid0.output_direct='out"),
            elsewhere=[c for c in completions(f"print({quote}asg") if "asg0" in c],
            keywords=completions("p.rp.pid0.setup(setp"),
            section=completions("p.c.my_sec"),
            inner=completions("p.c.my_section.in"),
            frequency=shown("p.rp.asg0.frequency?"),
            source=shown("scope.trigger_source?"),
            method=shown("scope.single?"),
            refused=shown(f"p.rp.pid0.input = {quote}in3{quote}"),
            unknown=shown("p.rp.pid0.setup(setpont=3)"),
        )
        p.close()
        """
    )
    assert 'p.rp.pid0.input = "asg0' in found["assigned"]
    assert found["begun"] == ['x = scope.trigger_source == "ch1_positive_edge']
    assert found["called"] == [f'p.rp.pid0.setup(p=max(1, 2), input="asg{n}' for n in (0, 1)]
    assert found["over_lines"] == [f'p.rp.pid0.setup(\np=1,\ninput="asg{n}' for n in (0, 1)]
    assert 'p.lockbox.sequence[0].input = "input1' in found["element"]
    assert found["single_quote"] == [f"p.rp.pid0.output_direct='out{n}" for n in (1, 2)]
    assert found["elsewhere"] == []
    assert "p.rp.pid0.setup(setpoint=" in found["keywords"]
    assert found["section"] == ["p.c.my_section"]
    assert found["inner"] == ["p.c.my_section.inner"]
    for text in ("rp.asg0.frequency", "1000.0", "0 to 6.25e+07 Hz", "'simulated'"[1:-1]):
        assert text in found["frequency"]
    assert "'ch1_positive_edge'" in found["source"]
    assert "Same as single_async" in found["method"]
    for shown, last in (
        (found["refused"], "board 'simulated', setting"),
        (found["unknown"], "did you mean 'setpoint'"),
    ):
        assert last in shown
        assert "pyrpl_remote" not in shown and "remote traceback" not in shown
        assert len(shown.splitlines()) <= 10, shown


def test_a_traceback_in_plain_python_has_one_frame_of_ours(p):
    for attempt in (
        lambda: setattr(p.rp.pid0, "input", "in3"),
        lambda: p.rp.pid0.setup(input="in3"),
        lambda: p.rp.pid0.update(input="in3"),
        lambda: p.networkanalyzer.last_valid_point,
        lambda: p.c["no such entry"],
        lambda: p.load_curve(987654),
        lambda: p.rp.pid0.setpont,
        lambda: setattr(p.rp.pid0, "setpont", 1),
    ):
        with pytest.raises(errors.PyrplRemoteError) as caught:
            attempt()
        frames = traceback.extract_tb(caught.value.__traceback__)
        assert len([frame for frame in frames if f"{os.sep}pyrpl_remote{os.sep}" in frame.filename]) == 1
        assert caught.value.__cause__ is None
        assert "remote traceback" not in "".join(traceback.format_exception(caught.value))
    with pytest.raises(errors.RemoteError) as caught:
        p.rp.pid0.input = "in3"
    assert "validate_and_normalize" in caught.value.remote_traceback


def test_a_board_is_displayed_with_its_modules_daemon_and_clients(p):
    p.rp.pid1.owner = "<ada>"
    page = p._repr_html_()
    assert "<td>rp.pid1</td><td>Pid</td><td>&lt;ada&gt;</td>" in page
    assert "<td>rp.scope</td><td>Scope</td><td></td><td>stopped</td>" in page
    assert "<td>networkanalyzer</td><td>NetworkAnalyzer</td>" in page
    assert str(p.status().daemon.pid) in page and str(os.getpid()) in page
    hardware = p.rp._repr_html_()
    assert "<td>rp.pid1</td><td>Pid</td><td>&lt;ada&gt;</td>" in hardware
    assert "<td>networkanalyzer</td><td>NetworkAnalyzer" not in hardware
    p.rp.pid1.owner = None


def test_a_closed_board_is_displayed_without_values():
    with connect("simulated") as q:
        pid = q.rp.pid0
    page = pid._repr_html_()
    assert "&lt;Pid rp.pid0 of board &#x27;simulated&#x27;, closed&gt;" in page
    assert "setpoint" not in page


@pytest.mark.parametrize(
    ("attribute", "value", "cells"),
    [
        (Attribute("f", "float", unit="Hz", minimum=0, maximum=1e6), 1 / 3, ["0.333333", "Hz", "0 to 1e+06"]),
        (Attribute("s", "string"), "<b>", ["&#x27;&lt;b&gt;&#x27;", "", ""]),
        (Attribute("d"), [1] * 40, ["[" + "1, " * 18 + "1,...", "", ""]),
        (Attribute("o", "select", options=["a", 2, None]), 2, ["2", "", "a, 2, None"]),
        (Attribute("m", "select", options=list(range(9))), 8, ["8", "", "0, 1, 2, 3, 4, ... (9 options)"]),
    ],
)
def test_the_table_of_a_module_has_short_values_units_and_limits_or_options(attribute, value, cells):
    kind = ModuleType("Thing", attributes={attribute.name: attribute})
    page = table_html("a <thing>", kind, {attribute.name: value})
    assert "<b>a &lt;thing&gt;</b>" in page
    row = "".join(f"<td>{cell}</td>" for cell in cells)
    assert f"<tr><td><code>{attribute.name}</code></td>{row}</tr>" in page
