"""What a bead is told of a review of its branch, and telling it when the worker could not.

What it leaves out: telling it at the end of the review (`outcome.py`).
"""

from collections import Counter
from collections.abc import Sequence

from beadwork.beads import BeadNotFound
from beadwork.executions import Execution
from beadwork.findings import FindingState, KeptFinding, ReviewRecord
from beadwork.workflows.house import House

_SHOWN = 20


def comment_of_review(record: ReviewRecord, kept: Sequence[KeptFinding], agent: str) -> str:
    """Give the comment: the verdict, the summary, the findings by priority, the commit that was read."""
    ready = "ready" if record.pr_ready else "not ready"
    what = f"{record.branch} at {record.head[:10]} {_mark(record)}"
    parts = [f"Review by {agent or 'an agent'} of {what}: {ready}, {counts_of(kept)}.", record.summary]
    ranked = sorted(kept, key=lambda each: each.finding.priority)
    shown = [f"- P{each.finding.priority} {_where(each)}{each.finding.title}" for each in ranked[:_SHOWN]]
    shown += [f"- and {len(ranked) - _SHOWN} more"] if len(ranked) > _SHOWN else []
    parts.append("\n".join(shown))
    parts.append("\n".join(f"- {note}" for note in record.notes[:_SHOWN]))
    return "\n\n".join(part for part in parts if part)


async def tell_of_review(house: House, run: Execution) -> bool:
    """Tell a bead what a review found that is kept, where it was not told; a review without one is not told.

    Gives whether nothing is left to be done. Raises TrackerError.
    """
    order = run.order
    found = house.findings.review(run.id)
    if found is None or not order.about_bead:
        return True
    record, kept = found
    tracker = await house.open_tracker(order.workspace)
    if tracker.read_only:
        return True
    try:
        if not any(_mark(record) in each.text for each in await tracker.comments(order.bead)):
            comment = comment_of_review(record, kept, run.agent_label)
            await tracker.comment(order.bead, comment, await house.actor(order.workspace))
    except BeadNotFound:
        return True
    return True


def _mark(record: ReviewRecord) -> str:
    return f"(run {record.run[:8]})"


def counts_of(kept: Sequence[KeptFinding]) -> str:
    """Say how many findings there are, by priority; those that a person dismissed apart."""
    if not kept:
        return "no findings"
    open_ones = [each for each in kept if each.state is FindingState.OPEN]
    counted = Counter(each.finding.priority for each in open_ones)
    by_priority = ", ".join(f"{count} of priority {priority}" for priority, count in sorted(counted.items()))
    number = f"{len(open_ones)} finding{'' if len(open_ones) == 1 else 's'}"
    dismissed = len(kept) - len(open_ones)
    parts = [f"{number} ({by_priority})" if by_priority else number]
    parts += [f"{dismissed} dismissed before"] if dismissed else []
    return ", ".join(parts)


def _where(kept: KeptFinding) -> str:
    return f"{kept.finding.place}: " if kept.finding.place is not None else ""
