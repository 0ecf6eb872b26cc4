"""Changing the fields of a bead, and adding a comment to it.

What it leaves out: closing and opening again, which have checks of their own (`closing/`).
"""

from pathlib import Path

import attrs

from beadwork.beads import STATUSES, Bead, Change
from beadwork.workflows.editing.creating import fit_priority
from beadwork.workflows.editing.errors import NoSuchStatus, UnfitText, UseClose, UseReopen
from beadwork.workflows.editing.standing import writable
from beadwork.workflows.editing.texts import fit, fit_labels, fit_line
from beadwork.workflows.house import House
from beadwork.workflows.queueing.ordering import bead_of
from beadwork.workflows.workspace import Snapshot, Workspaces

_CLOSED = frozenset({"closed", "done"})
_TEXTS = ("description", "design", "acceptance", "notes")
_LINES = ("title", "type")


async def change(workspaces: Workspaces, project: Path, bead: str, wanted: Change) -> bool:
    """Change what `wanted` names; False when all of it is so already. Raises EditingError, TrackerError."""
    snapshot = await writable(workspaces, project)
    found = bead_of(snapshot, bead)
    real = _what_differs(found, _fit(wanted))
    if real.status is not None:
        await _allow(snapshot, found, real.status)
    if real == Change():
        return False
    await snapshot.tracker.update(found.id, real)
    return True


async def comment(house: House, workspaces: Workspaces, project: Path, bead: str, text: str) -> None:
    """Add a comment in the name of the person. Raises EditingError, TrackerError."""
    snapshot = await writable(workspaces, project)
    found = bead_of(snapshot, bead)
    if not fit(text, "The comment").strip():
        raise UnfitText("The comment is empty; write something.")
    await snapshot.tracker.comment(found.id, text, await house.actor(project))


def _fit(wanted: Change) -> Change:
    """Give what can be kept of it as it is. Raises UnfitText for what cannot."""
    lines = {name: getattr(wanted, name) for name in _LINES}
    texts = {name: getattr(wanted, name) for name in _TEXTS}
    return attrs.evolve(
        wanted,
        **{name: fit_line(text, f"The {name}") for name, text in lines.items() if text is not None},
        **{name: fit(text, f"The text of {name}") for name, text in texts.items() if text is not None},
        assignee=wanted.assignee and fit_line(wanted.assignee, "The assignee"),
        priority=None if wanted.priority is None else fit_priority(wanted.priority),
        add_labels=fit_labels(wanted.add_labels),
        remove_labels=wanted.remove_labels,  # any that a bead has may go
    )


def _what_differs(bead: Bead, wanted: Change) -> Change:
    """Leave out what is so already; a label that is both added and taken away is added."""
    names = (*_TEXTS, *_LINES, "status", "assignee", "priority")
    return attrs.evolve(
        wanted,
        **{name: None for name in names if getattr(wanted, name) == getattr(bead, name)},
        add_labels=tuple(label for label in wanted.add_labels if label not in bead.labels),
        remove_labels=tuple(
            label for label in wanted.remove_labels if label in bead.labels and label not in wanted.add_labels
        ),
    )


async def _allow(snapshot: Snapshot, bead: Bead, status: str) -> None:
    """See that a status may be set as any other field."""
    if status in _CLOSED:
        raise UseClose(
            f"{bead.id} is not closed by setting its status: close it (`beadwork close {bead.id}`), "
            "which looks at what stands in the way."
        )
    if bead.closed:
        raise UseReopen(
            f"{bead.id} is closed, and is not opened by setting its status: "
            f"reopen it (`beadwork reopen {bead.id}`)."
        )
    if status in STATUSES:
        return
    own = await snapshot.tracker.own_statuses()
    if status not in own:
        listed = ", ".join(sorted((STATUSES | own) - _CLOSED))
        raise NoSuchStatus(f"There is no status {status!r} here; there are {listed}.")
