"""A cycle may die anywhere: the next one ends well without a hand, and nothing is lost, doubled or different.

`OMS_CRASH_MOMENTS` says at how many random moments it is killed, beside every boundary (`make crash`: 20).
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator

import pytest
from crash_trials import BOUNDARIES, Trial, Trials, moments
from crash_world import HALF_COPIED, Prepared, Unharmed
from same_home import contents, differences, documents_wrong, doubled

pytestmark = pytest.mark.crash

ALL = [*(Trial(boundary=name) for name in BOUNDARIES), *moments(int(os.environ.get("OMS_CRASH_MOMENTS", "4")))]
#: "Within twice the normal time", in processor seconds of the very same command: a busy machine does not count.
TIMES_NORMAL = 2.0


@pytest.fixture(scope="module")
def trials(request: pytest.FixtureRequest, prepared: Prepared, unharmed: Unharmed) -> Iterator[Trials]:
    """The trials of the tests that were selected, started at once."""
    asked = {item.callspec.params["trial"]: None for item in request.session.items if "trials" in item.fixturenames}
    running = Trials(list(asked), prepared, unharmed)
    yield running
    running.stop()


def test_the_pending_cycle_does_something_at_every_boundary(unharmed: Unharmed) -> None:
    """Otherwise the trials below would prove nothing: files to capture, loads that leave, documents to render."""
    summary = dict(line.split(maxsplit=1) for line in unharmed.cycle.out.splitlines())
    assert summary["outcome"] == "published"
    for count in ("messages_accepted", "line_events", "lines_released", "loads_dispatched", "documents"):
        assert int(summary[count]) > 0, summary


def test_an_unharmed_cycle_run_again_changes_nothing(unharmed: Unharmed) -> None:
    assert "nothing new" in unharmed.again.out
    assert doubled(unharmed.home.warehouse) == []
    assert documents_wrong(unharmed.home.root, unharmed.home.warehouse) == []


def test_a_half_copied_file_stays_in_the_inbox(prepared: Prepared, unharmed: Unharmed) -> None:
    assert contents(unharmed.home.inbox) == {
        HALF_COPIED.as_posix(): contents(prepared.home / "inbox")[HALF_COPIED.as_posix()]
    }


@pytest.mark.parametrize("trial", ALL, ids=str)
def test_a_killed_cycle_needs_no_hand(trial: Trial, trials: Trials, unharmed: Unharmed) -> None:
    outcome = trials.outcome(trial)
    home = outcome.home
    assert outcome.died.code == -signal.SIGKILL or (not trial.boundary and outcome.died.code == 0), outcome.died
    assert outcome.retry.code == 0, outcome.retry.err
    print(f"{trial}: {outcome.retry.cpu_s / unharmed.cycle.cpu_s:.2f} of the normal processor time")
    assert outcome.retry.cpu_s <= TIMES_NORMAL * unharmed.cycle.cpu_s

    assert differences(unharmed.home.current.resolve(), home.current.resolve())[:6] == []
    assert [row for row in differences(unharmed.home.warehouse, home.warehouse) if row.startswith("facts.")][:6] == []
    assert doubled(home.warehouse) == []
    assert documents_wrong(home.root, home.warehouse) == []
    assert contents(home.outbox) == contents(unharmed.home.outbox)
    assert contents(home.inbox) == contents(unharmed.home.inbox)
    assert contents(home.archive) == contents(unharmed.home.archive)
    assert home.current.resolve().name == unharmed.home.current.resolve().name
    status, normal = (json.loads(h.status_file.read_text()) for h in (home, unharmed.home))
    assert status["outcome"] in ("published", "nothing new")
    assert (status["cycle_id"], status["as_of"]) == (normal["cycle_id"], normal["as_of"])

    assert outcome.reader["errors"] == []
    assert outcome.reader["polls"] > 0
    assert len(outcome.reader["seen"]) == 2, "the reader saw the copy before and the copy after"
