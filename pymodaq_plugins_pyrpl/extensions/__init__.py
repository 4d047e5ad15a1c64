"""Extensions of PyMoDAQ's dashboard."""
