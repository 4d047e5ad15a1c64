"""Configuration of Sphinx for these pages: `.ci/docs` builds them."""

import re
from pathlib import Path
from typing import Any

from typer.cli import get_docs_for_click
from typer.main import get_command

from pyrpl_remote import __version__, wire
from pyrpl_remote.cli import app
from pyrpl_remote.protocol import VERBS

HERE = Path(__file__).parent

project = "pyrpl_remote"
author = "The authors of pyrpl_remote"
project_copyright = "the authors of pyrpl_remote, MIT licence"
release = __version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx_copybutton"]
myst_heading_anchors = 4
# the notebooks have their outputs; tests/docs runs them
nb_execution_mode = "off"
# docstrings have `names` in single backquotes
default_role = "code"
add_module_names = False
smartquotes = False
autodoc_member_order = "bysource"
autodoc_typehints = "none"
exclude_patterns = ["build", "generated"]

# for `.ci/docs --external`
linkcheck_ignore = [
    r"https?://(localhost|127\.0\.0\.1)\b",
    r"https?://([\w-]+\.)?example\.(org|com)\b",
    r"https://github\.com/to-be-filled-in/",
    # the publisher refuses programs
    r"https://doi\.org/10\.1063/",
]
linkcheck_retries = 2
linkcheck_timeout = 30
# GitHub limits how often it may be asked
linkcheck_rate_limit_timeout = 300
# GitHub makes its anchors with JavaScript
linkcheck_anchors_ignore_for_url = [r"https://github\.com/"]

html_theme = "furo"
html_title = f"pyrpl_remote {release}"
html_static_path = ["static"]
html_css_files = ["pages.css"]
html_copy_source = False


def table_of_verbs() -> str:
    """The protocol's verbs as a table in Markdown."""
    lines = ["| verb | what it does | repeatable | lowest role |", "|---|---|---|---|"]
    for name, verb in VERBS.items():
        step = re.sub(r"\{[^}]*\}(\.\{\})?", "...", verb.step)
        repeatable = "yes" if verb.repeatable else ""
        lines.append(f"| `{name}` | {step} | {repeatable} | {verb.role.name.lower()} |")
    return "\n".join(lines) + "\n"


def commands() -> str:
    """Every command with its options, in Markdown."""
    command = get_command(app)
    context = command.make_context("pyrpl-remote", [], resilient_parsing=True)
    text = get_docs_for_click(obj=command, ctx=context, name="pyrpl-remote")
    # without the title and the list, which cuts each line, and the commands that the software itself uses
    parts = re.split(r"(?=^## )", text, flags=re.MULTILINE)[1:]
    text = "".join(part for part in parts if part.split("`")[1].split()[1] not in HIDDEN)
    return re.sub(r"^Example: (.+)$", r"Example: `\1`", text, flags=re.MULTILINE)


def links_of_pages(_: object, __: object, content: list[str]) -> None:
    """Let links to files at the top of the repository lead to the pages that include them."""
    for file, page in PAGES_OF_FILES.items():
        content[0] = re.sub(rf"\]\((\.\./)+{file}", rf"](/{page}", content[0])


HIDDEN = {info.name for info in app.registered_commands if info.hidden}

PAGES_OF_FILES = {"CONTRIBUTING.md": "developing.md", "SECURITY.md": "security.md", "README.md": "index.md"}

generated = HERE / "generated"
generated.mkdir(exist_ok=True)
(generated / "verbs.md").write_text(table_of_verbs(), "utf-8")
(generated / "commands.md").write_text(commands(), "utf-8")
(generated / "values.md").write_text(str(wire.__doc__).partition("\n\n")[2], "utf-8")


def setup(app: Any) -> None:
    """Called by Sphinx."""
    app.connect("source-read", links_of_pages)
