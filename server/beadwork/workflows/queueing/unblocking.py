"""Runs whose agent was blocked are tried again by themselves when what was in the way is out of it.

What it leaves out: making the bead that stands for it (`telling/blockers.py`).
"""

from collections.abc import Sequence
from pathlib import Path

from beadwork.errors import BeadworkError
from beadwork.executions import Execution, State
from beadwork.workflows.house import House
from beadwork.workflows.stepping_in.stepping import retry
from beadwork.workflows.workspace import Workspaces

RECENT = 200
"""How many of the newest blocked runs are looked at."""


async def requeue_unblocked(
    house: House, workspaces: Workspaces | None = None, project: Path | None = None
) -> Sequence[str]:
    """Queue the next attempt of each blocked run whose blocker was closed, once, where the setting says so.

    Gives sentences about those that could not be. While nothing changed no process is started. Raises
    StoreError.
    """
    said: list[str] = []
    opened: dict[str, Workspaces] = {}
    wanted = str(project) if project else None
    for run in house.store.list(project=wanted, states=frozenset({State.BLOCKED}), limit=RECENT):
        if not run.blocked_by or run.retried_by or not _newest(house, run):
            continue
        asked = house if house.editor else house.as_asked(run.order.settings)
        places = workspaces or opened.setdefault(run.order.project, Workspaces(asked.open_tracker))
        try:
            if await _unblocked(asked, places, run):
                await retry(asked, places, run.id)
        except (BeadworkError, OSError) as error:
            said.append(f"{run.order.bead} is unblocked, but could not be queued again: {error}")
    return said


def _newest(house: House, run: Execution) -> bool:
    newest = house.store.newest_by_bead(run.order.project).get(run.order.bead)
    return newest is not None and newest.id == run.id


async def _unblocked(house: House, workspaces: Workspaces, run: Execution) -> bool:
    project = run.order.workspace
    if not house.settings_for(project).settings.requeue_unblocked:
        return False
    index = (await workspaces.of(project).snapshot()).index
    blocker = index.get(run.blocked_by)
    return blocker is not None and blocker.closed and not index.blockers(run.order.bead)
