"""What can be asked of beads themselves: make, change, connect, say something, begin.

What it leaves out: each of them (the modules beside it), and closing (`closing/`).
"""

from pathlib import Path

from beadwork.beads import Change
from beadwork.workflows.editing.beginning import begin
from beadwork.workflows.editing.changing import change, comment
from beadwork.workflows.editing.choosing import choices
from beadwork.workflows.editing.creating import CreateRequest, create
from beadwork.workflows.editing.depending import depend, undepend
from beadwork.workflows.house import House
from beadwork.workflows.views import Choices
from beadwork.workflows.workspace import Workspaces


class Editing:
    """What a person does to beads, at once. All of it may raise BeadworkError."""

    def __init__(self, house: House, workspaces: Workspaces) -> None:
        """Use what the Application holds."""
        self._house = house
        self._workspaces = workspaces

    async def create(self, project: Path, request: CreateRequest) -> str:
        """Make a bead, and give its id."""
        return await create(self._house, self._workspaces, project, request)

    async def change(self, project: Path, bead: str, wanted: Change) -> bool:
        """Change fields of a bead and say whether any was; what is so already, and what is None, stays."""
        return await change(self._workspaces, project, bead, wanted)

    async def depend(self, project: Path, bead: str, on: str, kind: str = "blocks") -> None:
        """Make a bead depend on another."""
        await depend(self._workspaces, project, bead, on, kind)

    async def undepend(self, project: Path, bead: str, on: str, kind: str = "blocks") -> None:
        """Make a bead depend on another no more."""
        await undepend(self._workspaces, project, bead, on, kind)

    async def comment(self, project: Path, bead: str, text: str) -> None:
        """Add a comment to a bead, in the person's name."""
        await comment(self._house, self._workspaces, project, bead, text)

    async def choices(self, project: Path) -> Choices:
        """Give what the fields of beads can be."""
        return await choices(self._workspaces, project)

    async def begin(self, folder: Path, tracker: str, prefix: str = "") -> None:
        """Begin with beads in a folder that has none; `tracker` is `embedded` or `bd`."""
        await begin(self._house, folder, with_bd=tracker == "bd", prefix=prefix)
