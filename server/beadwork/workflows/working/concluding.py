"""The end of a stretch of work: judge what is there, tell the bead, and say it in a conclusion.

It comes after whatever happened. What it leaves out: finding out what is there (`rounds.py`), and how a bead
is told (`telling/`).
"""

from collections.abc import Mapping

import attrs

from beadwork.agents import OutcomeKind
from beadwork.beads import Change
from beadwork.errors import BeadworkError
from beadwork.executions import (
    Again,
    Assignment,
    Conclusion,
    EventKind,
    Phase,
    State,
)
from beadwork.workflows.telling.blockers import TRACKER_IS_AWAY, Blocked, depend_on_blocker
from beadwork.workflows.telling.report import CLOSE, Found, Report, tell
from beadwork.workflows.working.bench import Bench, Claim, Course
from beadwork.workflows.working.going_on import session_of
from beadwork.workflows.working.journal import log_error
from beadwork.workflows.working.trying_again import words_of
from beadwork.workflows.working.unheard import asked_by_result, give_messages_back, next_attempt, unheard
from beadwork.workflows.working.verdict import Facts, Verdict, judge, sentence_of


@attrs.frozen
class _End:
    """What is known when nothing more is done but to tell it."""

    assignment: Assignment
    bench: Bench
    course: Course
    facts: Facts

    @property
    def fields(self) -> dict[str, object]:
        """What is to be written of the run, whatever became of it."""
        return {"head": self.facts.evidence.head} if self.facts.evidence else {}


async def conclude(assignment: Assignment, bench: Bench, course: Course, facts: Facts) -> Conclusion:
    """Say how it ended, or that it rests, after the bead was told. Raises StoreError, LogError."""
    end = _End(assignment, bench, course, facts)
    verdict = judge(facts)
    if verdict.state is State.COMPLETED and bench.settings.work_when_done == CLOSE:
        assignment.give(whenDone={"wish": CLOSE})  # for whoever looks after this run when it has ended
    match verdict.state:
        case State.PAUSED:
            give_messages_back(assignment, course)
            words = f"{verdict.summary} {_how_to_resume(end)}"
            return Conclusion(verdict.state, verdict.reason, words, end.fields)
        case State.NEEDS_INPUT:
            give_messages_back(assignment, course)
            verdict = _with(verdict, f"Answer with `beadwork answer {assignment.run.id[:8]}`.")
            ask = course.ask or asked_by_result(assignment, course)
            return await _told(end, verdict, {"ask": ask})
        case State.BLOCKED:
            return await _blocked(end, _with(verdict, *unheard(assignment, course)))
        case _:
            again = await next_attempt(assignment, bench, course, facts, verdict)
            return await _told(end, _with(verdict, *unheard(assignment, course)), again=again)


def _how_to_resume(end: _End) -> str:
    how = f"`beadwork resume {end.assignment.run.id[:8]}` goes on with it."
    if session_of(end.assignment.run, end.bench):
        return how
    return f"{how} Its agent has kept no session, so it will begin anew with what is in the checkout."


async def _blocked(end: _End, verdict: Verdict) -> Conclusion:
    """Make the bead depend on what blocks it, then tell it; a tracker that is away now is told later."""
    run, log, bench = end.assignment.run, end.assignment.log, end.bench
    reason = _blocker_of(end.course)
    end.assignment.enter(Phase.RECORDING)
    log.write(EventKind.NOTE, text=f"Blocked: {reason}", blocker=reason)
    blocked = Blocked(run.order.bead, run.id, reason, bench.agent.label)
    try:
        blocker = await depend_on_blocker(
            bench.tracker, blocked, bench.actor, bench.state, run.order.workspace
        )
    except BeadworkError as error:
        log_error(log, error)
        verdict = _with(verdict, f"Its blocker could not be made a bead: {sentence_of(error)}")
        done = await _told(end, verdict)
        untold = {"told": False} if isinstance(error, TRACKER_IS_AWAY) else {}
        return attrs.evolve(done, fields={**done.fields, **untold})
    verdict = _with(verdict, f"It depends on {blocker} now." if blocker else "It is that blocker itself.")
    return await _told(end, verdict, {"blocked_by": blocker})


def _blocker_of(course: Course) -> str:
    outcome = course.outcome
    if outcome is None or outcome.kind is not OutcomeKind.BLOCKED:
        raise AssertionError("who is blocked has said so")
    return outcome.blocker or outcome.summary


async def _told(
    end: _End, verdict: Verdict, fields: Mapping[str, object] | None = None, again: Again | None = None
) -> Conclusion:
    """Tell the bead, and give the conclusion, which also says what became of that."""
    if again is not None:
        verdict = _with(verdict, words_of(again, end.assignment.run, end.bench.settings))
    told, words = await _tell(end, verdict, tried_again=again is not None)
    summary = " ".join(filter(None, [verdict.summary, words]))
    written = {**end.fields, **(fields or {}), "told": told}
    return Conclusion(verdict.state, verdict.reason, summary, written, again)


async def _tell(end: _End, verdict: Verdict, *, tried_again: bool) -> tuple[bool, str]:
    """Tell the bead; give whether it was told, and what a person must know of how it was found."""
    assignment, bench, course, facts = end.assignment, end.bench, end.course, end.facts
    run = assignment.run
    if course.claim in {Claim.NONE, Claim.UNSURE}:
        return course.claim is Claim.NONE, ""  # who tends next looks at the bead itself
    assignment.enter(Phase.RECORDING)
    report = Report(
        run=run.id,
        state=verdict.state,
        summary=verdict.summary,
        agent=bench.agent.label,
        branch=course.checkout.branch if course.checkout else "",
        commits=facts.evidence.commits if facts.evidence else (),
        claimed=course.claim is Claim.TAKEN,
        before=Change(status=run.order.status, assignee=run.order.assignee),
        tried_again=tried_again,
        gates=facts.gates,
        when_done=bench.settings.work_when_done,
    )
    try:
        told = await tell(bench.tracker, run.order.bead, bench.actor, report)
    except (BeadworkError, OSError) as error:
        log_error(assignment.log, error)
        return False, f"The bead could not be told yet: {sentence_of(error)}"
    match told.found:
        case Found.THERE:
            return True, told.said
        case Found.CLOSED:
            return True, "The bead was closed meanwhile, and stays so."
        case Found.GONE:
            return True, "The bead is not there any more, so it was not told."


def _with(verdict: Verdict, *sentences: str) -> Verdict:
    return attrs.evolve(verdict, summary=" ".join(filter(None, [verdict.summary, *sentences])))
