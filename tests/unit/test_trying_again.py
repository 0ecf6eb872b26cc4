"""What usually passes is tried again by itself: how often, when, and never against a person's will."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
import pytest

from beadwork.agents import Outcome, OutcomeKind
from beadwork.beads import BeadTaken, TrackerLocked, TrackerTimeout
from beadwork.checkouts import BranchMoved
from beadwork.errors import BeadworkError
from beadwork.executions import Execution, Intent, Order, Reason, State
from beadwork.runners import RunnerError
from beadwork.settings import Settings
from beadwork.workflows.working.trying_again import again_of, conclusion_before_work, words_of
from beadwork.workflows.working.verdict import Facts, Halt, judge
from working import WORK, Working, accepted, working

Maker = Callable[..., Working]
OVERLOADED = Outcome(OutcomeKind.FAILED, "The model is overloaded.", passing=True)
RUN = Execution("run-1", Order("/p", "demo-1", "One", with_changes=True), State.RUNNING, queued_at=0.0)


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Maker]:
    """A factory of users at work."""
    yield from working(tmp_path, monkeypatch)


@pytest.mark.parametrize("error", [TrackerLocked("x"), TrackerTimeout("x"), RunnerError("x")])
def test_a_busy_tracker_or_a_box_that_could_not_be_made_passes(error: BeadworkError) -> None:
    """Each attempt waits four times as long as the one before."""
    settings = attrs.evolve(Settings(), retry_delay=10.0)
    facts = Facts(error=error)
    for attempt, delay in ((1, 10.0), (2, 40.0)):
        run = attrs.evolve(RUN, attempt=attempt)
        again = again_of(run, facts, judge(facts), settings, now=1000.0)
        assert again is not None
        assert again.not_before == 1000.0 + delay
        assert (again.order.bead, again.order.with_changes) == ("demo-1", True)
        assert f"attempt {attempt + 1} of 3" in words_of(again, run, settings)
    assert again_of(attrs.evolve(RUN, attempt=3), facts, judge(facts), settings, now=1000.0) is None


@pytest.mark.parametrize(
    "facts",
    [
        Facts(halt=Halt(Intent.CANCEL), outcome=OVERLOADED),
        Facts(halt=Halt(Intent.TIMEOUT), error=TrackerLocked("x")),
        Facts(halt=Halt(None), error=TrackerLocked("x")),
        Facts(error=BranchMoved("x")),
        Facts(error=BeadTaken("x"), overtaken=True),
        Facts(outcome=attrs.evolve(OVERLOADED, passing=False)),
        Facts(outcome=attrs.evolve(OVERLOADED, over_budget=True)),
    ],
)
def test_what_somebody_ended_or_does_not_pass_is_not_tried_again(facts: Facts) -> None:
    """Else it would only cost."""
    assert again_of(RUN, facts, judge(facts), Settings(), now=0.0) is None


def test_a_run_that_could_not_even_open_its_tracker_is_tried_again() -> None:
    """It says what was wrong, and when it is tried again."""
    timeout = TrackerTimeout("bd did not answer.")
    busy = conclusion_before_work(RUN, timeout, Settings(), unheard="Hi.", last=False, now=0.0)
    assert (busy.state, busy.reason) == (State.FAILED, Reason.TRACKER)
    assert busy.summary.startswith("bd did not answer. It is tried again by itself")
    assert busy.again is not None
    assert busy.again.order.message == "Hi."
    over = conclusion_before_work(RUN, timeout, Settings(), unheard="Hi.", last=True, now=0.0)
    assert (over.again, over.summary) == (None, "bd did not answer.")
    moved = conclusion_before_work(RUN, BranchMoved("It moved."), Settings(), unheard="", last=False, now=0.0)
    assert moved.again is None


def test_with_no_retries_nothing_is_tried_again() -> None:
    """The setting is the person's word."""
    facts = Facts(outcome=OVERLOADED)
    assert again_of(RUN, facts, judge(facts), attrs.evolve(Settings(), retries=0), now=0.0) is None


