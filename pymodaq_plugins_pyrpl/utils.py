"""The configuration of the plugins: which board, and what its modules are set to at init."""

from pathlib import Path

from pymodaq_utils.config import BaseConfig


class Config(BaseConfig):
    """Values of resources/config_template.toml, or of the user's copy of it."""

    config_template_path = Path(__file__).parent / "resources" / "config_template.toml"
    config_name = "config_pyrpl"
