"""Orders the closing of a bead: checks what can be seen at once, without a gate, a network or an agent.

What it leaves out: whatever takes time (`close.py`), and starting it (`queueing/starting.py`).
"""

from pathlib import Path

import attrs

from beadwork.beads import Bead
from beadwork.executions import UNFINISHED, Execution, Order, Verb
from beadwork.gates import Standing
from beadwork.settings import Settings
from beadwork.workflows.closing.facts import facts_of
from beadwork.workflows.closing.landed_gates import report_of_landing
from beadwork.workflows.closing.obstacles import Facts, obstacles_of, refusal_of
from beadwork.workflows.gating.known import known_report
from beadwork.workflows.gating.telling import obstacle_of
from beadwork.workflows.house import House
from beadwork.workflows.queueing.ordering import bead_of, place
from beadwork.workflows.requests import CloseRequest
from beadwork.workflows.views import RefusalCode, Refused
from beadwork.workflows.workspace import Snapshot, Workspaces


async def order_close(
    house: House, workspaces: Workspaces, project: Path, request: CloseRequest
) -> Execution | Refused:
    """Queue the closing of a bead, or say all that is seen to stand in the way. Raises BeadworkError."""
    settings = house.settings_for(project).settings
    snapshot = await workspaces.of(project).snapshot()
    bead = bead_of(snapshot, request.bead)
    if refused := _cannot_close(bead, snapshot):
        return refused
    order = _order(house, settings, project, bead, request)
    if _has_run(house, project, bead):
        return place(house, order)  # which says what is to be waited for
    facts = await facts_of(house, project, bead, snapshot.index, settings, ask=False)
    if not request.skip_gates:
        facts = await _with_gates(house, project, snapshot, settings, facts)
    obstacles = obstacles_of(facts)
    if obstacles and not request.force:
        return refusal_of(bead.id, obstacles)
    return place(house, attrs.evolve(order, overruled=tuple(each.message for each in obstacles)))


def _cannot_close(bead: Bead, snapshot: Snapshot) -> Refused | None:
    """Say what no person can overrule."""
    if snapshot.tracker.read_only:
        return Refused(RefusalCode.READ_ONLY, snapshot.tracker.read_only)
    return Refused(RefusalCode.CLOSED, f"{bead.id} is closed already.") if bead.closed else None


def _has_run(house: House, project: Path, bead: Bead) -> bool:
    return bool(house.store.list(project=str(project), bead=bead.id, states=UNFINISHED, limit=1))


async def _with_gates(
    house: House, project: Path, snapshot: Snapshot, settings: Settings, facts: Facts
) -> Facts:
    """Add that gates fail, where that is known already; what is not known is found out by the run."""
    if facts.branch is None:
        return facts
    desk = house.desk_for(project, settings, snapshot.tracker)
    report = await known_report(desk, facts.bead.id, facts.branch.head)
    if report is None or report.standing is not Standing.FAILED:
        return facts
    if await report_of_landing(house, desk, facts) is not None:
        return facts
    return attrs.evolve(facts, gates=obstacle_of(report))


def _order(house: House, settings: Settings, project: Path, bead: Bead, request: CloseRequest) -> Order:
    return Order(
        project=str(project),
        bead=bead.id,
        title=bead.title,
        verb=Verb.CLOSE,
        runner=settings.runner,
        force=request.force,
        status=bead.status,
        assignee=bead.assignee,
        priority=bead.priority,
        why=request.reason.strip(),
        skip_gates=request.skip_gates,
        settings=house.editor_values(),
    )
