"""Settings: values of environment variables, and file names that every system accepts."""

import pytest

from pyrpl_remote import errors, settings


@pytest.mark.parametrize(("text", "seconds"), [("", settings.GRACE_SECONDS), ("2.5", 2.5), ("0", 0.0)])
def test_the_grace_period_is_that_of_the_environment(monkeypatch, text, seconds):
    monkeypatch.setenv("PYRPL_REMOTE_GRACE", text)
    assert settings.grace_seconds() == seconds


@pytest.mark.parametrize(("text", "fast"), [("", True), ("fast", True), ("ordinary", False)])
def test_the_transport_is_that_of_the_environment(monkeypatch, text, fast):
    monkeypatch.setenv("PYRPL_REMOTE_TRANSPORT", text)
    assert settings.fast_transport() is fast


def test_an_unknown_transport_is_an_error_that_names_it(monkeypatch):
    monkeypatch.setenv("PYRPL_REMOTE_TRANSPORT", "quick")
    with pytest.raises(ValueError, match="not 'quick'"):
        settings.fast_transport()


@pytest.mark.parametrize(("text", "port"), [("", 0), ("0", 0), ("9464", 9464)])
def test_the_port_for_prometheus_is_that_of_the_environment(monkeypatch, text, port):
    monkeypatch.setenv("PYRPL_REMOTE_METRICS", text)
    assert settings.metrics_port() == port


@pytest.mark.parametrize("text", ["yes", "-1", "65536", "9464.0", "\u0661"])
def test_what_is_no_port_is_an_error_that_names_the_variable(monkeypatch, text):
    monkeypatch.setenv("PYRPL_REMOTE_METRICS", text)
    with pytest.raises(errors.BadParameter, match="PYRPL_REMOTE_METRICS="):
        settings.metrics_port()


def test_logs_and_locks_are_in_the_folder_of_the_environment_which_is_made(monkeypatch, tmp_path):
    monkeypatch.setenv("PYRPL_REMOTE_DIR", str(tmp_path / "new" / "folder"))
    assert settings.log_path("lab") == tmp_path / "new" / "folder" / "lab.log"
    assert settings.lock_path("board-127.0.0.1:22").name == "board-127.0.0.1_22.lock"
    assert (tmp_path / "new" / "folder").is_dir()


def test_without_a_folder_in_the_environment_it_is_the_users_own(monkeypatch, tmp_path):
    monkeypatch.delenv("PYRPL_REMOTE_DIR")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    assert "pyrpl_remote" in str(settings.state_dir())


@pytest.mark.parametrize("name", ["virtual:lab", "a/b\\c", "µ", "CON?*", "rp-f08d6c.local"])
def test_a_files_name_has_only_characters_that_every_system_takes(name):
    stem = settings.file_stem(name)
    assert len(stem) == len(name)
    assert not set(stem) & set(':/\\?*"<>| ')
    assert stem.isascii()
