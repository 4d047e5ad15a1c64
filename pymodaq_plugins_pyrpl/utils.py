"""The configuration of the plugins: the board, and the values that are written to its modules at init."""

from pathlib import Path
from typing import Any

import toml
from pymodaq_utils.config import BaseConfig


class Config(BaseConfig):
    """The values of the user's copy of resources/config_template.toml."""

    config_template_path = Path(__file__).parent / "resources" / "config_template.toml"
    config_name = "config_pyrpl"

    def is_edited(self, *path: str) -> bool:
        """Whether the user's copy differs from the template in the entry at `path`, a section and a name."""
        template: Any = toml.load(self.config_template_path)
        for name in path:
            template = template[name]
        return bool(self(*path) != template)
