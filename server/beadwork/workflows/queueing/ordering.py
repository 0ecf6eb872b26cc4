"""Orders work on a bead: checks what can be checked at once, and writes the order into the store.

What it leaves out: starting it (`starting.py`), and trying again what has run (`stepping_in/stepping.py`).
"""

from pathlib import Path

import attrs

from beadwork.beads import Bead, BeadNotFound
from beadwork.executions import AlreadyActive, Execution, Order
from beadwork.settings import Settings
from beadwork.workflows.house import House
from beadwork.workflows.views import RefusalCode, Refused
from beadwork.workflows.working.claiming import is_own
from beadwork.workflows.workspace import Snapshot, Workspaces


@attrs.frozen
class WorkRequest:
    """What is asked for with *work*."""

    bead: str
    force: bool = False
    """Whether to go on over open blockers, or somebody else's claim."""
    with_changes: bool = False
    agent: str = ""
    runner: str = ""
    script: str = ""
    wall_clock: float = 0.0
    """Seconds that the run may take, its rests and questions not counted; 0 for the setting's."""


async def order_work(
    house: House,
    workspaces: Workspaces,
    project: Path,
    request: WorkRequest,
    *,
    findings: tuple[str, ...] = (),
    merge_base: bool = False,
) -> Execution | Refused:
    """Queue work on a bead. Raises BeadworkError.

    With `findings`, ids of those that are to be mended; with `merge_base`, its base is to be brought into its
    branch.
    """
    settings = house.settings_for(project).settings
    snapshot = await workspaces.of(project).snapshot()
    bead = bead_of(snapshot, request.bead)
    if refused := refusal(bead, snapshot, await house.actor(project), force=request.force):
        return refused
    await house.checkouts.check(project, bead.id, base=settings.base)
    order = attrs.evolve(
        order_for(house, settings, project, request),
        title=bead.title,
        forced_over=snapshot.index.blockers(bead.id) if request.force else (),
        status=bead.status,
        assignee=bead.assignee,
        priority=bead.priority,
        findings=findings,
        merge_base=merge_base,
    )
    house.check(order)
    return place(house, order)


def order_for(house: House, settings: Settings, project: Path, request: WorkRequest) -> Order:
    """Give the order of a request, as far as it does not depend on the bead."""
    return Order(
        project=str(project),
        bead=request.bead,
        title="",
        agent=request.agent or settings.agent,
        script=request.script or settings.script,
        runner=request.runner or settings.runner,
        force=request.force,
        with_changes=request.with_changes,
        deadline=request.wall_clock,
        settings=house.editor_values(),
    )


def place(house: House, order: Order, *, retry_of: str = "") -> Execution | Refused:
    """Write an order into the store, unless its bead has an unfinished run."""
    try:
        return house.store.add(order, retry_of=retry_of)
    except AlreadyActive as error:
        return Refused(RefusalCode.ALREADY_ACTIVE, error.message)


def bead_of(snapshot: Snapshot, bead: str) -> Bead:
    """Give a bead by its id. Raises BeadNotFound."""
    found = snapshot.index.get(bead)
    if found is None:
        raise BeadNotFound(f"There is no bead {bead!r} here; `beadwork list` shows those that are.")
    return found


def refusal(bead: Bead, snapshot: Snapshot, actor: str, *, force: bool) -> Refused | None:
    """Say why no run of `bead` can begin now, if so; `force` goes over what a person may overrule."""
    if snapshot.tracker.read_only:
        return Refused(RefusalCode.READ_ONLY, snapshot.tracker.read_only)
    if bead.closed:
        return Refused(RefusalCode.CLOSED, f"{bead.id} is closed; reopen it to work on it.")
    blockers = snapshot.index.blockers(bead.id)
    if blockers and not force:
        words = f"{bead.id} is blocked by {', '.join(blockers)}."
        return Refused(RefusalCode.BLOCKED, words, blockers, can_force=True)
    if bead.status == "open" or is_own(bead, actor) or force:
        return None
    if bead.status == "in_progress":
        words = f"{bead.id} is being worked on by {bead.assignee or 'somebody who gave no name'}."
        return Refused(RefusalCode.TAKEN, words, can_force=True)
    return Refused(RefusalCode.NOT_OPEN, f"{bead.id} is {bead.status}, not open.", can_force=True)
