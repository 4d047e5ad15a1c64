"""The remedies for Qt's missing libraries, and the pages, name the same packages."""

from pathlib import Path

import pytest

from pyrpl_remote.machine.qt_libraries import INSTALL_LIBRARIES
from pyrpl_remote.machine.qt_windows import INSTALL_WINDOW_LIBRARIES

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("page", ["README.md", "docs/install.md"])
@pytest.mark.parametrize("remedy", [INSTALL_LIBRARIES, INSTALL_WINDOW_LIBRARIES])
def test_the_remedies_name_the_packages_of_the_pages(remedy, page):
    packages = remedy.partition("apt-get install -y ")[2]
    text = (ROOT / page).read_text("utf-8").replace("\\\n", " ")
    assert packages in " ".join(text.split())
