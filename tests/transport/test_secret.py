"""The secret of a user is made once, for this user only; what is signed with it cannot be changed."""

import multiprocessing
import os
import stat

import pytest

from pyrpl_remote import settings
from pyrpl_remote.transport import secret as secrets
from pyrpl_remote.transport.secret import BYTES, Nonces, is_proof, is_secret, own_secret, proof, signed

PLACE = ("greeting", "127.0.0.1:4711", "pyrpl.lab")


@pytest.fixture
def path(tmp_path, monkeypatch):
    monkeypatch.setenv("PYRPL_REMOTE_DIR", str(tmp_path))
    return tmp_path / "secret"


def test_the_secret_is_made_once_and_only_its_user_may_read_it(path):
    made = own_secret() or b""
    assert len(made) == BYTES
    assert own_secret() == made == path.read_bytes()
    assert [one.name for one in path.parent.iterdir()] == ["secret"]
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_processes_that_make_it_at_the_same_moment_have_the_same(path):
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        assert len(set(pool.map(_own_secret, [str(path.parent)] * 8, chunksize=1))) == 1


def _own_secret(folder: str) -> bytes | None:
    os.environ["PYRPL_REMOTE_DIR"] = folder
    return own_secret()


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o602])
def test_a_secret_that_others_could_read_is_replaced_with_a_warning(path, caplog, mode):
    before = own_secret()
    path.chmod(mode)
    assert own_secret() != before
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "could be read by other users: a new one takes its place" in caplog.text


@pytest.mark.skipif(os.name != "posix" or os.getuid() != 0, reason="only root may give files away")
def test_a_secret_that_belongs_to_another_user_is_replaced(path):
    before = own_secret()
    os.chown(path, 12001, 12001)
    assert own_secret() != before
    assert path.stat().st_uid == os.getuid()


@pytest.mark.parametrize("content", [b"", b"short", bytes(BYTES + 1)])
def test_a_damaged_secret_is_replaced(path, content):
    path.write_bytes(content)
    path.chmod(0o600)
    made = own_secret() or b""
    assert len(made) == BYTES
    assert made == path.read_bytes() != content


@pytest.mark.skipif(os.name != "posix", reason="links need rights on Windows")
def test_a_link_is_not_followed(path, tmp_path):
    known = tmp_path / "known"
    known.write_bytes(bytes(BYTES))
    known.chmod(0o600)
    path.symlink_to(known)
    assert own_secret() not in (None, bytes(BYTES))
    assert not path.is_symlink()
    assert known.read_bytes() == bytes(BYTES)


def test_a_new_secret_of_another_process_is_noticed(path):
    before = own_secret()
    path.unlink()
    assert own_secret() != before


def test_without_a_usable_folder_there_is_none_and_one_warning_says_so(path, monkeypatch, caplog):
    (path.parent / "file").write_text("")
    monkeypatch.setenv("PYRPL_REMOTE_DIR", str(path.parent / "file"))
    assert own_secret() is None
    assert own_secret() is None
    assert caplog.text.count("cannot prove whose they are") == 1
    assert settings.state_dir_path().is_file()


def test_what_is_signed_is_accepted_with_the_same_secret_purpose_place_and_content():
    key = os.urandom(BYTES)
    data = signed(key, *PLACE, {"session": "s1", "pid": 42, "role": 1})
    assert is_proof(data["proof"], key, *PLACE, data)
    assert not is_proof(data["proof"], os.urandom(BYTES), *PLACE, data)
    purpose, address, object_id = PLACE
    for place in (
        ("welcome", address, object_id),
        (purpose, "127.0.0.1:4712", object_id),
        (purpose, address, "pyrpl.lab2"),
    ):
        assert not is_proof(data["proof"], key, *place, data)
    for name in data.keys() - {"proof"}:
        changed = {**data, name: data[name] + type(data[name])(1)}
        assert not is_proof(data["proof"], key, *PLACE, changed), name
    for given in ("", "x", "é" * 64, data["proof"][:-1]):
        assert not is_proof(given, key, *PLACE, data)


def test_the_secret_itself_is_not_in_what_is_signed():
    key = os.urandom(BYTES)
    data = signed(key, *PLACE, {})
    assert key.hex() not in str(data)
    assert len(data["proof"]) == 64
    assert data["nonce"] != signed(key, *PLACE, {})["nonce"]
    assert proof(key, *PLACE, data) == data["proof"]


@pytest.mark.parametrize("given", ["", "hello", None, 3, b"x", "é" * 64, "\udc80"])
def test_no_other_handshake_is_the_secret(given):
    key = os.urandom(BYTES)
    assert not is_secret(given, key)
    assert not is_secret(given, None)
    assert is_secret(key.hex(), key)


def test_a_nonce_is_accepted_once_and_forgotten_when_its_message_is_too_old(monkeypatch):
    now = 1_000_000
    monkeypatch.setattr(secrets, "_now", lambda: now)
    nonces = Nonces()
    assert nonces.is_new("a")
    assert not nonces.is_new("a")
    assert nonces.is_new("b")
    sent = now
    assert nonces.is_recent(sent)
    now += 61_000
    assert not nonces.is_recent(sent)
    assert not nonces.is_recent(now + 31_000)
    assert nonces.is_new("c")
    assert list(nonces._seen) == ["c"]
