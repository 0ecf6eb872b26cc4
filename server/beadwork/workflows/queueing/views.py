"""What a person is shown of the queue, of walks and of costs, as data; see docs/protocol.md.

What it leaves out: runs and beads (`views.py`).
"""

import attrs

from beadwork.workflows.views import RunView


@attrs.frozen
class WalkView:
    """A walk through the ready beads of a project."""

    folder: str
    begun_at: str
    ended_at: str | None
    why: str
    """Why it ended; empty while it goes on."""
    limit: int
    """Runs that it may queue in all; 0 for any number."""
    failures: int
    """Failed runs after which it stops."""
    budget_usd: float
    """Cost after which it stops; 0 for any."""
    queued: int
    """Runs of it that wait."""
    running: int
    completed: int
    failed: int
    """Runs of it that came to nothing, without those tried again or overtaken by somebody else."""
    cost_usd: float


@attrs.frozen
class QueueView:
    """What runs, what waits, and what it waits for."""

    running: tuple[RunView, ...]
    """All that have a worker, the oldest first."""
    queued: tuple[RunView, ...]
    """In the order in which they will begin."""
    slots: int
    held: str
    """Why nothing more begins although a slot is free, in a sentence; empty when nothing holds it."""
    walks: tuple[WalkView, ...]
    """Those that go on."""


@attrs.frozen
class CostLine:
    """What runs of one day, or of one bead, cost."""

    name: str
    """The day (`2026-01-31`, in local time), or the bead's id."""
    runs: int
    cost_usd: float
    input_tokens: int
    output_tokens: int


@attrs.frozen
class CostsView:
    """What agents cost."""

    today_usd: float
    """Over all projects: what counts against the budget of the day."""
    day_budget_usd: float
    """0 for none."""
    total: CostLine
    by_day: tuple[CostLine, ...]
    """The newest first."""
    by_bead: tuple[CostLine, ...]
    """The dearest first."""


@attrs.frozen
class NotifyResult:
    """Whether one service took a notification."""

    service: str
    """Its kind and host, without what is secret in its address."""
    ok: bool
    error: str
    """Why not, in a sentence; empty when it did."""
