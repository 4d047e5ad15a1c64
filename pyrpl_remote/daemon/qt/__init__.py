"""The Qt thread, in which PyRPL runs: posted work, polling, and acquisitions."""
