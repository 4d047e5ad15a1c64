"""IPython completes and documents proxies as it does PyRPL's own objects."""


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
        )
        p.close()
        """
    )
    assert found["modules"] == ["asg0", "asg1"]
    assert "trigger_source" in found["attributes"]
    assert "Setup Attributes" in found["scope"]
    assert "selects the input signal of the module" in found["setup"]
