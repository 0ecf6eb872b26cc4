"""Making a bead depend on another, or no more."""

import re
from pathlib import Path

from beadwork.beads import ORDERING, PARENT, Bead, leads_to
from beadwork.workflows.editing.errors import DependencyCircle, HasParent, NoSuchDependency, UnfitText
from beadwork.workflows.editing.standing import writable
from beadwork.workflows.editing.texts import fit_line
from beadwork.workflows.queueing.ordering import bead_of
from beadwork.workflows.workspace import Snapshot, Workspaces

_OUTSIDE = "external:"
"""Beginning of ids of beads in other places."""
_ELSEWHERE = re.compile(r"external:[^:]+:.+")


async def depend(workspaces: Workspaces, project: Path, bead: str, on: str, kind: str) -> None:
    """Make `bead` depend on `on`; as it is already, nothing changes. Raises EditingError, TrackerError."""
    snapshot = await writable(workspaces, project)
    found, kind = bead_of(snapshot, bead), fit_line(kind, "The kind of the dependency")
    if on.startswith(_OUTSIDE):
        _refuse_unfit(fit_line(on, "The bead that it depends on"))
    else:
        bead_of(snapshot, on)
    if any((edge.on, edge.kind) == (on, kind) for edge in found.edges):
        return
    if on == found.id:
        raise DependencyCircle(f"{bead} cannot depend on itself; name another bead.")
    if kind == PARENT:
        _refuse_second_parent(found)
    if kind in ORDERING:
        _refuse_circle(snapshot, found.id, on)
    await snapshot.tracker.depend(found.id, on, kind)


async def undepend(workspaces: Workspaces, project: Path, bead: str, on: str, kind: str) -> None:
    """Make `bead` depend on `on` no more. Raises EditingError, TrackerError."""
    snapshot = await writable(workspaces, project)
    found = bead_of(snapshot, bead)
    kinds = [edge.kind for edge in found.edges if edge.on == on]
    if kind in kinds:
        await snapshot.tracker.undepend(found.id, on, kind)
    elif kinds:
        raise NoSuchDependency(
            f"{bead} depends on {on} as {kinds[0]}, not as {kind}; say that kind to take it away."
        )
    else:
        raise NoSuchDependency(f"{bead} does not depend on {on}, so there is nothing to take away.")


def _refuse_unfit(on: str) -> None:
    if not _ELSEWHERE.fullmatch(on):
        raise UnfitText(f"{on!r} names nothing in another place: that is `external:PROJECT:CAPABILITY`.")


def _refuse_second_parent(bead: Bead) -> None:
    parents = [edge.on for edge in bead.edges if edge.kind == PARENT]
    if parents:
        raise HasParent(f"{bead.id} is a part of {parents[0]} already; take it out of that first.")


def _refuse_circle(snapshot: Snapshot, bead: str, on: str) -> None:
    beads = {each.id: each for each in snapshot.index.beads}
    if leads_to(beads, on, bead):
        raise DependencyCircle(
            f"{bead} cannot depend on {on}, which waits for {bead} itself, be it by way of others."
        )
