"""A bead and what is around it, as data. What it leaves out: where it comes from (`port.py`)."""

from collections.abc import Mapping
from enum import StrEnum

import attrs

WORK_DONE = "work-done"
"""The label of a bead whose work was verified and waits for review; bd has no such status."""

STATUSES = frozenset({"open", "in_progress", "blocked", "deferred", "closed", "pinned", "hooked", "done"})
"""The statuses that bd has, and `done`, which older files have for closed ones."""


@attrs.frozen
class Edge:
    """A dependency: the bead that carries it, on another."""

    on: str
    """The id depended on. It may name a bead that is not there (`external:…`, a deleted one)."""
    kind: str
    """`blocks`, `parent-child`, `discovered-from`, …: an open set, spelled as bd does."""
    gate: str = ""
    """Of a `waits-for` edge: `any-children` where one closed child of the target is enough."""


@attrs.frozen
class Comment:
    """A comment on a bead."""

    author: str
    text: str
    created_at: str


@attrs.frozen
class Bead:
    """One bead. Statuses and types are open sets of strings: unknown ones pass through."""

    id: str
    title: str
    status: str
    type: str
    priority: int
    """0 (most urgent) to 4, as stored; other numbers pass through."""
    description: str = ""
    design: str = ""
    acceptance: str = ""
    notes: str = ""
    assignee: str = ""
    labels: tuple[str, ...] = ()
    edges: tuple[Edge, ...] = ()
    """What this bead depends on."""
    comments: tuple[Comment, ...] = ()
    """Empty where the tracker's list leaves them out; see `comment_count`."""
    comment_count: int = 0
    created_at: str = ""
    """RFC 3339, as the tracker wrote it."""
    updated_at: str = ""
    closed_at: str = ""
    close_reason: str = ""
    external_ref: str = ""
    ephemeral: bool = False
    extra: Mapping[str, object] = attrs.field(factory=dict, eq=True)
    """Fields that we do not know, untouched."""

    @property
    def closed(self) -> bool:
        """Whether it counts as finished: `closed`, or `done` as older files have it."""
        return self.status in {"closed", "done"}


class Group(StrEnum):
    """The groups that a person sees; in the order in which they are shown; each bead is in one."""

    NEEDS_YOU = "needs_you"
    """Its last execution waits for a person: needs input, blocked, failed, timed out."""
    RUNNING = "running"
    """An execution of it is queued or running."""
    READY = "ready"
    BLOCKED = "blocked"
    IN_PROGRESS = "in_progress"
    DONE = "done_to_review"
    """Not closed, and carries the label `work-done`."""
    OPEN = "open"
    """Whatever else is not closed: deferred, pinned, hooked, a status of the user's own."""
    CLOSED = "closed"


@attrs.frozen
class Draft:
    """A bead to be made."""

    title: str
    description: str = ""
    type: str = "task"
    priority: int = 2
    labels: tuple[str, ...] = ()
    edges: tuple[Edge, ...] = ()
    external_ref: str = ""
    metadata: Mapping[str, object] = attrs.field(factory=dict)
    author: str = ""
    """Who makes it; empty for whoever the tracker takes for that."""


@attrs.frozen
class Change:
    """What to change on a bead; None leaves a field as it is."""

    title: str | None = None
    description: str | None = None
    design: str | None = None
    acceptance: str | None = None
    notes: str | None = None
    status: str | None = None
    priority: int | None = None
    type: str | None = None
    assignee: str | None = None
    add_labels: tuple[str, ...] = ()
    remove_labels: tuple[str, ...] = ()


@attrs.frozen
class Trouble:
    """Something in the tracker's data or version that a person should know; nothing was lost by it."""

    text: str
    line: int | None = None
    """1-based line of the JSONL file, where it has one."""


@attrs.frozen
class Listing:
    """All beads of a workspace at one moment."""

    beads: tuple[Bead, ...]
    """Closed ones too; no tombstones. In the order of the tracker."""
    troubles: tuple[Trouble, ...] = ()
