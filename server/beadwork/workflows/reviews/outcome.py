"""The end of a review: judge it, keep it, tell the bead, make beads if that was asked for.

What it leaves out: the words of the comment (`telling_review.py`).
"""

import time
from collections.abc import Sequence

from beadwork.agents import OutcomeKind
from beadwork.beads import BeadNotFound
from beadwork.errors import BeadworkError
from beadwork.executions import Assignment, Conclusion, EventKind, Phase, Reason, State
from beadwork.findings import FindingStore, KeptFinding, Review, ReviewRecord, Unreadable
from beadwork.workflows.bench import Bench, Course
from beadwork.workflows.journal import log_error
from beadwork.workflows.reviews.finding_beads import make_beads
from beadwork.workflows.reviews.taking import Taken
from beadwork.workflows.reviews.telling_review import comment_of_review, counts_of
from beadwork.workflows.trying_again import again_of, words_of
from beadwork.workflows.verdict import Facts, Verdict, judge, sentence_of


async def conclude(
    assignment: Assignment, bench: Bench, findings: FindingStore, course: Course, taken: Taken | None
) -> Conclusion:
    """Say how a review ended, after what it found is kept and told. Raises StoreError, LogError."""
    if taken is None or course.halt is not None or course.error is not None:
        return _without_review(assignment, bench, course)
    if taken.changed or taken.evidence.commits:
        return _wrote(assignment, taken)
    match taken.review:
        case Unreadable(why):
            assignment.log.write(EventKind.ERROR, code="unreadable", text=why, detail=taken.text)
            words = f"{why} `beadwork log {assignment.run.id[:8]}` has what it said."
            return Conclusion(State.FAILED, Reason.UNREADABLE, words, {"told": True})
        case Review() as review:
            return await _keep(assignment, bench, findings, review, taken)


def _without_review(assignment: Assignment, bench: Bench, course: Course) -> Conclusion:
    """Conclude a run whose reader came to no answer: nothing was claimed, so no bead has to be told."""
    facts = Facts(
        halt=course.halt,
        error=course.error,
        ask=course.ask,
        outcome=course.outcome,
        denied=tuple(course.denied),
    )
    verdict = judge(facts)
    if course.outcome is not None and course.outcome.kind is OutcomeKind.DONE and facts.error is None:
        verdict = Verdict(State.FAILED, Reason.INTERRUPTED, "Interrupted before its answer could be read.")
    again = again_of(assignment.run, facts, verdict, bench.settings, now=time.time())
    words = words_of(again, assignment.run, bench.settings) if again else ""
    summary = " ".join(filter(None, [verdict.summary, words]))
    fields: dict[str, object] = {"told": True}
    if verdict.state is State.NEEDS_INPUT:
        fields["ask"] = course.ask
    return Conclusion(verdict.state, verdict.reason, summary, fields, again)


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
    notes = [assignment.log.masked(note) for note in (*review.notes, *_unseen(taken.unseen))]
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
    kept = findings.record(record, taken.found)
    made, trouble = await _beads(assignment, bench, findings, kept)
    told, words = await _tell(assignment, bench, record, kept)
    ready = "ready" if review.pr_ready else "not ready"
    summary = " ".join(filter(None, [f"{counts_of(kept)}; {ready}.", review.summary, made, trouble, words]))
    return Conclusion(State.COMPLETED, Reason.REVIEWED, summary, {"told": told})


def _unseen(unseen: Sequence[str]) -> list[str]:
    return [f"Not looked at: {'; '.join(unseen)}."] if unseen else []


async def _beads(
    assignment: Assignment, bench: Bench, findings: FindingStore, kept: Sequence[KeptFinding]
) -> tuple[str, str]:
    """Make beads of all findings where that is wanted; give what was made, and what went wrong, in words."""
    if not kept or not (assignment.run.order.create_beads or bench.settings.review_create_beads):
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
    comment = comment_of_review(record, kept, bench.agent.label)
    try:
        await bench.tracker.comment(order.bead, comment, bench.actor)
    except BeadNotFound:
        return True, "The bead is not there any more, so it was not told."
    except (BeadworkError, OSError) as error:
        log_error(assignment.log, error)
        return False, f"The bead could not be told yet: {sentence_of(error)}"
    return True, ""
