"""What the fields of a project's beads can be: what bd has, then what is in use, the most used first."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from beadwork.beads import MACHINERY
from beadwork.workflows.views import Choices
from beadwork.workflows.workspace import Workspaces

STATUSES = ("open", "in_progress", "blocked", "deferred", "pinned", "hooked", "closed")
"""Those that bd has, in the order of a bead's life."""
TYPES = ("task", "bug", "feature", "epic", "chore", "decision")
"""Those that every bd has for people."""


async def choices(workspaces: Workspaces, project: Path) -> Choices:
    """Give them. Raises TrackerError."""
    snapshot = await workspaces.of(project).snapshot()
    beads = list(snapshot.index.beads)
    own = await snapshot.tracker.own_statuses()
    return Choices(
        statuses=(*STATUSES, *sorted(own - {*STATUSES, "done"})),
        types=_with(TYPES, (bead.type for bead in beads if bead.type not in MACHINERY)),
        assignees=_with((), (bead.assignee for bead in beads if bead.assignee)),
        labels=_with((), (label for bead in beads for label in bead.labels)),
    )


def _with(known: tuple[str, ...], used: Iterable[str]) -> tuple[str, ...]:
    counts = Counter(used)
    others = sorted((each for each in counts if each not in known), key=lambda each: (-counts[each], each))
    return (*known, *others)
