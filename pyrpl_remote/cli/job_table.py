"""The jobs of a board as a table, for `status`, `top` and `jobs`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rich.table import Table
from rich.text import Text

from ..board_status import JobStatus


def job_table(jobs: Sequence[JobStatus]) -> Table:
    """A row for each job; a failed one is red."""
    table = Table("job", "kind", "started by", "since", "state", "does", box=None, padding=(0, 2, 0, 0))
    for job in jobs:
        since = datetime.fromtimestamp(job.since).strftime("%Y-%m-%d %H:%M:%S")
        # as Text: rich would take brackets for its own markup
        cells = [str(job.id), job.kind, job.by, since, job.state, job.text]
        table.add_row(*map(Text, cells), style="red" if job.state == "failed" else "")
    return table
