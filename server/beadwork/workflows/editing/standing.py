"""The beads of a project, to be changed."""

from pathlib import Path

from beadwork.beads import TrackerReadOnly
from beadwork.workflows.workspace import Snapshot, Workspaces


async def writable(workspaces: Workspaces, project: Path) -> Snapshot:
    """Give the beads as they are. Raises TrackerReadOnly where nothing can be changed, TrackerError."""
    snapshot = await workspaces.of(project).snapshot()
    if reason := snapshot.tracker.read_only:
        raise TrackerReadOnly(f"Nothing was changed. {reason}")
    return snapshot
