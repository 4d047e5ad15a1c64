"""The demonstration of a lock, as a newcomer runs it."""

import json

import pytest


@pytest.mark.timeout(300)
def test_the_cavity_is_locked_pushed_out_and_locked_again_as_the_json_and_the_picture_say(command, tmp_path):
    picture = tmp_path / "lock.png"
    done = command("demo", "--lock", "--json", "--picture", str(picture), timeout=240, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    result = json.loads(done.stdout)
    assert [result[step] for step in ("locked", "pushed_out", "relocked")] == [True, True, True]
    for step in ("swept", "calibrated", "locked", "pushed_out", "relocked"):
        assert result[f"{step}_seconds"] > 0
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert "relocked: by the daemon's lock watch" in done.stderr
