"""Orders work that brings a branch's base into it, where git alone cannot, or gates fail on both together.

What it leaves out: the work itself (`working/merging_base.py`).
"""

from pathlib import Path

from beadwork.checkouts import branch_of, target_of
from beadwork.executions import Execution
from beadwork.workflows.house import House
from beadwork.workflows.landing.obstacles import obstacles_of, refused
from beadwork.workflows.queueing.ordering import WorkRequest, bead_of, order_work
from beadwork.workflows.views import RefusalCode, Refused
from beadwork.workflows.workspace import Workspaces


async def order_resolve(
    house: House, workspaces: Workspaces, project: Path, request: WorkRequest
) -> Execution | Refused:
    """Queue work that brings the base of a bead's branch into it. Raises BeadworkError."""
    settings = house.settings_for(project).settings
    bead = bead_of(await workspaces.of(project).snapshot(), request.bead)
    target = await target_of(project, bead.id, base=settings.base, remote=settings.publish_remote)
    if target is None:
        words = f"There is no branch {branch_of(bead.id)} here: work on {bead.id} first."
        return Refused(RefusalCode.NO_BRANCH, words)
    if target.landed:
        words = (
            f"{target.base} has all that is on {target.branch} already: there is nothing to bring together."
        )
        return Refused(RefusalCode.NO_BRANCH, words)
    if target.diverged:
        found = obstacles_of(target, update_tree=True)
        return refused([each for each in found if each.code is RefusalCode.BASE_DIVERGED])
    if not target.behind:
        words = f"{target.branch} has all of {target.onto_ref} already: there is nothing to bring together."
        return Refused(RefusalCode.UP_TO_DATE, words)
    return await order_work(house, workspaces, project, request, merge_base=True)
