"""PyRPL's warnings: the program whose request caused one reads it, in its logger `pyrpl`, once."""

import logging
import os
import subprocess
import textwrap
import warnings
from pathlib import Path

import Pyro5.api
import pytest

from pyrpl_remote import connect

from ..daemons import fake_board
from ..processes import python_command, reports, wait_until

NOISY = """
    import logging, warnings
    from pyrpl.async_utils import ensure_future, sleep_async, wait
    from pyrpl.software_modules.lockbox import Lockbox

    class Noisy(Lockbox):
        async def _two_warnings(self):
            self._logger.warning("the first of two")
            await sleep_async(0.1)
            self._logger.warning("the second of two")
            return 3

        def two_async(self):
            return ensure_future(self._two_warnings())

        def two(self):
            return wait(self.two_async())

        def two_later(self):
            ensure_future(self._two_warnings())

        def warn_and_fail(self):
            self._logger.error("about to fail")
            raise ValueError("it failed")

        def many(self, count):
            for number in range(count):
                self._logger.warning(f"number {number} " + "x" * 5000)

        def say(self, text):
            self._logger.info(text)
            logging.getLogger(__name__).warning(text)
            logging.getLogger("another_library").warning(text)

        def warn_as_python_does(self):
            warnings.warn("an old way", RuntimeWarning)
"""


@pytest.fixture(scope="module")
def p(own_pyrpl_folder):
    folder = Path(os.environ["PYRPL_USER_DIR"], "lockbox")
    folder.mkdir()
    (folder / "noisy.py").write_text(textwrap.dedent(NOISY))
    with fake_board("noisy") as p:
        p.lockbox.classname = "Noisy"
        yield p


@pytest.fixture(autouse=True)
def another_message(p):
    """PyRPL drops a message that equals the one before: let another one come first."""
    p.rp.pid0.get_setup_attributes()


@pytest.fixture
def read(another_message, caplog):
    """A function that returns the records of PyRPL that this process has logged in this test."""
    caplog.clear()
    return lambda: [record for record in caplog.records if record.name.partition(".")[0] == "pyrpl"]


def texts(records) -> list[str]:
    return [record.getMessage() for record in records]


def test_a_value_that_pyrpl_caps_is_said_to_be_capped_once(p, read):
    p.rp.iq0.gain = 1e9
    (record,) = read()
    assert (record.name, record.levelname) == ("pyrpl.modules", "WARNING")
    assert "is capped to" in record.getMessage()
    assert p.rp.iq0.gain < 1e9


def test_requests_without_warnings_log_nothing(p, read):
    p.rp.pid0.setpoint = 0.1
    assert p.rp.pid0.setpoint == pytest.approx(0.1, abs=2**-13)
    assert read() == []


def test_a_warning_comes_before_the_error_of_the_same_request(p, read):
    with pytest.raises(ValueError, match="it failed"):
        p.lockbox.warn_and_fail()
    assert [(r.levelname, r.getMessage()) for r in read()] == [("ERROR", "about to fail")]
    with pytest.raises(ValueError, match="not an option"):
        p.rp.iq0.update(gain=1e9, input="nonsense")
    assert len([text for text in texts(read()) if "is capped" in text]) == 1


def test_a_call_that_waits_brings_what_it_logged_meanwhile(p, read):
    assert p.lockbox.two() == 3
    assert texts(read()) == ["the first of two", "the second of two"]


def test_the_warnings_of_a_future_are_there_before_its_result(p, read):
    assert p.lockbox.two_async().result(20) == 3
    assert texts(read()) == ["the first of two", "the second of two"]


def test_what_is_logged_after_the_answer_comes_to_the_client_that_began_it(p, read):
    p.lockbox.two_later()
    wait_until(lambda: len(read()) == 2, what="the second warning")
    assert texts(read()) == ["the first of two", "the second of two"]


