"""Orders a run of the gates: checks what can be checked at once.

What it leaves out: starting it (`queueing/starting.py`), and running them (`check_gates.py`).
"""

from pathlib import Path

import attrs

from beadwork.checkouts import branch_in, branch_of
from beadwork.executions import HERE, Execution, Verb
from beadwork.workflows.house import House
from beadwork.workflows.queueing.ordering import WorkRequest, bead_of, order_for, place
from beadwork.workflows.requests import GatesRequest
from beadwork.workflows.views import RefusalCode, Refused
from beadwork.workflows.workspace import Workspaces


async def order_gates(
    house: House, workspaces: Workspaces, project: Path, request: GatesRequest
) -> Execution | Refused:
    """Queue the gates of a bead's branch, or of the user's working tree. Raises BeadworkError."""
    settings = house.settings_for(project).settings
    order = order_for(house, settings, project, WorkRequest(request.bead, runner=request.runner))
    order = attrs.evolve(order, verb=Verb.GATES, agent="", script="", here=request.here, anew=request.anew)
    if request.here:
        tree = await house.checkouts.tree_of_user(project)
        return place(house, attrs.evolve(order, bead=HERE, title=f"Your working tree ({tree.branch})"))
    bead = bead_of(await workspaces.of(project).snapshot(), request.bead)
    if await branch_in(project, bead.id, base=settings.base) is None:
        return no_branch(bead.id)
    order = attrs.evolve(
        order,
        bead=bead.id,
        title=bead.title,
        status=bead.status,
        assignee=bead.assignee,
        priority=bead.priority,
    )
    return place(house, order)


def no_branch(bead: str) -> Refused:
    """Give the refusal for a bead whose branch is not there."""
    words = (
        f"There is no branch {branch_of(bead)} here, so there is nothing to run gates on: work on it first."
    )
    return Refused(RefusalCode.NO_BRANCH, words)
