"""Orders a landing: checks what can be seen at once, and writes the order into the store.

What it leaves out: conflicts, and gates that were not run yet, which the landing comes upon (`land.py`).
"""

import contextlib
from collections.abc import Sequence
from pathlib import Path

from beadwork.checkouts import (
    CheckoutBusy,
    How,
    Target,
    branch_of,
    contains,
    remote_of,
    settle_landing,
    target_of,
)
from beadwork.executions import Execution, Order, Verb
from beadwork.gates import Standing
from beadwork.workflows.gating.known import known_report
from beadwork.workflows.gating.telling import obstacle_of
from beadwork.workflows.house import House
from beadwork.workflows.landing.landed import landed_commit, landed_head
from beadwork.workflows.landing.obstacles import obstacles_of, refused, require_possible
from beadwork.workflows.queueing.ordering import bead_of, place
from beadwork.workflows.requests import LandRequest
from beadwork.workflows.views import Obstacle, RefusalCode, Refused
from beadwork.workflows.workspace import Workspaces


async def order_land(
    house: House, workspaces: Workspaces, project: Path, request: LandRequest
) -> Execution | Refused:
    """Queue the landing of a bead's branch. Raises BeadworkError."""
    settings = house.settings_for(project).settings
    bead = bead_of(await workspaces.of(project).snapshot(), request.bead)
    how = How.named(request.how or settings.land_how)
    with contextlib.suppress(CheckoutBusy):  # a landing goes on, and sees to it itself
        await settle_landing(house.state, project, patience=0)
    remote = await remote_of(project, settings.publish_remote)
    target = await target_of(project, bead.id, base=settings.base, remote=remote)
    if target is None:
        words = f"There is no branch {branch_of(bead.id)} here, so there is nothing to land."
        return Refused(RefusalCode.NO_BRANCH, words)
    if await _has_landed(house, project, bead.id, target) and not request.push:
        words = f"{target.base} has all that is on {target.branch} already, so there is nothing to land."
        return Refused(RefusalCode.NO_BRANCH, words)
    require_possible(target, how)
    if request.push and not remote:
        words = f"There is no remote to push {target.base} to: leave that out, or `git remote add` one."
        return Refused(RefusalCode.NO_REMOTE, words)
    found = [*obstacles_of(target, update_tree=request.update_tree)]
    found += await _failing(house, workspaces, project, bead.id, target)
    if found and not (request.force and all(each.code is RefusalCode.GATES_FAILED for each in found)):
        return refused(found)
    order = Order(
        project=str(project),
        bead=bead.id,
        title=bead.title,
        verb=Verb.LAND,
        status=bead.status,
        assignee=bead.assignee,
        priority=bead.priority,
        force=request.force,
        overruled=tuple(each.message for each in found),
        how=how.value,
        update_tree=request.update_tree,
        push=request.push,
        settings=house.editor_values(),
    )
    return place(house, order)


async def _failing(
    house: House, workspaces: Workspaces, project: Path, bead: str, target: Target
) -> Sequence[Obstacle]:
    """Give the gates that are known to fail, where what would land has the very files of the branch."""
    if target.behind:
        return ()
    tracker = (await workspaces.of(project).snapshot()).tracker
    desk = house.desk_for(project, house.settings_for(project).settings, tracker)
    report = await known_report(desk, bead, target.head)
    return [obstacle_of(report)] if report and report.standing is Standing.FAILED else ()


async def _has_landed(house: House, project: Path, bead: str, target: Target) -> bool:
    """Whether the base has all of the branch: as git sees it, or as a squash of it says."""
    if target.landed:
        return True
    if landed_head(house, str(project), bead) != target.head:
        return False
    commit = landed_commit(house, str(project), bead)
    return bool(commit) and await contains(project, target.old, commit)
