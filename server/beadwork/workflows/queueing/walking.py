"""Walks: all that is ready is worked on, and what becomes so, until there is a reason to stop.

Everything a walk knows is in the store, so whoever comes by takes it further: a server, a command, a worker
after its run. What it leaves out: when to come by (`tending.py`), and what is ready (`readiness.py`).
"""

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

import attrs

from beadwork.beads import Bead
from beadwork.checkouts import BranchInUse
from beadwork.errors import BeadworkError
from beadwork.executions import UNFINISHED, AlreadyActive, Execution, Order, Reason, State, Walk
from beadwork.workflows.house import House
from beadwork.workflows.locking import alone
from beadwork.workflows.queueing.readiness import beads_to_take, what_waits
from beadwork.workflows.queueing.views import WalkView
from beadwork.workflows.showing import groups_of_runs
from beadwork.workflows.views import RefusalCode, Refused, moment
from beadwork.workflows.workspace import Workspaces

PATIENCE = 5.0
"""Seconds that another process which takes the same walk further is waited for."""
_ALL = 1_000_000
_FAILED = frozenset({State.FAILED, State.TIMEOUT, State.BLOCKED})


@attrs.frozen
class WalkRequest:
    """What is asked for with *work on all that is ready*."""

    limit: int = 0
    """Beads that it may take in all; 0 for any number."""
    agent: str = ""
    runner: str = ""
    script: str = ""
    wall_clock: float = 0.0
    """Seconds that each run may take; 0 for the setting's."""


async def begin_walk(
    house: House, workspaces: Workspaces, project: Path, request: WalkRequest
) -> Walk | Refused:
    """Begin a walk, and queue what is ready. Raises BeadworkError."""
    newest = house.store.newest_by_bead(str(project))
    snapshot = await workspaces.of(project).snapshot()
    if snapshot.tracker.read_only:
        return Refused(RefusalCode.READ_ONLY, snapshot.tracker.read_only)
    index = snapshot.index.with_runs(groups_of_runs(newest))
    ready = beads_to_take(index, ())
    if not ready:
        return Refused(RefusalCode.NOTHING_READY, _nothing("No bead is ready", what_waits(index)))
    settings = house.settings_for(project).settings
    walk = Walk(
        id="",
        project=str(project),
        begun_at=time.time(),
        limit=request.limit,
        failures=settings.walk_failures,
        cost_usd=settings.walk_budget,
        asked=json.dumps(
            {
                "agent": request.agent or settings.agent,
                "runner": request.runner or settings.runner,
                "script": request.script or settings.script,
                "wall_clock": request.wall_clock,
                "settings": house.editor_values(),
            },
        ),
    )
    house.check(_order(walk, ready[0]))
    await _check_repository(house, project, ready[0])
    try:
        begun = house.store.walks.begin(walk)
    except AlreadyActive as error:
        return Refused(RefusalCode.WALK_GOING, error.message)
    await _taken_further(house, workspaces, begun, PATIENCE)
    return house.store.walks.newest(str(project)) or begun


def end_walk(house: House, project: Path) -> Walk | Refused:
    """Stop a walk: its queued runs are cancelled, running ones go on. Raises StoreError."""
    going = house.store.walks.going(str(project))
    if not going:
        return Refused(RefusalCode.NO_WALK, f"No walk through the ready beads of {project.name} is going on.")
    _stop(house, going[0], "Stopped by a person.")
    return house.store.walks.newest(str(project)) or going[0]


async def advance(
    house: House,
    workspaces: Workspaces | None = None,
    project: Path | None = None,
    *,
    patience: float = PATIENCE,
) -> Sequence[str]:
    """Take walks further, of one project or of all; give sentences about what went wrong.

    Without `workspaces` (a worker has none) the beads are read anew. While nothing changed no process is
    started. Raises StoreError.
    """
    said: list[str] = []
    for walk in house.store.walks.going(str(project) if project else None):
        asked = house if house.editor else house.as_asked(_settings(walk))
        opened = workspaces or Workspaces(asked.open_tracker)
        try:
            await _taken_further(asked, opened, walk, patience)
        except (BeadworkError, OSError) as error:
            said.append(f"The walk through {Path(walk.project).name} cannot go on now: {error}")
    return said


