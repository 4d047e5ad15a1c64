"""The version of the distribution, where both packages and the build read it."""

__version__ = "0.2.0.dev0"
