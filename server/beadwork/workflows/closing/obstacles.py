"""What stands in the way of closing a bead, from what is known of it: all of it at once. Pure.

What it leaves out: finding the facts (`facts.py`), and overruling them (`ordering_close.py`, `close.py`).
"""

from collections.abc import Sequence
from enum import Enum

import attrs

from beadwork.beads import Bead
from beadwork.checkouts import Branch
from beadwork.findings import KeptFinding
from beadwork.workflows.views import Obstacle, RefusalCode, Refused

GRAVE = 1
"""The highest number of a finding's priority that keeps a bead open."""
_SHOWN = 5


class Kept(Enum):
    """Where the commits of a bead's branch are, beside that branch."""

    BASE = "base"
    """They have landed."""
    REMOTE = "remote"
    NO_REMOTE = "no-remote"
    """The repository has no remote, so there is nowhere to publish to."""
    NOWHERE = "nowhere"
    UNKNOWN = "unknown"
    """The remote could not be asked."""


@attrs.frozen
class Facts:
    """What is known of a bead that is to be closed."""

    bead: Bead
    blockers: tuple[str, ...] = ()
    """Ids of the open beads that block it, its parent's blockers left out."""
    children: tuple[str, ...] = ()
    """Ids of the open beads below it."""
    branch: Branch | None = None
    gates: Obstacle | None = None
    """What is said of its gates, where they are known to fail."""
    review_wanted: bool = False
    """Whether a setting wants that the head of the branch was reviewed."""
    reviewed: str = ""
    """The commit that the newest review read; empty without one."""
    findings: tuple[KeptFinding, ...] = ()
    """What the newest review found that is still open."""
    kept: Kept = Kept.NO_REMOTE
    remote: str = ""
    """The name of the remote."""
    trouble: str = ""
    """With UNKNOWN: why, as a sentence."""


def obstacles_of(facts: Facts) -> Sequence[Obstacle]:
    """Give all that stands in the way; a person may overrule each of them."""
    found = (
        facts.gates,
        _blockers(facts),
        _children(facts),
        _not_reviewed(facts),
        _findings(facts),
        _not_published(facts),
    )
    return tuple(obstacle for obstacle in found if obstacle is not None)


def refusal_of(bead: str, obstacles: Sequence[Obstacle]) -> Refused:
    """Say that a bead is not closed, and all of why."""
    in_the_way = dict.fromkeys(name for obstacle in obstacles for name in obstacle.beads)
    sentences = " ".join(obstacle.message for obstacle in obstacles)
    return Refused(
        obstacles[0].code,
        f"{bead} was not closed. {sentences}",
        blocked_by=tuple(in_the_way),
        can_force=True,
        obstacles=tuple(obstacles),
    )


def _blockers(facts: Facts) -> Obstacle | None:
    if not facts.blockers:
        return None
    words = f"It is blocked by {_some(facts.blockers)}."
    return Obstacle(RefusalCode.BLOCKED, words, beads=facts.blockers)


def _children(facts: Facts) -> Obstacle | None:
    if not facts.children:
        return None
    words = f"Of the beads below it {_some(facts.children)} {_are(len(facts.children))} open."
    return Obstacle(RefusalCode.OPEN_CHILDREN, words, beads=facts.children)


def _not_reviewed(facts: Facts) -> Obstacle | None:
    branch = facts.branch
    if not facts.review_wanted or branch is None or facts.reviewed == branch.head:
        return None
    instead = f"the newest review read {facts.reviewed[:10]}" if facts.reviewed else "it has no review"
    words = f"The head of {branch.name}, {branch.head[:10]}, was not reviewed: {instead}."
    return Obstacle(RefusalCode.NOT_REVIEWED, words)


def _findings(facts: Facts) -> Obstacle | None:
    grave = [each for each in facts.findings if each.finding.priority <= GRAVE]
    if not grave:
        return None
    named = _some([f"P{each.finding.priority} {each.finding.title}" for each in grave])
    words = f"Grave findings of its newest review are open: {named.rstrip('.')}.{_read_before(facts)}"
    return Obstacle(RefusalCode.OPEN_FINDINGS, words, findings=tuple(each.id for each in grave))


def _read_before(facts: Facts) -> str:
    branch = facts.branch
    if branch is None or not facts.reviewed or facts.reviewed == branch.head:
        return ""
    return f" It read {facts.reviewed[:10]}, and the branch went on since: review it again, or dismiss them."


def _not_published(facts: Facts) -> Obstacle | None:
    branch = facts.branch
    if branch is None or facts.kept not in {Kept.NOWHERE, Kept.UNKNOWN}:
        return None
    number = f"{branch.ahead} commit{'' if branch.ahead == 1 else 's'}"
    if facts.kept is Kept.UNKNOWN:
        words = (
            f"Whether {facts.remote} has the {number} of {branch.name} could not be found out: "
            f"{facts.trouble.rstrip('.')}."
        )
    else:
        words = f"{branch.name} has {number} that neither {branch.base_ref} nor {facts.remote} has."
    return Obstacle(RefusalCode.NOT_PUBLISHED, words)


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def _some(names: Sequence[str]) -> str:
    more = len(names) - _SHOWN
    shown = ", ".join(names[:_SHOWN])
    return f"{shown} and {more} more" if more > 0 else shown
