"""The watch of a lock through real processes: the cavity is pushed, the daemon killed, the lock unlocked.

The tests are parts of the campaign of campaigns/locks.py, and follow each other.
"""

import json
import sys

import numpy as np
import pytest

from pyrpl_remote import stop
from pyrpl_remote.errors import JobError

from ..boards import running_board
from ..campaigns.locks import BOARD, Campaign
from ..environment import free_port
from ..processes import wait_until

SEEN_SECONDS = 10.0
"""How soon a loss must be in the history beside other tests; alone the campaign wants it within 1 s."""

KEEP = "import sys; open(sys.argv[1], 'a').write(sys.stdin.read() + '\\n')"
"""A command for alarms that keeps what it gets."""


@pytest.fixture(scope="module")
def alarms(tmp_path_factory):
    return tmp_path_factory.mktemp("alarms") / "alarms.json"


@pytest.fixture(scope="module")
def campaign(own_pyrpl_folder, alarms):
    port = free_port()
    with pytest.MonkeyPatch.context() as patch, running_board("--plant", "cavity") as board:
        patch.setenv("PYRPL_REMOTE_METRICS", str(port))
        campaign = Campaign(board, 1, port, seen=SEEN_SECONDS)
        with campaign.p as p:
            scope = p.rp.scope  # as a window that shows the scope's page: that alone uses nothing
            wait_until(lambda: any(scope._path in one.modules for one in p.status().clients))
            try:
                campaign.start(command=[sys.executable, "-c", KEEP, str(alarms)])
                yield campaign
            finally:
                stop(BOARD)  # a test that fails leaves the watch, which holds the daemon


@pytest.fixture(scope="module")
def events(campaign):
    """What a client is told of the lock."""
    events = []
    campaign.p.on_lock(events.append)
    return events


def test_pushes_are_seen_named_and_relocked(campaign, events, alarms):
    for count in range(8):
        campaign.push()
        *_, last = (event for event in campaign.p.lock_history() if event.kind == "lost")
        # a subscription, as of these tests, gives the scope back; the watch lends it again soon
        if count >= 2 and last.trace is not None:
            break
    assert not campaign.counts.faults
    losses = [event for event in campaign.p.lock_history() if event.kind == "lost"]
    for loss in losses:
        assert loss.stage == 1
        assert "reflection" in loss.reason and "not in error interval" in loss.reason
        assert loss.duration > 0 and np.isfinite([loss.error_mean, loss.error_rms, loss.output]).all()
    # nobody used the scope: it has recorded the error signal and the output until then
    assert last.trace.shape[0] == 3 and last.trace.shape[1] > 1
    assert last.trace[0, -1] == 0
    assert [event.time for event in events if event.kind == "lost"] == [loss.time for loss in losses]
    wait_until(lambda: alarms.read_text().count('"lost"') == len(losses), what="the alarms")
    assert {json.loads(line)["board"] for line in alarms.read_text().splitlines()} == {BOARD}


def test_pyrpls_own_auto_lock_is_left_to_itself(campaign):
    before = len(campaign.rows())
    campaign.p.lockbox.auto_lock = True
    campaign.push()
    campaign.p.lockbox.auto_lock = False
    kinds = [row["kind"] for row in campaign.rows()[before:]]
    assert kinds[0] == "lost" and "locked" in kinds
    assert "relocked" not in kinds and "attempt" not in kinds


def test_a_killed_daemon_loses_no_row_not_the_lock_and_no_setting_of_the_scope(campaign):
    campaign.kill()
    assert not campaign.counts.faults
    (restarted,) = [event for event in campaign.p.lock_history() if event.kind == "daemon restarted"]
    assert restarted.duration > 0


def test_everybody_sees_that_it_is_watched_but_not_the_commands_arguments(campaign):
    status = campaign.p.status()
    (job,) = status.jobs
    assert job.kind == "lock watch" and job.text.startswith("locked since")
    assert job.parameters["command"] == sys.executable
    assert status.lock.phase == "locked" and status.lock.losses == campaign.counts.pushes
    assert campaign.p.lockbox.lockstatus_interval == 0.5
    with pytest.raises(JobError, match="watched already"):
        campaign.p.watch_lock()


def test_a_persons_unlock_is_respected_and_named(campaign):
    campaign.unlock()
    assert not campaign.counts.faults
    last = campaign.p.lock_history()[-1]
    assert last.kind == "unlocked" and "pid" in last.who


def test_history_summary_and_metrics_agree(campaign):
    result = campaign.result()
    assert result["well"], result
    assert result["rows"]["lost"] == campaign.counts.pushes
    assert 0 < result["locked_fraction"] < 1


def test_the_watch_ends_for_good_and_its_history_remains(campaign, command):
    rows = campaign.rows()
    campaign.p.unwatch_lock()
    history = campaign.p.lock_history()
    assert [event.to_data() for event in history][: len(rows)] == rows
    assert history[-1].kind == "watch ended"
    assert campaign.p.lockbox.lockstatus_interval == 1.0
    assert campaign.p.status().lock is None
    with pytest.raises(JobError, match="not watched"):
        campaign.p.unwatch_lock()
    shown = json.loads(command("locks", BOARD, "--json").stdout)
    assert shown["losses"] == campaign.counts.pushes and len(shown["events"]) == len(history)
