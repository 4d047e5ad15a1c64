"""IPython completes, documents and displays proxies as it does PyRPL's own objects."""

import pytest

from pyrpl_remote import connect
from pyrpl_remote.client.proxies.ipython import table_html
from pyrpl_remote.schema import Attribute, ModuleType


def test_completion_and_help_need_no_configuration(run_python, p):
    found = run_python(
        """
        import contextlib, io
        from IPython.core.completer import provisionalcompleter
        from IPython.core.interactiveshell import InteractiveShell

        shell = InteractiveShell.instance()
        from pyrpl_remote import connect
        p = shell.user_ns["p"] = connect("virtual")

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


def test_a_closed_board_is_displayed_without_values():
    with connect("virtual") as q:
        pid = q.rp.pid0
    page = pid._repr_html_()
    assert "&lt;Pid rp.pid0 of board &#x27;virtual&#x27;, closed&gt;" in page
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
