"""Recordings: jobs that read attributes at regular times, for days, and append them to a file."""