def test_only_the_client_that_caused_a_warning_reads_it_and_each_reads_its_own(p, read):
    lines = """
        import logging
        from pyrpl_remote import connect
        read = []
        class Reads(logging.Handler):
            def emit(self, record):
                read.append(record.getMessage())
        logging.getLogger("pyrpl").addHandler(Reads())
        with connect("noisy") as p:
            p.rp.iq0.gain = 1e9
            p.rp.pid0.setpoint
        report(read=read)
    """
    p.rp.iq0.gain = 1e9
    assert len(read()) == 1
    # PyRPL drops a message that equals the one before, but that one was ours
    done = subprocess.run(python_command(lines), capture_output=True, text=True, timeout=60, check=True)
    (text,) = reports(done.stdout)["read"]
    assert "is capped" in text
    p.rp.pid0.setpoint = 0.2
    assert len(read()) == 1


def test_a_reply_carries_a_limited_number_of_records_of_limited_length(p, read):
    p.lockbox.many(100)
    records = texts(read())
    assert [text.split()[1] for text in records[:-1]] == [str(n) for n in range(20)]
    assert {len(text) for text in records[:-1]} == {1000}
    assert records[-1].startswith("80 more warnings were left out")


def test_what_a_users_own_lockbox_file_logs_comes_too_below_pyrpl_from_warnings_on(p, read):
    p.lockbox.say("hello")
    names = ["pyrpl.noisy", "pyrpl.another_library"]
    assert [(r.name, r.levelname, r.getMessage()) for r in read()] == [(n, "WARNING", "hello") for n in names]


def test_a_warning_of_pythons_own_kind_comes_too(p, read):
    p.lockbox.warn_as_python_does()
    (record,) = read()
    assert record.name == "pyrpl.py.warnings"
    assert "RuntimeWarning: an old way" in record.getMessage()


def test_the_loggers_of_modules_are_loggers_of_this_process(p):
    assert p.logger is logging.getLogger("pyrpl")
    assert p.rp.logger is logging.getLogger("pyrpl.redpitaya")
    assert p.rp.scope._logger is p.lockbox._logger is logging.getLogger("pyrpl.modules")


def test_a_level_set_here_silences_this_client(p, read):
    p.rp.iq0._logger.setLevel(logging.CRITICAL)
    try:
        p.rp.iq0.gain = 1e9
    finally:
        p.rp.iq0._logger.setLevel(logging.NOTSET)
    assert read() == []


def test_a_program_that_sets_up_no_logging_reads_warnings_on_stderr_but_not_those_of_a_start(p):
    lines = """
        from tests.daemons import fake_board
        with fake_board("quiet") as p:
            p.rp.iq0.gain = 1e9
    """
    done = subprocess.run(python_command(lines), capture_output=True, text=True, timeout=60, check=True)
    (line,) = done.stderr.splitlines()
    assert "is capped to" in line


def test_the_command_line_shows_a_warning_on_stderr(p, command):
    done = command("set", "noisy", "iq0.gain", "1e9")
    assert done.returncode == 0
    assert float(done.stdout) < 1e9
    assert [line for line in done.stderr.splitlines() if "is capped to" in line] == done.stderr.splitlines()
    assert len(done.stderr.splitlines()) == 1


def test_the_warnings_of_a_start_come_to_the_client_that_started_the_daemon(p, caplog):
    caplog.clear()
    with fake_board("loud"):
        started = [record for record in caplog.records if record.name == "pyrpl.redpitaya"]
        assert any("Simulating RedPitaya" in record.getMessage() for record in started)
        caplog.clear()
        with connect("loud"):
            assert [record for record in caplog.records if record.name.startswith("pyrpl.")] == []


def test_a_bare_pyro_client_gets_plain_values(p, read):
    with Pyro5.api.Proxy("PYRONAME:pyrpl.noisy.iq0") as iq, warnings.catch_warnings():
        iq.gain = 1e9
        assert 0 < iq.gain < 1e9
    with Pyro5.api.Proxy("PYRONAME:pyrpl.noisy") as board:
        assert board.set("rp.iq0", "gain", 1e9) is None
    assert read() == []
