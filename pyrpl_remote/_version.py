"""The version of the distribution; both packages and the build read it from here."""

__version__ = "0.2.0.dev0"
