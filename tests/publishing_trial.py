"""A user who publishes: a project with beads and work on a branch, and each publishing done here, at once.

The steps, the store, the log, the tracker and git are real; only the process of a worker is left out.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs
import pytest

import trial
from beadwork.executions import Execution, read_events
from beadwork.state_folder import StateFolder
from beadwork.workflows.house import House, furnish
from beadwork.workflows.publishing.ordering_publish import order_publish
from beadwork.workflows.publishing.publish import publish
from beadwork.workflows.requests import PublishRequest
from beadwork.workflows.views import Refused
from beadwork.workflows.workspace import Workspaces
from errand_here import carried_out
from remote_places import branch
from repositories import Sample, picture

BEAD = "demo-1"


@attrs.frozen
class Publishing:
    """The user, and what their front end and worker would hold."""

    made: trial.Trial
    house: House

    @property
    def sample(self) -> Sample:
        """The user's repository."""
        return self.made.repository

    def settings(self, **values: object) -> None:
        """Write the user's settings."""
        self.made.settings(**{"actor": "Ada", **values})

    async def order(self, *, force: bool = False, draft: bool | None = None) -> Execution | Refused:
        """Ask for the branch of demo-1 to be published."""
        request = PublishRequest(BEAD, force=force, draft=draft)
        return await order_publish(
            self.house, Workspaces(self.house.open_tracker), self.made.project, request
        )

    async def publish(self, *, force: bool = False, draft: bool | None = None) -> Execution:
        """Publish the branch of demo-1, to its end."""
        ordered = await self.order(force=force, draft=draft)
        return await carried_out(self.house, ordered, publish)

    def picture(self) -> Mapping[str, str]:
        """Give the user's repository as it is, but for beads and what git keeps of a push."""
        ours = (".beads", ".git/refs/remotes", ".git/logs/refs/remotes")
        return {path: each for path, each in picture(self.sample.top).items() if not path.startswith(ours)}

    def log(self, run: Execution) -> str:
        """Give all that the log of a run holds, as text."""
        return "\n".join(json.dumps(event.data) for event in read_events(Path(run.log)))

    def comments(self) -> list[str]:
        """Give the comments of demo-1."""
        lines = (self.made.project / ".beads" / "issues.jsonl").read_text("utf-8").splitlines()
        bead = next(each for each in map(json.loads, lines) if each["id"] == BEAD)
        return [str(comment["text"]) for comment in bead.get("comments", [])]


def published(run: Execution) -> Mapping[str, Any]:
    """Give what a run has published."""
    found = run.results["publish"]
    assert isinstance(found, Mapping)
    return found


def refused(run: Execution) -> Mapping[str, Any]:
    """Give what stood in the way of a run."""
    found = run.results["refused"]
    assert isinstance(found, Mapping)
    return found


def publishing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *beads: Mapping[str, object]
) -> Iterator[Publishing]:
    """Give a user in whose environment this process is, with work on the branch of demo-1 and no remote."""
    made = trial.with_file(folder, *beads)
    for name, value in made.environment.items():
        monkeypatch.setenv(name, value)
    branch(made.repository)
    place = Publishing(made, furnish(StateFolder(made.state)))
    place.settings()
    yield place
    place.house.close()
