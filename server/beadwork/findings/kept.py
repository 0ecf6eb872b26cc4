"""What is kept of reviews, and what became of their findings; as data.

What it leaves out: keeping it (`store.py`).
"""

from enum import StrEnum

import attrs

from beadwork.findings.model import Finding
from beadwork.findings.pins import Anchor


class FindingState(StrEnum):
    """What a person made of a finding."""

    OPEN = "open"
    DISMISSED = "dismissed"
    """It does not hold, or is wanted so; remembered for later reviews."""


@attrs.frozen
class ReviewRecord:
    """A review that was read."""

    run: str
    """The id of its execution."""
    project: str
    """Absolute path of the workspace folder."""
    subject: str
    """The bead, or what stands for it."""
    branch: str
    base: str
    """The commit that it was compared with."""
    head: str
    """The commit that was reviewed."""
    summary: str
    pr_ready: bool
    notes: tuple[str, ...] = ()
    """What was not understood, and what was not looked at."""
    at: float = 0.0
    """Seconds since the epoch; given by the store."""


@attrs.frozen
class KeptFinding:
    """A finding of a review, and what became of it."""

    id: str
    """`f-` and eight hexadecimal digits; the same when a later review says the same."""
    project: str
    subject: str
    run: str
    """The review that says it so: the newest one, or the newest of `subject` where that was asked for."""
    finding: Finding
    anchor: Anchor | None
    """None where it has no lines."""
    state: FindingState = FindingState.OPEN
    reason: str = ""
    """With DISMISSED: why."""
    bead: str = ""
    """The bead that was made from it."""
    commit: str = ""
    """The commit that was reviewed: its lines are those of this one."""
