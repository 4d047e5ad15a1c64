"""Data files: the template of the plugins' configuration."""
