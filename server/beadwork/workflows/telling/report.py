"""Telling a bead how a run of it ended, or that it waits: a label, status or the claim given back; a comment.

What it leaves out: how it ended (`working/verdict.py`).
"""

from collections.abc import Sequence
from enum import Enum

import attrs

from beadwork.beads import WORK_DONE, BeadNotFound, Change, Tracker
from beadwork.checkouts import Commit
from beadwork.executions import State
from beadwork.gates import GateReport, Standing
from beadwork.workflows.gating.telling import lines_of, sentence_of
from beadwork.workflows.working.claiming import is_own

SHOWN_COMMITS = 20
SHOWN_OUTPUT = 2000
"""Characters of the end of a failing gate's output that a comment repeats."""
LABEL = "label"
CLOSE = "close"
"""Words of the setting `work.when_done`; any other is a status."""
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
    gates: GateReport | None = None
    """What became of its gates, as far as that is known."""
    when_done: str = LABEL
    """What becomes of the bead after verified work; see the setting `work.when_done`."""


class Found(Enum):
    """What became of a bead while it was worked on."""

    THERE = "there"
    CLOSED = "closed"
    """Somebody closed it meanwhile; it stays closed."""
    GONE = "gone"


@attrs.frozen
class Told:
    """What became of telling it."""

    found: Found
    said: str = ""
    """A sentence about what could not be done as it is wanted; the bead's comment has it too."""


async def tell(tracker: Tracker, bead: str, actor: str, report: Report, *, again: bool = False) -> Told:
    """Write `report` to the bead, and give how it was found; one that is gone is no error.

    After verified work the bead keeps its claim and gets the label or the status that is wanted, and one that
    waits for an answer keeps its claim; else the claim is given back, unless commits exist and nothing but a
    person follows. With `again`, an earlier try may have got some of the way. Raises TrackerError.
    """
    try:
        there = next((each for each in (await tracker.list()).beads if each.id == bead), None)
        closed = there is not None and there.closed
        # Whether one that is not listed is gone, or all beads are out of reach, is said by what changes it.
        said = ""
        if report.state is State.COMPLETED:
            said = await _mark_done(tracker, bead, report.when_done, closed=closed)
        elif not closed and (there is None or is_own(there, actor)) and _lets_go(report):
            await _give_back(tracker, bead, report.before)
        if not again or not await _was_told(tracker, bead, report):
            await tracker.comment(bead, comment_of(report, said), actor)
    except BeadNotFound:
        return Told(Found.GONE)
    return Told(Found.CLOSED if closed else Found.THERE, said)


async def _mark_done(tracker: Tracker, bead: str, when_done: str, *, closed: bool) -> str:
    """Give a bead the label or the status that says that its work is verified; say where that is another."""
    said = ""
    if when_done not in {LABEL, CLOSE}:
        if when_done in await tracker.own_statuses():
            if not closed:
                await tracker.update(bead, Change(status=when_done))
            return ""
        said = (
            f"It has the label `{WORK_DONE}`, for there is no status of your own called `{when_done}`, which "
            "`work.when_done` names."
        )
    await tracker.update(bead, Change(add_labels=(WORK_DONE,)))
    return said


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


def comment_of(report: Report, said: str = "") -> str:
    """Give the comment: which run it was, the summary, what else is `said`, the commits, and the gates."""
    heading = f"Work {_word(report.state)} by {report.agent or 'an agent'} {_mark(report)}."
    parts = list(filter(None, [heading, report.summary, said]))
    if report.commits:
        shown = [f"- {commit.sha[:10]} {commit.subject}" for commit in report.commits[:SHOWN_COMMITS]]
        more = len(report.commits) - len(shown)
        shown += [f"- and {more} more"] if more else []
        parts.append("\n".join([f"Commits on {report.branch}:", *shown]))
    if report.gates is not None:
        parts += _of_gates(report.gates)
    return "\n\n".join(parts)


def _of_gates(gates: GateReport) -> list[str]:
    """Give a line for each gate, and of the first that fails the end of what it said."""
    if gates.standing is Standing.NONE:
        return [sentence_of(gates)]
    said = ["\n".join([f"Gates on {gates.commit[:10]}:", *(f"- {line}" for line in lines_of(gates))])]
    for first in gates.failed[:1]:
        shown = first.tail[-SHOWN_OUTPUT:].strip().splitlines()
        if shown:
            # Indented, so that it is shown as it is, whatever it holds.
            said.append("\n".join([f"The end of {first.gate.name}:", "", *(f"    {line}" for line in shown)]))
    return said


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
