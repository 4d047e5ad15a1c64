"""What a gate does for paired hosts has limits."""

import pytest

from pyrpl_remote import errors, settings
from pyrpl_remote.gate import host


def test_only_so_many_daemons_are_started_at_a_time():
    for _ in range(host.MAX_STARTS):
        assert host._starts.acquire(blocking=False)
    try:
        with pytest.raises(errors.PyrplRemoteError, match="starts 8 boards already"):
            next(host.start(settings.VIRTUAL))
    finally:
        host._starts.release(host.MAX_STARTS)


def test_a_long_log_is_sent_in_whole_lines_that_fit_into_an_answer():
    path = settings.log_path(settings.VIRTUAL)
    line = "a line of a log, of which there are very many\n"
    path.write_text("first\n" + 100_000 * line)
    try:
        sent = next(host.log(settings.VIRTUAL, host.MAX_LINES, follow=False))
        assert len(sent) <= host.MAX_LOG
        assert set(sent.splitlines(keepends=True)) == {line}
        assert next(host.log(settings.VIRTUAL, 3, follow=False)) == 3 * line
    finally:
        path.unlink()
