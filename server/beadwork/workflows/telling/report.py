"""Telling a bead how a run of it ended, or that it waits: a label or the claim given back, and a comment.

What it leaves out: how it ended (`working/verdict.py`).
"""

from collections.abc import Sequence
from enum import Enum

import attrs

from beadwork.beads import WORK_DONE, BeadNotFound, Change, Tracker
from beadwork.checkouts import Commit
from beadwork.executions import State
from beadwork.workflows.working.claiming import is_own

SHOWN_COMMITS = 20
_WAITING = "waiting for an answer"
_WAITS = f"Work {_WAITING}"


@attrs.frozen
class Report:
    """What a bead is told of a run."""

    run: str
    """The execution's id."""
    state: State
    summary: str
    agent: str
    branch: str
    commits: Sequence[Commit]
    """All new ones, the oldest first."""
    claimed: bool
    """Whether the run had claimed the bead, so that the claim is its to give back."""
    before: Change
    """Status and assignee that the bead had before the run."""
    tried_again: bool = False
    """Whether the next attempt is queued already, so that it takes the bead for itself."""


class Found(Enum):
    """What became of a bead while it was worked on."""

    THERE = "there"
    CLOSED = "closed"
    """Somebody closed it meanwhile; it stays closed."""
    GONE = "gone"


async def tell(tracker: Tracker, bead: str, actor: str, report: Report, *, again: bool = False) -> Found:
    """Write `report` to the bead, and give how it was found; one that is gone is no error.

    After verified work the bead keeps its claim and gets the label, and one that waits for an answer keeps
    its claim; else the claim is given back, unless commits exist and nothing but a person follows. With
    `again`, an earlier try may have got some of the way. Raises TrackerError.
    """
    try:
        there = next((each for each in (await tracker.list()).beads if each.id == bead), None)
        closed = there is not None and there.closed
        # Whether one that is not listed is gone, or all beads are out of reach, is said by what changes it.
        if report.state is State.COMPLETED:
            await tracker.update(bead, Change(add_labels=(WORK_DONE,)))
        elif not closed and (there is None or is_own(there, actor)) and _lets_go(report):
            await _give_back(tracker, bead, report.before)
        if not again or not await _was_told(tracker, bead, report):
            await tracker.comment(bead, comment_of(report), actor)
    except BeadNotFound:
        return Found.GONE
    return Found.CLOSED if closed else Found.THERE


def _lets_go(report: Report) -> bool:
    if not report.claimed or report.state is State.NEEDS_INPUT:
        return False
    return not report.commits or report.state is State.BLOCKED or report.tried_again


async def _give_back(tracker: Tracker, bead: str, before: Change) -> None:
    if before.status == "open":
        await tracker.release(bead)
    else:  # it was put aside, or somebody else's, and a person went on over that
        await tracker.update(bead, before)


async def _was_told(tracker: Tracker, bead: str, report: Report) -> bool:
    """Whether an earlier try got as far as the comment; that a run waited says nothing of how it ended."""
    told = [each.text for each in await tracker.comments(bead) if _mark(report) in each.text]
    if report.state is State.NEEDS_INPUT:
        return comment_of(report).strip() in (text.strip() for text in told)
    return any(not text.startswith(_WAITS) for text in told)


def comment_of(report: Report) -> str:
    """Give the comment: the summary, the commits, and which run it was."""
    heading = f"Work {_word(report.state)} by {report.agent or 'an agent'} {_mark(report)}."
    parts = [heading, report.summary]
    if report.commits:
        shown = [f"- {commit.sha[:10]} {commit.subject}" for commit in report.commits[:SHOWN_COMMITS]]
        more = len(report.commits) - len(shown)
        shown += [f"- and {more} more"] if more else []
        parts.append("\n".join([f"Commits on {report.branch}:", *shown]))
    return "\n\n".join(parts)


def _mark(report: Report) -> str:
    return f"(run {report.run[:8]})"


def _word(state: State) -> str:
    match state:
        case State.COMPLETED:
            return "done"
        case State.CANCELLED:
            return "cancelled"
        case State.TIMEOUT:
            return "timed out"
        case State.BLOCKED:
            return "blocked"
        case State.NEEDS_INPUT:
            return _WAITING
        case _:
            return "failed"
