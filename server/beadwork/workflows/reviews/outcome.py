"""The end of a review: judge it, keep it, tell the bead, make beads if that was asked for.

What it leaves out: the words of the comment (`telling_review.py`).
"""

from collections.abc import Sequence

import attrs

from beadwork.beads import BeadNotFound
from beadwork.errors import BeadworkError
from beadwork.executions import Assignment, Conclusion, EventKind, Phase, Reason, State
from beadwork.findings import (
    FindingState,
    FindingStore,
    KeptFinding,
    Reported,
    Review,
    ReviewRecord,
    Unreadable,
    mend_findings,
)
from beadwork.storage import StoreDamaged
from beadwork.workflows.reviews.finding_beads import make_beads
from beadwork.workflows.reviews.taking import Taken
from beadwork.workflows.reviews.telling_review import comment_of_review, counts_of
from beadwork.workflows.working.bench import Bench, Course
from beadwork.workflows.working.journal import log_error
from beadwork.workflows.working.trying_again import words_of
from beadwork.workflows.working.unheard import asked_by_result, give_messages_back, next_attempt, unheard
from beadwork.workflows.working.verdict import Facts, Verdict, judge, sentence_of


async def conclude(
    assignment: Assignment, bench: Bench, findings: FindingStore, course: Course, taken: Taken | None
) -> Conclusion:
    """Say how a review ended, after what it found is kept and told. Raises StoreError, LogError."""
    if taken is None or course.halt is not None or course.error is not None:
        return await _without_review(assignment, bench, course)
    conclusion = await _of_answer(assignment, bench, findings, taken)
    summary = " ".join([conclusion.summary, *unheard(assignment, course)])
    return attrs.evolve(conclusion, summary=summary)


async def _of_answer(
    assignment: Assignment, bench: Bench, findings: FindingStore, taken: Taken
) -> Conclusion:
    if taken.changed or taken.evidence.commits:
        return _wrote(assignment, taken)
    match taken.review:
        case Unreadable(why):
            assignment.log.write(EventKind.ERROR, code="unreadable", text=why, detail=taken.text)
            words = f"{why} `beadwork log {assignment.run.id[:8]}` has what it said."
            return Conclusion(State.FAILED, Reason.UNREADABLE, words, {"told": True})
        case Review() as review:
            return await _keep(assignment, bench, findings, review, taken)


async def _without_review(assignment: Assignment, bench: Bench, course: Course) -> Conclusion:
    """Conclude a run whose reader came to no answer: nothing was claimed, so no bead has to be told."""
    facts = Facts(
        halt=course.halt,
        error=course.error,
        ask=course.ask,
        outcome=course.outcome,
        denied=tuple(course.denied),
    )
    verdict = judge(facts)
    name = assignment.run.id[:8]
    match verdict.state:
        case State.PAUSED:
            give_messages_back(assignment, course)
            words = f"{verdict.summary} `beadwork resume {name}` goes on with it."
            return Conclusion(verdict.state, verdict.reason, words, {"told": True})
        case State.NEEDS_INPUT:
            give_messages_back(assignment, course)
            ask = course.ask or asked_by_result(assignment, course)
            words = f"{verdict.summary} Answer with `beadwork answer {name}`."
            return Conclusion(verdict.state, verdict.reason, words, {"told": True, "ask": ask})
        case State.BLOCKED:  # what is reviewed is there; so it is the reader who failed
            verdict = Verdict(State.FAILED, Reason.AGENT_FAILED, verdict.summary)
        case _:
            pass
    again = await next_attempt(assignment, bench, course, facts, verdict)
    tried_again = words_of(again, assignment.run, bench.settings) if again else ""
    summary = " ".join(filter(None, [verdict.summary, tried_again, *unheard(assignment, course)]))
    return Conclusion(verdict.state, verdict.reason, summary, {"told": True}, again)


def _wrote(assignment: Assignment, taken: Taken) -> Conclusion:
    shown = ", ".join(taken.changed[:5]) or f"{len(taken.evidence.commits)} commits"
    words = f"The reviewer changed what it was only to read ({shown}), so its findings are not kept."
    assignment.log.write(EventKind.ERROR, code="reviewer-wrote", text=words, detail=taken.text)
    return Conclusion(State.FAILED, Reason.REVIEWER_WROTE, words, {"told": True})


async def _keep(
    assignment: Assignment, bench: Bench, findings: FindingStore, review: Review, taken: Taken
) -> Conclusion:
    run = assignment.run
    assignment.enter(Phase.RECORDING)
    notes = [assignment.log.masked(note) for note in (*taken.unseen, *review.notes)]
    for note in notes:
        assignment.log.write(EventKind.NOTE, text=note)
    record = ReviewRecord(
        run=run.id,
        project=run.order.project,
        subject=run.order.bead,
        branch=run.branch,
        base=run.base,
        head=run.head,
        summary=assignment.log.masked(review.summary),
        pr_ready=review.pr_ready,
        notes=tuple(notes),
    )
    found = [_masked(each, assignment) for each in taken.found]
    try:
        kept = findings.record(record, found)
    except StoreDamaged as error:
        log_error(assignment.log, error)
        assignment.log.write(EventKind.NOTE, text=mend_findings(bench.state.findings))
        kept = findings.record(record, found)
    made, trouble = await _beads(assignment, bench, findings, kept)
    told, words = await _tell(assignment, bench, record, kept)
    ready = "ready" if review.pr_ready else "not ready"
    said = [f"{counts_of(kept)}; {ready}.", record.summary, made, trouble, words]
    summary = " ".join(filter(None, said))
    return Conclusion(State.COMPLETED, Reason.REVIEWED, summary, {"told": told})


def _masked(reported: Reported, assignment: Assignment) -> Reported:
    """Give a finding without secrets: it is shown, and goes to beads, which others read."""
    finding, masked = reported.finding, assignment.log.masked
    finding = attrs.evolve(
        finding,
        title=masked(finding.title),
        description=masked(finding.description),
        category=masked(finding.category),
        failure_scenario=masked(finding.failure_scenario),
    )
    return attrs.evolve(reported, finding=finding)


async def _beads(
    assignment: Assignment, bench: Bench, findings: FindingStore, kept: Sequence[KeptFinding]
) -> tuple[str, str]:
    """Make beads of all findings where that is wanted; give what was made, and what went wrong, in words."""
    wanted = assignment.run.order.create_beads or bench.settings.review_create_beads
    kept = [each for each in kept if each.state is FindingState.OPEN]
    if not kept or not wanted:
        return "", ""
    try:
        made = await make_beads(bench.tracker, findings, kept, assignment.run.order.workspace, bench.state)
    except (BeadworkError, OSError) as error:
        log_error(assignment.log, error)
        return "", f"Its findings could not be made beads: {sentence_of(error)}"
    return f"Beads: {', '.join(dict.fromkeys(each.bead for each in made))}.", ""


async def _tell(
    assignment: Assignment, bench: Bench, record: ReviewRecord, kept: Sequence[KeptFinding]
) -> tuple[bool, str]:
    order = assignment.run.order
    if not order.about_bead:
        return True, ""
    if bench.tracker.read_only:
        return True, f"The bead was not told: {bench.tracker.read_only}"
    comment = comment_of_review(record, kept, bench.agent.label)
    try:
        await bench.tracker.comment(order.bead, comment, bench.actor)
    except BeadNotFound:
        return True, "The bead is not there any more, so it was not told."
    except (BeadworkError, OSError) as error:
        log_error(assignment.log, error)
        return False, f"The bead could not be told yet: {sentence_of(error)}"
    return True, ""
