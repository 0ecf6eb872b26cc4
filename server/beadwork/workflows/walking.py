"""Walks: all that is ready is worked on, one bead after the other, until there is a reason to stop.

Everything a walk knows is in the store, so whoever comes by takes it further: a server, a command, a worker
after its run. What it leaves out: when to come by (`tending.py`).
"""

from collections.abc import Sequence
from pathlib import Path

import attrs

from beadwork.executions import (
    State,
    Walk,
)
from beadwork.workflows.house import House
from beadwork.workflows.queue_views import WalkView
from beadwork.workflows.views import Refused, moment
from beadwork.workflows.workspace import Workspaces

_ALL = 1_000_000
_FAILED = frozenset({State.FAILED, State.TIMEOUT, State.BLOCKED})


@attrs.frozen
class WalkRequest:
    """What is asked for with *work on all that is ready*."""

    limit: int = 0
    """Runs that it may queue in all; 0 for any number."""
    agent: str = ""
    runner: str = ""
    script: str = ""


async def begin_walk(
    house: House, workspaces: Workspaces, project: Path, request: WalkRequest
) -> Walk | Refused:
    """Begin a walk, and queue what is ready. Raises BeadworkError."""
    raise NotImplementedError


async def end_walk(house: House, project: Path) -> Walk | Refused:
    """Stop a walk: its queued runs are cancelled, running ones go on. Raises StoreError."""
    raise NotImplementedError


async def advance(house: House, workspaces: Workspaces, project: Path | None = None) -> Sequence[str]:
    """Take walks further, of one project or of all; give sentences about what went wrong."""
    return ()


def walk_view(house: House, walk: Walk) -> WalkView:
    """Show a walk with what became of its runs. Raises StoreError."""
    runs = house.store.list(walk=walk.id, limit=_ALL)
    return WalkView(
        folder=walk.project,
        begun_at=moment(walk.begun_at),
        ended_at=moment(walk.ended_at) if walk.ended_at else None,
        why=walk.why,
        limit=walk.limit,
        failures=walk.failures,
        budget_usd=walk.cost_usd,
        queued=sum(run.state is State.QUEUED for run in runs),
        running=sum(run.live for run in runs),
        completed=sum(run.state is State.COMPLETED for run in runs),
        failed=sum(run.state in _FAILED for run in runs),
        cost_usd=sum(run.cost_usd or 0.0 for run in runs),
    )
