"""Telling a bead how a run of it ended: a label or the claim given back, and a comment.

What it leaves out: how it ended (`verdict.py`).
"""

from collections.abc import Sequence

import attrs

from beadwork.beads import WORK_DONE, BeadNotFound, Change, Tracker
from beadwork.checkouts import Commit
from beadwork.executions import State

SHOWN_COMMITS = 20


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


async def tell(tracker: Tracker, bead: str, actor: str, report: Report, *, again: bool = False) -> bool:
    """Write `report` to the bead; False when there is no such bead any more, which is no error.

    After verified work the bead keeps its claim and gets the label; else the claim is given back, unless
    commits exist. With `again`, an earlier try may have got some of the way. Raises TrackerError.
    """
    try:
        if report.state is State.COMPLETED:
            await tracker.update(bead, Change(add_labels=(WORK_DONE,)))
        elif report.claimed and not report.commits:
            await _give_back(tracker, bead, report.before)
        if not again or not await _was_told(tracker, bead, report):
            await tracker.comment(bead, comment_of(report), actor)
    except BeadNotFound:
        return False
    return True


async def _give_back(tracker: Tracker, bead: str, before: Change) -> None:
    if before.status == "open":
        await tracker.release(bead)
    else:  # it was put aside, or somebody else's, and a person went on over that
        await tracker.update(bead, before)


async def _was_told(tracker: Tracker, bead: str, report: Report) -> bool:
    return any(_mark(report) in comment.text for comment in await tracker.comments(bead))


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
            return "waiting for an answer"
        case _:
            return "failed"
