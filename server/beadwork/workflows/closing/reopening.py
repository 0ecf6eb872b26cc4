"""Opening a closed bead again, at once: closing undone, as far as it can be.

What it leaves out: checkouts that went when it was closed; they are made again when it is worked on.
"""

from pathlib import Path

from beadwork.beads import WORK_DONE, Bead, Change
from beadwork.executions import Verb
from beadwork.settings import Settings
from beadwork.workflows.closing.facts import branch_of_bead, has_landed, newest_run
from beadwork.workflows.house import House
from beadwork.workflows.queueing.ordering import bead_of
from beadwork.workflows.views import RefusalCode, Refused
from beadwork.workflows.workspace import Workspaces


async def reopen(house: House, workspaces: Workspaces, project: Path, bead: str) -> Refused | None:
    """Open a closed bead again; None when it is open now. Raises BeadworkError.

    Its label comes back where its branch has verified work that has not landed.
    """
    settings = house.settings_for(project).settings
    snapshot = await workspaces.of(project).snapshot()
    found, tracker = bead_of(snapshot, bead), snapshot.tracker
    if tracker.read_only:
        return Refused(RefusalCode.READ_ONLY, tracker.read_only)
    if not found.closed:
        return Refused(RefusalCode.NOT_CLOSED, f"{found.id} is {found.status}, not closed.")
    labelled = await _waits_for_review(house, project, found, settings)
    await tracker.reopen(found.id)
    if labelled:
        await tracker.update(found.id, Change(add_labels=(WORK_DONE,)))
    if settings.close_sync:
        await tracker.sync()
    return None


async def _waits_for_review(house: House, project: Path, bead: Bead, settings: Settings) -> bool:
    """Whether its branch has work that was verified and has not landed."""
    branch = await branch_of_bead(project, bead.id, settings)
    if branch is None or newest_run(house, project, bead.id, Verb.WORK) is None:
        return False
    return not await has_landed(house, project, bead.id, branch)
