"""`pyrpl-remote share`, `unshare` and `shared`: boards for other users of this machine."""

import json
import os
import stat

import pytest

from pyrpl_remote import shared_users
from pyrpl_remote.machine import users


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("PYRPL_REMOTE_DIR", str(tmp_path))
    return tmp_path


@pytest.mark.skipif(os.name != "posix", reason="users have numbers on POSIX only")
def test_boards_are_shared_listed_and_taken_back(main, own_folder):
    assert main("shared").stdout == "no board is shared with another user of this machine\n"
    assert main("share", "lab", "--user", "12001").stdout == "lab: shared with user uid 12001, as operator\n"
    assert main("share", "lab", "--user", "12002", "--role", "viewer").returncode == 0
    assert main("share", "lab", "--user", "12001", "--role", "viewer").returncode == 0
    assert json.loads(main("shared", "--json").stdout) == [
        {"board": "lab", "user": "uid 12002", "role": "viewer"},
        {"board": "lab", "user": "uid 12001", "role": "viewer"},
    ]
    assert "uid 12002" in main("shared").stdout
    assert stat.S_IMODE((own_folder / shared_users.FILE).stat().st_mode) == 0o600
    assert main("unshare", "lab", "--user", "uid 12001").stdout.startswith("lab: no longer shared")
    assert main("unshare", "lab", "--user", "12001").stdout == "lab: was not shared with user 12001\n"
    assert [one.name for one in shared_users.shared_users()] == ["uid 12002"]


@pytest.mark.parametrize("user", ["no-such-user", users.name_of(users.this_user())])
def test_who_is_nobody_or_oneself_is_an_error_and_nothing_is_kept(main, user):
    ended = main("share", "lab", "--user", user)
    assert ended.returncode != 0
    assert user in ended.stderr
    assert "->" in ended.stderr
    assert main("shared", "--json").stdout == "[]\n"


def test_a_list_that_cannot_be_read_is_an_error_that_names_it(main, own_folder):
    (own_folder / shared_users.FILE).write_text("{")
    ended = main("shared")
    assert ended.returncode != 0
    assert str(own_folder / shared_users.FILE) in ended.stderr
    assert "remove it, and share your boards again" in ended.stderr


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_a_list_that_others_could_change_is_not_used(main, own_folder):
    main("share", "lab", "--user", "12001")
    (own_folder / shared_users.FILE).chmod(0o666)
    assert "other users could change it" in main("shared").stderr
