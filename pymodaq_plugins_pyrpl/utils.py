"""The configuration of the plugins: the board, and the values that are written to its modules at init."""

from pathlib import Path

from pymodaq_utils.config import BaseConfig


class Config(BaseConfig):
    """The values of the user's copy of resources/config_template.toml."""

    config_template_path = Path(__file__).parent / "resources" / "config_template.toml"
    config_name = "config_pyrpl"
