"""The pages under docs/ and the README: their code runs, and they have what they promise to have."""

import re
from pathlib import Path

import pytest

from pyrpl_remote import errors, settings

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *(ROOT / "docs").glob("*/*.md")])
RUN = ["README.md", "docs/index.md", "docs/first-day.md", "docs/python.md", "docs/ipython.md"]
"""The pages whose blocks of Python run as they stand, one after the other, on a virtual board."""


def blocks(page: Path) -> list[str]:
    """The blocks of Python of a page."""
    return re.findall(r"^```python\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.timeout(240)
def test_the_python_of_the_pages_runs(run_python, p):
    # IPython's, because a cell may await
    found = run_python(
        """
        from IPython.core.interactiveshell import InteractiveShell
        from pyrpl_remote.client.proxies.board import RemotePyrpl
        from tests.docs.test_pages import ROOT, RUN, blocks
        ran = 0
        for page in RUN:
            shell = InteractiveShell()
            for block in blocks(ROOT / page):
                shell.run_cell(block).raise_error()
                ran += 1
            for board in {one for one in shell.user_ns.values() if isinstance(one, RemotePyrpl)}:
                board.close()
        report(ran=ran)
        """,
        timeout=200,
    )
    assert found["ran"] == sum(len(blocks(ROOT / page)) for page in RUN) > len(RUN)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_python_of_a_page_is_valid(page):
    for block in blocks(page):
        compile(block, page.name, "exec", flags=0x2000)  # ast.PyCF_ALLOW_TOP_LEVEL_AWAIT


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_of_a_page_lead_to_files(page):
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text)
    missing = [
        target
        for target in targets
        if not target.startswith(("http", "mailto:")) and not (page.parent / target).exists()
    ]
    assert not missing


def test_every_error_has_its_section():
    titles = re.findall(
        r"^### (\w+)$", (ROOT / "docs" / "troubleshooting.md").read_text("utf-8"), re.MULTILINE
    )
    assert sorted(titles) == sorted(errors.OWN)


def test_every_error_has_cause_and_remedy():
    text = (ROOT / "docs" / "troubleshooting.md").read_text("utf-8")
    sections = dict(re.findall(r"^### (\w+)\n(.*?)(?=^##)", text, re.MULTILINE | re.DOTALL))
    bases = {"PyrplRemoteError", "StartError", "SessionError"}
    assert set(sections) > bases
    assert not [
        name
        for name, section in sections.items()
        if name not in bases and not ("**Cause.**" in section and "**Remedy.**" in section)
    ]


def test_the_articles_to_cite_are_those_of_the_citation_file():
    cited = set(re.findall(r"10\.1063/[\d.]+", (ROOT / "CITATION.cff").read_text("utf-8")))
    assert cited == set(re.findall(r"10\.1063/[\d.]+", (ROOT / "docs" / "citing.md").read_text("utf-8")))
    assert len(cited) == 2


def test_every_environment_variable_is_explained():
    page = (ROOT / "docs" / "environment.md").read_text("utf-8")
    named = set(re.findall(r"`([A-Z][A-Z_]+)`", str(settings.__doc__)))
    assert named
    assert not {name for name in named if name not in page}
