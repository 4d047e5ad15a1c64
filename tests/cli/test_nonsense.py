"""Nonsense for every option and environment variable: an error that names it, and nothing is started."""

import os
import sys

import pytest
import typer
from typer.testing import CliRunner

from pyrpl_remote import connect, errors
from pyrpl_remote.cli import app
from pyrpl_remote.client.finding import launch
from pyrpl_remote.virtual.options import BoardOptions

PORTS = ["-1", "65536", "99999999", "22.5", "ssh", ""]
NUMBERS = ["-1", "nan", "inf", "1e9", "fast", ""]
FILES = ["/dev/null/x.png", "/nowhere/at/all.png", "/", "a\0b.png"]

NONSENSE = {
    "demo --picture": [*FILES, "picture", "picture.docx"],
    "doctor --user": [""],
    "doctor --password": [""],
    "doctor --sshport": [*PORTS, "0"],
    "doctor --port": [*PORTS, "0"],
    "serve --hostname": [""],
    "serve --set-aside": ["", ".iir", "iir..poles"],
    "serve --source": [""],
    "serve --user": [""],
    "serve --password": [""],
    "serve --sshport": [*PORTS, "0"],
    "serve --port": [*PORTS, "0"],
    "serve --gateware": ["", "force"],
    "serve --restore": ["", "yes"],
    "serve --metrics": [*PORTS[:-1]],
    "logs --lines": ["0", "-1", "99999999999999999999", "many", ""],
    "plot --output": [*FILES, "picture"],
    "plot --timeout": ["-1", "nan", "inf", "long", ""],
    "stubs --output": FILES[:-1],
    "watch --attempts": ["-1", "1.5", "many", ""],
    "watch --pause": ["-1", "nan", "inf", "long", ""],
    "watch --command": ["", "'"],
    "watch --webhook": ["", "example.org", "ftp://example.org"],
    "watch --alarm-on": ["", "never"],
    "locks --since": ["", "yesterday", "1 parsec"],
    "locks --lines": ["0", "-1", "many", ""],
    "serve --plant": ["", "lava"],
    "get --csv": FILES,
    "get --npy": FILES,
    "call --csv": FILES,
    "call --npy": FILES,
    "share --role": ["", "owner", "Viewer"],
    "share --name": ["", "my host", "../x", "a" * 70],
    "share --port": PORTS,
    "share --address": ["", "no such host", "a\0b", "-x"],
    "share --user": ["", "no such user", "-1", "4294967295", "a\0b"],
    "unshare --user": ["", "no such user"],
    "jobs --stop": ["x", "1.5", ""],
    "record --every": [*NUMBERS, "0", "0.001"],
    "record --duration": ["-1", "nan", "inf", "long", ""],
    "join --name": ["", "my host", "../x"],
    "join --address": ["", "no such host", "-x"],
    "virtual-board --ssh-port": PORTS,
    "virtual-board --monitor-port": PORTS,
    "virtual-board --host": ["", "no such host", "999.1.1.1", "a" * 70, "\N{SNOWMAN}.local."],
    "virtual-board --password": ["", "a\nb"],
    "virtual-board --plant": ["", "lava\n"],
    "virtual-board --seed": ["-1", "99999999999", "1.5", "x", ""],
    "virtual-board --os-version": ["", "new", "2", "2.x", "2.07\n"],
    "virtual-board --gateware": ["", "a\nb"],
    "virtual-board --latency": NUMBERS,
    "virtual-board --write-latency": NUMBERS,
    "virtual-board --pace": [*NUMBERS, "1.01"],
}
"""For each option that takes a value: texts that it does not take."""

ARGUMENTS = {
    "doctor": ["nosuch"],
    "serve": ["nosuch"],
    "get": ["nosuch", "pid0.p"],
    "call": ["nosuch", "pid0.setup"],
    "plot": ["nosuch"],
    "stubs": ["nosuch"],
    "watch": ["nosuch"],
    "locks": ["nosuch"],
    "logs": ["nosuch"],
    "jobs": ["nosuch"],
    "record": ["nosuch", "out.csv", "pid0.p"],
    "join": ["nosuch"],
    "share --user": ["nosuch"],
    "unshare --user": ["nosuch"],
    "virtual-board": ["--ssh-port=0", "--monitor-port=0"],
}
"""The arguments that a command, or one of its options, needs besides the option."""


def options_with_values():
    """Every option of every command that takes a value, except typer's own."""
    group = typer.main.get_command(app)
    assert isinstance(group, typer.core.TyperGroup)
    for name, command in group.commands.items():
        for parameter in command.params:
            if isinstance(parameter, typer.core.TyperOption) and not parameter.is_flag:
                yield f"{name} {max(parameter.opts, key=len)}"


def test_there_is_nonsense_for_every_option():
    assert sorted(options_with_values()) == sorted(NONSENSE)


@pytest.fixture
def nothing_starts(monkeypatch):
    """Fails a test in which a daemon or a board would be started."""

    def fail(*_):
        pytest.fail("something was started")

    monkeypatch.setattr(launch, "start_detached", fail)
    monkeypatch.setattr("pyrpl_remote.virtual.board.run_board", fail)


