"""The description of the package: the README, with links that work on its page at PyPI too.

All else is declared in setup.cfg. PyPI shows the README without the repository, so a link to a file needs
the repository's address: `url` in setup.cfg.
"""

import configparser
import re
from pathlib import Path

from setuptools import setup

HERE = Path(__file__).parent


def description() -> str:
    """The README, whose links to files and pictures lead to the tag of this version."""
    config = configparser.ConfigParser(interpolation=None)
    config.read(HERE / "setup.cfg", "utf-8")
    version_file = (HERE / "pyrpl_remote" / "_version.py").read_text("utf-8")
    (version,) = re.findall(r'^__version__ = "(.*)"', version_file, re.MULTILINE)
    at = f"{config['metadata']['url']}/%s/v{version}/"
    text = (HERE / "README.md").read_text("utf-8")
    text = re.sub(r"(!\[[^\]]*\]\()(?=docs/)", rf"\g<1>{at % 'raw'}", text)
    return re.sub(r"\]\((?!https?:|#)", f"]({at % 'blob'}", text)


setup(long_description=description())
