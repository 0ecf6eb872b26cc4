"""Making a bead that a person asked for.

What it leaves out: beads of findings (`reviews/finding_beads.py`).
"""

from pathlib import Path

import attrs

from beadwork.beads import PARENT, Draft, Edge
from beadwork.workflows.editing.errors import UnfitText
from beadwork.workflows.editing.places import Place, described
from beadwork.workflows.editing.standing import writable
from beadwork.workflows.editing.texts import fit, fit_labels, fit_line
from beadwork.workflows.house import House
from beadwork.workflows.queueing.ordering import bead_of
from beadwork.workflows.workspace import Snapshot, Workspaces

PRIORITIES = range(5)


@attrs.frozen
class CreateRequest:
    """What is asked for with *create*."""

    title: str
    description: str = ""
    type: str = "task"
    priority: int = 2
    labels: tuple[str, ...] = ()
    parent: str = ""
    """The bead that it is a part of; empty for none."""
    depends_on: tuple[str, ...] = ()
    """The beads that are in its way."""
    place: Place | None = None
    """What it is about."""
    within: Path | None = None
    """Where the files of `place` may be beside the project: a worktree that its beads serve."""


async def create(house: House, workspaces: Workspaces, project: Path, request: CreateRequest) -> str:
    """Make a bead in the person's name, and give its id. Raises EditingError, TrackerError."""
    snapshot = await writable(workspaces, project)
    roots = [project] + ([request.within] if request.within else [])
    draft = Draft(
        title=fit_line(request.title, "The title"),
        description=described(fit(request.description, "The description"), request.place, roots),
        type=fit_line(request.type, "The type"),
        priority=fit_priority(request.priority),
        labels=fit_labels(request.labels),
        edges=_edges(snapshot, request),
        author=await house.actor(project),
    )
    (made,) = await snapshot.tracker.create([draft])
    return made


def fit_priority(priority: int) -> int:
    """Give `priority`. Raises UnfitText for one that there is not."""
    if priority not in PRIORITIES:
        raise UnfitText(f"There is no priority {priority}; take 0 (most urgent) to 4.")
    return priority


def _edges(snapshot: Snapshot, request: CreateRequest) -> tuple[Edge, ...]:
    parent = [Edge(bead_of(snapshot, request.parent).id, PARENT)] if request.parent else []
    blockers = [Edge(bead_of(snapshot, on).id, "blocks") for on in dict.fromkeys(request.depends_on)]
    both = {edge.on for edge in parent} & {edge.on for edge in blockers}
    if both:
        raise UnfitText(f"It cannot both be a part of {request.parent} and wait for it; choose one.")
    return (*parent, *blockers)
