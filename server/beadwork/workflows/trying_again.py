"""Trying again by itself: whether what went wrong usually passes, and when the next attempt may begin.

Never for a run that somebody ended. What it leaves out: trying again because a person says so.
"""

import datetime

import attrs

from beadwork.agents import Outcome
from beadwork.beads import TrackerLocked, TrackerTimeout
from beadwork.errors import BeadworkError
from beadwork.executions import Again, Conclusion, Execution, Reason, State
from beadwork.runners import RunnerError
from beadwork.settings import Settings
from beadwork.workflows.verdict import Facts, Verdict, judge

_FACTOR = 4.0
"""How many times longer each further attempt waits."""


def again_of(
    run: Execution, facts: Facts, verdict: Verdict, settings: Settings, *, now: float
) -> Again | None:
    """Give the next attempt of `run`, where there is to be one; `now` is in seconds since the epoch."""
    if facts.halt is not None or verdict.state is not State.FAILED or run.attempt > settings.retries:
        return None
    if not _passes(facts.error, facts.outcome, verdict):
        return None
    delay = settings.retry_delay * _FACTOR ** (run.attempt - 1)
    along = run.order.with_changes and facts.evidence is None  # else they are in the checkout already
    return Again(attrs.evolve(run.order, with_changes=along), now + delay)


def conclusion_before_work(
    run: Execution, error: BeadworkError, settings: Settings, *, now: float
) -> Conclusion:
    """Give the end of a run whose work could not even begin, because of `error`."""
    facts = Facts(error=error)
    verdict = judge(facts)
    again = again_of(run, facts, verdict, settings, now=now)
    words = words_of(again, run, settings) if again else ""
    summary = " ".join(filter(None, [verdict.summary, words]))
    return Conclusion(verdict.state, verdict.reason, summary, again=again)


def words_of(again: Again, run: Execution, settings: Settings) -> str:
    """Say when it is tried again."""
    when = datetime.datetime.fromtimestamp(again.not_before, datetime.UTC).strftime("%Y-%m-%d %H:%M:%S")
    return (
        f"It is tried again by itself, not before {when} UTC "
        f"(attempt {run.attempt + 1} of {settings.retries + 1})."
    )


def _passes(error: BeadworkError | OSError | None, outcome: Outcome | None, verdict: Verdict) -> bool:
    if error is not None:
        return isinstance(error, RunnerError | TrackerLocked | TrackerTimeout) and (
            verdict.reason in {Reason.RUNNER, Reason.TRACKER}
        )
    return verdict.reason is Reason.PASSING and outcome is not None and outcome.passing
