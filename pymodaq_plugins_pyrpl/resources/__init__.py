"""Files of the package that are no code: the template of the plugins' configuration."""
