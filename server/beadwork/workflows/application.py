"""What a person can ask of Beadwork: one object that the command line and the language server both hold.

It checks what can be checked at once, writes orders into the store, and answers; long work is a worker's.
"""

from collections.abc import Sequence
from pathlib import Path

import attrs

from beadwork.settings import Layer
from beadwork.state_folder import StateFolder
from beadwork.workflows.views import BeadPage, LogPage, ProjectView, Refused, RunView


@attrs.frozen
class WorkRequest:
    """What is asked for with *work*."""

    bead: str
    force: bool = False
    with_changes: bool = False
    agent: str = ""
    runner: str = ""
    script: str = ""


class Application:
    """Beadwork for one user: all projects, one store."""

    async def project_of(self, folder: Path) -> Path:
        """Give the folder whose beads serve `folder`: itself or the nearest one above with `.beads`.

        Raises TrackerMissing when there is none.
        """
        raise NotImplementedError

    async def listing(self, project: Path, search: str = "", *, fresh: bool = False) -> ProjectView:
        """Give the beads of a project in their groups; an unreadable project is a view with `error`."""
        raise NotImplementedError

    async def page(self, project: Path, bead: str) -> BeadPage:
        """Give one bead with all that is known of it. Raises TrackerError."""
        raise NotImplementedError

    async def work(self, project: Path, request: WorkRequest) -> RunView | Refused:
        """Queue work on a bead and start it when a slot is free. Raises BeadworkError."""
        raise NotImplementedError

    async def cancel(self, run: str) -> RunView | Refused:
        """Say that a run is to end, and make it end; answers at once, the run ends soon after."""
        raise NotImplementedError

    async def wait_for_end(self, run: str) -> RunView:
        """Wait until a run is no longer active. Starts what is queued, and recovers what lost its worker."""
        raise NotImplementedError

    async def runs(self, project: Path | None = None, bead: str = "", limit: int = 50) -> Sequence[RunView]:
        """Give the newest executions first."""
        raise NotImplementedError

    async def run(self, run: str) -> RunView:
        """Give one execution by its id or an unambiguous beginning of it. Raises ExecutionNotFound."""
        raise NotImplementedError

    async def log(self, run: str, after: int = 0, limit: int = 1000) -> LogPage:
        """Give up to `limit` events with `seq` above `after`."""
        raise NotImplementedError

    async def projects(self) -> Sequence[str]:
        """Give the folders of all projects that have runs."""
        raise NotImplementedError

    def beads_signal(self, project: Path) -> str:
        """Give a text that changes when the beads of a project may have; starts no process."""
        raise NotImplementedError

    def runs_signal(self) -> str:
        """Give a text that changes when any execution has; reads memory shared with the store."""
        raise NotImplementedError

    async def tend(self) -> Sequence[str]:
        """Recover runs that lost their worker, start what is queued; give sentences about what went wrong."""
        raise NotImplementedError

    def close(self) -> None:
        """Let go of the store. No run is touched."""
        raise NotImplementedError


def build(state: StateFolder, editor: Layer | None = None, workspace: Path | None = None) -> Application:
    """Make the one composition root, for serve, the command line and the worker alike.

    Raises SettingsError or StateFolderError.
    """
    raise NotImplementedError
