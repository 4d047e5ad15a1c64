"""The viewer plugins (detectors)."""
