"""Orders a landing: checks what can be seen at once, and writes the order into the store.

What it leaves out: conflicts, and gates that were not run yet, which the landing comes upon (`land.py`).
"""

from pathlib import Path

from beadwork.checkouts import How, Target, branch_of, contains, target_of
from beadwork.executions import Execution, Order, Verb
from beadwork.workflows.house import House
from beadwork.workflows.landing.landed import landed_commit, landed_head
from beadwork.workflows.landing.obstacles import obstacles_of, refused, require_possible
from beadwork.workflows.queueing.ordering import bead_of, place
from beadwork.workflows.requests import LandRequest
from beadwork.workflows.views import RefusalCode, Refused
from beadwork.workflows.workspace import Workspaces


async def order_land(
    house: House, workspaces: Workspaces, project: Path, request: LandRequest
) -> Execution | Refused:
    """Queue the landing of a bead's branch. Raises BeadworkError."""
    settings = house.settings_for(project).settings
    bead = bead_of(await workspaces.of(project).snapshot(), request.bead)
    how = How.named(request.how or settings.land_how)
    target = await target_of(project, bead.id, base=settings.base, remote=settings.publish_remote)
    if target is None:
        words = f"There is no branch {branch_of(bead.id)} here, so there is nothing to land."
        return Refused(RefusalCode.NO_BRANCH, words)
    if await _has_landed(house, project, bead.id, target) and not request.push:
        words = f"{target.base} has all that is on {target.branch} already, so there is nothing to land."
        return Refused(RefusalCode.NO_BRANCH, words)
    require_possible(target, how)
    found = obstacles_of(target, update_tree=request.update_tree)
    if found:
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
        how=how.value,
        update_tree=request.update_tree,
        push=request.push,
        settings=house.editor_values(),
    )
    return place(house, order)


async def _has_landed(house: House, project: Path, bead: str, target: Target) -> bool:
    """Whether the base has all of the branch: as git sees it, or as a squash of it says."""
    if target.landed:
        return True
    if landed_head(house, str(project), bead) != target.head:
        return False
    commit = landed_commit(house, str(project), bead)
    return bool(commit) and await contains(project, target.old, commit)
