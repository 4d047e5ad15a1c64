"""What a gate does for paired hosts has limits."""

import pytest

from pyrpl_remote import errors, settings
from pyrpl_remote.gate import host


def test_only_so_many_daemons_are_started_at_a_time():
    for _ in range(host.MAX_STARTS):
        assert host._starts.acquire(blocking=False)
    try:
        with pytest.raises(errors.PyrplRemoteError, match="daq2 starts 8 boards already"):
            next(host.start(settings.VIRTUAL, "daq2"))
    finally:
        host._starts.release(host.MAX_STARTS)


def test_a_long_log_is_sent_whole_in_pieces_that_fit_into_an_answer():
    path = settings.log_path(settings.VIRTUAL)
    text = "first\n" + 10_000 * "a line of a log, of which there are very many\n"
    path.write_text(text)
    try:
        *pieces, last = host.log(settings.VIRTUAL, host.MAX_LINES, False, "daq2")
        assert last == {"text": "", "end": True}
        assert max(len(piece["text"]) for piece in pieces) <= host.PIECE
        assert "".join(piece["text"] for piece in pieces) == text
        assert (
            next(host.log(settings.VIRTUAL, 1, False, "daq2"))["text"] == text.splitlines(keepends=True)[-1]
        )
    finally:
        path.unlink()
