"""Orders publishing: checks what can be seen without asking the remote.

What it leaves out: starting it (`queueing/starting.py`), and the publishing itself (`publish.py`).
"""

from pathlib import Path

from beadwork.checkouts import branch_in, branch_of
from beadwork.executions import Execution, Order, Verb
from beadwork.settings import Settings
from beadwork.workflows.house import House
from beadwork.workflows.publishing.standing import place_of
from beadwork.workflows.queueing.ordering import bead_of, place
from beadwork.workflows.requests import PublishRequest
from beadwork.workflows.views import RefusalCode, Refused
from beadwork.workflows.workspace import Workspaces


async def order_publish(
    house: House, workspaces: Workspaces, project: Path, request: PublishRequest
) -> Execution | Refused:
    """Queue the publishing of a bead's branch. Raises BeadworkError."""
    settings = house.settings_for(project).settings
    bead = bead_of(await workspaces.of(project).snapshot(), request.bead)
    if refused := await nothing_to_publish(settings, project, bead.id):
        return refused
    if isinstance(nowhere := await place_of(house, settings, project, bead.id), Refused):
        return nowhere
    order = Order(
        project=str(project),
        bead=bead.id,
        title=bead.title,
        verb=Verb.PUBLISH,
        force=request.force,
        draft=request.draft,
        status=bead.status,
        assignee=bead.assignee,
        priority=bead.priority,
        settings=house.editor_values(),
    )
    return place(house, order)


async def nothing_to_publish(settings: Settings, project: Path, bead: str) -> Refused | None:
    """Say why there is nothing to publish of a bead, if so. Raises CheckoutError."""
    branch = await branch_in(project, bead, base=settings.base)
    if branch is None:
        words = f"There is no branch {branch_of(bead)} to publish: work on {bead} first."
        return Refused(RefusalCode.NO_BRANCH, words)
    if branch.landed:
        words = f"{branch.name} has nothing that {branch.base_ref} has not, so there is nothing to publish."
        return Refused(RefusalCode.NO_BRANCH, words)
    return None