async def _taken_further(house: House, workspaces: Workspaces, walk: Walk, patience: float) -> None:
    name = f"walk-{house.state.project(Path(walk.project))}"
    async with alone(house.state, name, patience) as held:
        if not held or not _goes_on(house, walk):
            return  # whoever holds it, or has ended it, saw to all this
        if why := _spent_up(walk, _runs(house, walk)):
            _stop(house, walk, why)
            return
        await _step(house, workspaces, walk)
        if not _goes_on(house, walk):  # somebody ended it while we queued
            house.store.cancel_queued(walk.id)


async def _step(house: House, workspaces: Workspaces, walk: Walk) -> None:
    """Queue what became ready; end the walk when nothing is left to wait for."""
    # Runs are read before the beads: a run that has ended by now has told its bead before.
    runs = _runs(house, walk)
    newest = house.store.newest_by_bead(walk.project)
    snapshot = await workspaces.of(Path(walk.project)).snapshot()
    index = snapshot.index.with_runs(groups_of_runs(newest))
    taken = {run.order.bead for run in runs}
    ready = beads_to_take(index, taken)
    room = walk.limit - len(taken) if walk.limit else len(ready)
    queued = sum(_queued(house, _order(walk, bead)) for bead in ready[: max(0, room)])
    if queued or any(run.state in UNFINISHED for run in runs):
        return
    if walk.limit and len(taken) >= walk.limit:
        beads = "one bead" if walk.limit == 1 else f"{walk.limit} beads"
        house.store.walks.end(walk.id, f"It has worked on {beads}, as many as it was to.")
    elif not ready:
        house.store.walks.end(walk.id, _nothing("Nothing more is ready", what_waits(index)))


def _queued(house: House, order: Order) -> bool:
    try:
        house.store.add(order)
    except AlreadyActive:  # somebody else began it since we looked
        return False
    return True


def _goes_on(house: House, walk: Walk) -> bool:
    return walk.id in {each.id for each in house.store.walks.going(walk.project)}


def _runs(house: House, walk: Walk) -> Sequence[Execution]:
    return house.store.list(walk=walk.id, limit=_ALL)


def _stop(house: House, walk: Walk, why: str) -> None:
    """End a walk before its queue is empty."""
    house.store.cancel_queued(walk.id)
    house.store.walks.end(walk.id, why)
    house.store.cancel_queued(walk.id)  # what was queued before others could see that it has ended


def _spent_up(walk: Walk, runs: Sequence[Execution]) -> str:
    """Say why no further run of a walk is to begin, if so."""
    failed = _failures(runs)
    if len(failed) >= walk.failures:
        names = ", ".join(sorted(run.order.bead for run in failed))
        return f"{len(failed)} of its runs came to nothing ({names}), and it was to stop at {walk.failures}."
    cost = _cost(runs)
    if walk.cost_usd and cost >= walk.cost_usd:
        return f"Its runs cost ${cost:.2f}, and ${walk.cost_usd:.2f} was its budget."
    return ""


def _failures(runs: Sequence[Execution]) -> Sequence[Execution]:
    """Give the runs that count as failed: neither those tried again, nor those that others overtook."""
    failed = (run for run in runs if run.state in _FAILED)
    return [run for run in failed if run.reason is not Reason.OVERTAKEN and not run.retried_by]


def _cost(runs: Sequence[Execution]) -> float:
    return sum(run.cost_usd or 0.0 for run in runs)


def _order(walk: Walk, bead: Bead) -> Order:
    asked = json.loads(walk.asked)
    return Order(
        project=walk.project,
        bead=bead.id,
        title=bead.title,
        agent=asked["agent"],
        runner=asked["runner"],
        script=asked["script"],
        deadline=asked.get("wall_clock", 0.0),  # earlier walks did not say it
        settings=asked["settings"],
        status=bead.status,
        assignee=bead.assignee,
        priority=bead.priority,
        walk=walk.id,
    )


def _settings(walk: Walk) -> Mapping[str, object]:
    return cast("Mapping[str, object]", json.loads(walk.asked)["settings"])


async def _check_repository(house: House, project: Path, bead: Bead) -> None:
    """Raise CheckoutError when no work at all can be done here; one branch in use is one bead's matter."""
    try:
        await house.checkouts.check(project, bead.id, base=house.settings_for(project).settings.base)
    except BranchInUse:
        return


def _nothing(words: str, waiting: str) -> str:
    return f"{words}: {waiting}." if waiting else f"{words}: no bead is open."


def walk_view(house: House, walk: Walk) -> WalkView:
    """Show a walk with what became of its runs. Raises StoreError."""
    runs = _runs(house, walk)
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
        failed=len(_failures(runs)),
        cost_usd=_cost(runs),
    )