@pytest.mark.parametrize(
    ("option", "text"), [(option, text) for option, texts in NONSENSE.items() for text in texts]
)
def test_nonsense_for_an_option_is_refused_with_a_reason(nothing_starts, option, text):
    name, flag = option.split()
    arguments = ARGUMENTS.get(option, ARGUMENTS.get(name, []))
    done = CliRunner().invoke(app, [name, *arguments, f"{flag}={text}"])
    assert done.exit_code != 0
    if not isinstance(done.exception, SystemExit):
        # what pyrpl-remote prints in two lines
        assert isinstance(done.exception, errors.StartError), done.exc_info
        assert done.exception.remedy


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("PYRPL_REMOTE_GRACE", "long"),
        ("PYRPL_REMOTE_GRACE", "-1"),
        ("PYRPL_REMOTE_GRACE", "nan"),
        ("PYRPL_REMOTE_GRACE", "inf"),
        ("PYRPL_REMOTE_TRANSPORT", "quick"),
        ("PYRPL_REMOTE_METRICS", "http"),
        ("PYRPL_REMOTE_DIR", "/dev/null"),
        ("PYRPL_REMOTE_DIR", "/dev/null/state"),
        ("PYRPL_REMOTE_DIR", "/proc/state"),
        ("PYRPL_USER_DIR", "/dev/null"),
        ("PYRPL_USER_DIR", "/nowhere/at/all"),
        ("REDPITAYA_SSHPORT", "99999999"),
        ("REDPITAYA_PORT", "telnet"),
        ("REDPITAYA_TIMEOUT", "-1"),
        ("PYRO_NS_PORT", "name"),
        ("PYRO_NS_PORT", "0"),
        ("PYRO_NS_PORT", "99999999"),
        ("PYRO_NS_PORT", ""),
        ("PYRO_NS_HOST", ""),
        ("PYRO_NS_HOST", "two words"),
        ("PYRO_NS_HOST", "a" * 70),
    ],
)
def test_a_malformed_variable_is_named_in_two_lines(main, nothing_starts, monkeypatch, variable, text):
    monkeypatch.setenv(variable, text)
    _require_two_lines(main("get", "nosuch", "pid0.p"), variable, text)


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("PYRPL_REMOTE_GRACE", "long"),
        ("PYRO_NS_PORT", "name"),
        ("PYRO_COMMTIMEOUT", "long"),
        ("PYRO_SERVERTYPO", "PYRO_SERVERTYPO"),
    ],
)
def test_a_variable_that_is_read_at_import_is_named_too(command, monkeypatch, variable, text):
    monkeypatch.setenv(variable, text)
    _require_two_lines(command("get", "nosuch", "pid0.p"), variable, text)


def _require_two_lines(done, variable, text):
    assert done.returncode == 1
    first, second = done.stderr.splitlines()
    assert variable in done.stderr
    assert text[:60] in first
    assert second.startswith("  -> ")


def test_a_malformed_variable_is_an_error_of_ours_in_python_too(run_python):
    lines = """
    import pyrpl_remote
    try:
        pyrpl_remote.connect("virtual")
    except pyrpl_remote.errors.BadParameter as error:
        report(error=str(error))
    """
    assert "PYRO_NS_PORT='x' is no port" in run_python(lines, PYRO_NS_PORT="x")["error"]


@pytest.mark.parametrize("grace", [-1, float("nan"), float("inf"), "10", True])
def test_nonsense_for_grace_is_refused(nothing_starts, grace):
    with pytest.raises(errors.BadParameter, match="grace="):
        connect("nosuch", grace=grace)


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root may mount a small disk")
def test_a_full_or_read_only_folder_for_logs_is_named(command, monkeypatch, tmp_path):
    monkeypatch.setenv("PYRPL_REMOTE_DIR", str(tmp_path))
    if os.system(f"mount -t tmpfs -o size=4k none {tmp_path}") != 0:
        pytest.skip("this system does not let root mount")
    try:
        (tmp_path / "full").write_bytes(bytes(4096))
        full = command("get", "virtual", "pid0.p")
        assert os.system(f"mount -o remount,ro {tmp_path}") == 0
        read_only = command("serve", "virtual")
    finally:
        os.system(f"umount {tmp_path}")
    for done, reason in ((full, "No space left"), (read_only, "Read-only")):
        assert done.returncode == 1
        first, second = done.stderr.splitlines()
        assert reason in first
        assert str(tmp_path) in first
        assert "PYRPL_REMOTE_DIR" in second


def test_a_virtual_board_without_its_extra_says_so_in_two_lines(command, monkeypatch, tmp_path):
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\n"
        "sys.modules['asyncssh'] = None\n"
        "class Hidden:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'asyncssh': raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, Hidden())\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    done = command("virtual-board", "--ssh-port", "0", "--monitor-port", "0")
    assert done.returncode == 1
    first, second = done.stderr.splitlines()
    assert "needs asyncssh" in first
    assert "pip install" in second


def test_options_of_a_board_that_make_sense_are_taken():
    options = BoardOptions(
        "::1", 0, 65535, "my pass", os_version="3.00-12", latency=0, write_latency=10, pace=0
    )
    assert options.pace == 0
