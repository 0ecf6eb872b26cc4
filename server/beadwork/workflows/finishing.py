"""What can be asked of work that is done: gates, publish, land, close, and what changed.

What it leaves out: each of them (`gating/`, `publishing/`, `landing/`, `closing/`, `comparing/`), and
starting what is queued (`application.py`).
"""

from pathlib import Path

from beadwork.executions import Execution
from beadwork.workflows.closing.ordering_close import order_close
from beadwork.workflows.closing.reopening import reopen
from beadwork.workflows.comparing import ChangesView, Since, changes_of, patch_for, text_at
from beadwork.workflows.gating.ordering_gates import order_gates
from beadwork.workflows.house import House
from beadwork.workflows.landing.ordering_land import order_land
from beadwork.workflows.landing.ordering_resolve import order_resolve
from beadwork.workflows.publishing.ordering_publish import order_publish
from beadwork.workflows.queueing.ordering import WorkRequest
from beadwork.workflows.requests import CloseRequest, GatesRequest, LandRequest, PublishRequest
from beadwork.workflows.views import Refused
from beadwork.workflows.workspace import Workspaces


class Finishing:
    """Orders for the end of the work on beads. All of it may raise BeadworkError."""

    def __init__(self, house: House, workspaces: Workspaces) -> None:
        """Use what the Application holds."""
        self._house = house
        self._workspaces = workspaces

    async def order_gates(self, project: Path, request: GatesRequest) -> Execution | Refused:
        """Queue the gates of a bead's branch, or of the user's own tree."""
        return await order_gates(self._house, self._workspaces, project, request)

    async def order_publish(self, project: Path, request: PublishRequest) -> Execution | Refused:
        """Queue the publishing of a bead's branch."""
        return await order_publish(self._house, self._workspaces, project, request)

    async def order_land(self, project: Path, request: LandRequest) -> Execution | Refused:
        """Queue the landing of a bead's branch."""
        return await order_land(self._house, self._workspaces, project, request)

    async def order_resolve(self, project: Path, request: WorkRequest) -> Execution | Refused:
        """Queue work that brings a branch's base into it."""
        return await order_resolve(self._house, self._workspaces, project, request)

    async def order_close(self, project: Path, request: CloseRequest) -> Execution | Refused:
        """Queue the closing of a bead."""
        return await order_close(self._house, self._workspaces, project, request)

    async def reopen(self, project: Path, bead: str) -> Refused | None:
        """Open a closed bead again, at once."""
        return await reopen(self._house, self._workspaces, project, bead)

    async def changes(self, project: Path, bead: str, since: Since = Since.BASE) -> ChangesView:
        """Give the files that a bead's branch changed, since it left its base or was reviewed last."""
        return await changes_of(self._house, project, bead, since)

    async def patch(self, project: Path, bead: str, since: Since = Since.BASE, *, stat: bool = False) -> str:
        """Give what a bead's branch changed as a patch; with `stat`, only how much in which file."""
        return await patch_for(self._house, project, bead, since, stat=stat)

    async def content(self, project: Path, commit: str, path: str) -> str | None:
        """Give the text of a file in a commit; None where there is none, or it is no text."""
        return await text_at(project, commit, path)
