"""Trying again by itself: whether what went wrong usually passes, and when the next attempt may begin.

Never for a run that somebody ended, or whose walk has. What it leaves out: trying again because a person
says so.
"""

import datetime

import attrs

from beadwork.agents import Outcome
from beadwork.beads import TrackerLocked, TrackerTimeout
from beadwork.errors import BeadworkError
from beadwork.executions import Again, Conclusion, Execution, Reason, State
from beadwork.runners import RunnerError
from beadwork.settings import Settings
from beadwork.workflows.working.verdict import Facts, Verdict, judge

_FACTOR = 4.0
"""How many times longer each further attempt waits."""


def again_of(
    run: Execution, facts: Facts, verdict: Verdict, settings: Settings, *, now: float
) -> Again | None:
    """Give the next attempt of `run`, where there is to be one; `now` is in seconds since the epoch.

    It goes on with the agent's session if that was kept, which is seen when it begins.
    """
    if facts.halt is not None or verdict.state is not State.FAILED or run.attempt > settings.retries:
        return None
    if not _passes(facts.error, facts.outcome, verdict):
        return None
    delay = settings.retry_delay * _FACTOR ** (run.attempt - 1)
    along = run.order.with_changes and facts.evidence is None  # else they are in the checkout already
    session = run.session or run.order.resume
    order = attrs.evolve(run.order, resume=session, message="", with_changes=along)
    return Again(order, now + delay)


def with_message(again: Again | None, message: str) -> Again | None:
    """Let the agent of the next attempt be told what the one before did not get to hear."""
    if again is None or not message:
        return again
    return attrs.evolve(again, order=attrs.evolve(again.order, message=message))


def conclusion_before_work(
    run: Execution, error: BeadworkError, settings: Settings, *, unheard: str, last: bool, now: float
) -> Conclusion:
    """Give the end of a run whose work could not even begin or go on, because of `error`.

    `unheard` is what people have said to its agent meanwhile; with `last`, no further attempt is wanted.
    """
    facts = Facts(error=error)
    verdict = judge(facts)
    again = None if last else with_message(again_of(run, facts, verdict, settings, now=now), unheard)
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
