"""What a gate does for paired hosts has limits."""

import json

import pytest

from pyrpl_remote import errors, settings
from pyrpl_remote.gate import host
from pyrpl_remote.transport.lan.json_lines import MAX_LINE


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
    # of characters that are longest in JSON
    text = "first\n" + 5_000 * ("\N{GRINNING FACE}" * 50 + "\n")
    path.write_text(text, encoding="utf-8")
    try:
        sent = list(host.log(settings.VIRTUAL, host.MAX_LINES, False, "daq2"))
        assert "".join(one["text"] for one in sent) == text
        assert all(len(json.dumps(one)) < MAX_LINE for one in sent)
        assert ["end" in one for one in sent] == [False] * (len(sent) - 1) + [True]
        assert next(host.log(settings.VIRTUAL, 3, False, "daq2"))["text"] == "".join(
            text.splitlines(keepends=True)[-3:]
        )
    finally:
        path.unlink()
