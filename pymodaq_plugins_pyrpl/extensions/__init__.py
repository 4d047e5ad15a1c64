"""Extensions of PyMoDAQ's dashboard (none yet; PyMoDAQ looks for this package)."""
