"""The daemon's log rotates while it is written, and keeps what C libraries print."""

import os
import textwrap
from pathlib import Path

import pytest

LINES = """
    import logging, os
    from pathlib import Path
    from pyrpl_remote.machine import log_file

    log_file.LOG_BYTES = 2000
    path = Path({path!r})
    log = log_file.LogFile(path, "lab", descriptors=(1, 2))
    logging.basicConfig(level=logging.INFO, handlers=[log], force=True)
    """


@pytest.fixture
def log(tmp_path, run_python):
    """Run lines in a process with a log, whose file is `path`; returns the logs' texts, newest first."""
    path = tmp_path / "lab.log"

    def run(lines: str) -> list[str]:
        run_python(textwrap.dedent(LINES.format(path=str(path))) + textwrap.dedent(lines))
        names = [str(path), *(f"{path}.{number}" for number in range(1, 10))]
        return [Path(name).read_text(encoding="utf-8") for name in names if os.path.exists(name)]

    return run


def test_it_rotates_and_no_line_is_lost_until_the_oldest_log_is_deleted(log):
    texts = log("for number in range(100): logging.info('line %d', number)")
    assert len(texts) > 2
    assert all(len(text) <= 2000 for text in texts)
    together = "".join(reversed(texts))
    numbers = [int(line.rpartition(" ")[2]) for line in together.splitlines()]
    assert numbers == list(range(100))


def test_at_most_four_logs_are_kept(log):
    texts = log("for number in range(400): logging.info('line %d', number)")
    assert len(texts) == 4
    assert "line 399" in texts[0]


def test_what_c_libraries_and_children_print_is_in_the_newest_log_after_a_rotation(log):
    newest = log(
        """
        os.write(2, b"printed before\\n")
        while not Path(f"{path}.2").exists():
            logging.info("line")
        os.write(1, b"printed by C on stdout\\n")
        os.write(2, b"printed by C on stderr\\n")
        os.system("echo printed by a child")
        """
    )
    for text in ("printed by C on stdout", "printed by C on stderr", "printed by a child"):
        assert text in newest[0]
    assert "printed before" in "".join(newest[1:])


def test_a_log_that_was_deleted_or_moved_by_another_process_begins_anew(log):
    (newest, moved) = log(
        """
        logging.info("first")
        path.rename(f"{path}.1")
        logging.info("second")
        os.write(2, b"printed\\n")
        """
    )
    assert "first" in moved
    assert "second" in newest
    assert "printed" in newest
    assert "first" not in newest


def test_a_rotation_that_is_impossible_loses_no_line(log):
    (text,) = log(
        """
        rename = os.rename
        def refuse(source, target):
            if source == str(path):
                raise PermissionError("as on Windows while another program has the file open")
            rename(source, target)
        os.rename = refuse
        for number in range(100): logging.info("line %d", number)
        os.write(2, b"printed\\n")
        """
    )
    assert [f"line {number}\n" in text for number in range(100)] == [True] * 100
    assert "printed" in text
    assert "Traceback" not in text


def test_a_rotation_that_is_impossible_leaves_the_earlier_logs_as_they_are(log):
    texts = log(
        """
        for number in range(1, 4): Path(f"{path}.{number}").write_text(f"earlier {number}")
        rename = os.rename
        def refuse(source, target):
            if source == str(path):
                raise PermissionError("as on Windows while another program has the file open")
            rename(source, target)
        os.rename = refuse
        for number in range(100): logging.info("line %d", number)
        """
    )
    assert texts[1:] == ["earlier 1", "earlier 2", "earlier 3"]


def test_each_line_names_the_board_and_no_client_where_none_asked(log):
    (text,) = log("logging.getLogger('x').warning('hello %s', 'you')")
    assert " [lab] WARNING x: hello you\n" in text