async def test_an_overloaded_model_is_tried_again_until_it_is_not(make: Maker) -> None:
    """A new run goes on in the same session; both name each other, and the bead is told of each."""
    place = make(retry_delay=0.05)
    first = await place.work({"fail_until": 2, "fail": "The model is overloaded.", "passing": True}, *WORK)
    failed = await place.state(first, State.FAILED)
    assert failed.reason is Reason.PASSING
    assert "It is tried again by itself, not before" in failed.summary
    assert "(attempt 2 of 3)" in place.comments()[0]
    second = place.store.get(failed.retried_by)
    assert (second.retry_of, second.attempt) == (first, 2)
    done = await place.state(second.id, State.COMPLETED)
    assert done.session == failed.session
    assert place.texts(second.id)[0].startswith("Resumed with: Your last attempt at this ended: failed.")
    assert place.bead()["labels"] == ["work-done"]
    assert len(place.comments()) == 2


SLOW_BD = """#!/bin/sh
[ -e "$HOME/well" ] && echo '{"version": "1.2.2"}' && exit 0
while :; do sleep 600; done
"""


async def test_a_tracker_that_does_not_answer_is_tried_again(make: Maker) -> None:
    """Not even the bead could be looked at; the next attempt has the session, and the answer."""
    place = make(retry_delay=600.0, answer_patience=0.2)
    run = await place.work({"question": "Which colour?"}, *WORK)
    await place.state(run, State.NEEDS_INPUT, live=False)
    bd = place.made.folder / "slow-bd"
    bd.write_text(SLOW_BD, "utf-8")
    bd.chmod(0o755)
    (place.made.project / ".beads/embeddeddolt/demo/.dolt/noms").mkdir(parents=True)
    place.settings(bd=str(bd), bd_timeout=0.2, retry_delay=600.0)
    await place.answer(run, "blue")
    failed = await place.state(run, State.FAILED)
    assert failed.reason is Reason.TRACKER
    waiting = place.store.get(failed.retried_by)
    assert (waiting.state, waiting.order.resume) == (State.QUEUED, failed.session)
    assert waiting.order.message == "You asked: Which colour?\nThe answer: blue"


async def test_what_does_not_pass_stops_after_two_more_attempts(make: Maker) -> None:
    """The bead is open again, and says nothing of a further one."""
    place = make(retry_delay=0.02)
    run = await place.work({"fail_until": 9, "fail": "The model is overloaded.", "passing": True})
    for _ in range(2):
        run = (await place.state(run, State.FAILED)).retried_by
    last = await place.state(run, State.FAILED)
    assert (last.attempt, last.retried_by) == (3, "")
    assert "tried again" not in last.summary
    assert place.bead()["status"] == "open"
    assert len(place.comments()) == 3


async def test_an_attempt_that_waits_is_cancelled_like_any_other(make: Maker) -> None:
    """The claim was given back in between; nothing follows."""
    place = make(retry_delay=600.0)
    run = await place.work(*WORK[:2], {"fail": "The model is overloaded.", "passing": True})
    failed = await place.state(run, State.FAILED)
    assert place.bead()["status"] == "open"
    waiting = place.store.get(failed.retried_by)
    assert waiting.state is State.QUEUED
    assert waiting.not_before > time.time() + 500
    accepted(await place.application.cancel(waiting.id))
    assert place.store.get(waiting.id).state is State.CANCELLED
    assert place.store.next_due() is None


async def test_commits_of_the_attempt_before_count_for_the_next(make: Maker) -> None:
    """Nobody touched the branch in between: what is there was done for this bead."""
    place = make(retry_delay=0.05)
    run = await place.work(
        *WORK[:2], {"fail_until": 2, "fail": "The model is overloaded.", "passing": True}, WORK[2]
    )
    failed = await place.state(run, State.FAILED)
    done = await place.state(failed.retried_by, State.COMPLETED)
    assert done.base == failed.base
    assert "From the agent" in place.comments()[-1]
