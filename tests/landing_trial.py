"""A user who lands: a project with beads and work on branches, and each landing done here, at once.

The steps, the store, the log, the gates and git are real; only the process of a worker is left out.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
import pytest

import trial
from beadwork.executions import Execution, read_events
from beadwork.state_folder import StateFolder
from beadwork.workflows import LandRequest, Refused
from beadwork.workflows.house import House, furnish
from beadwork.workflows.landing.land import land
from beadwork.workflows.landing.ordering_land import order_land
from beadwork.workflows.workspace import Workspaces
from errand_here import carried_out
from remote_places import branch
from repositories import Sample, picture

BEAD = "demo-1"
MOVING = (".beads", ".git/refs/heads/main", ".git/logs/refs/heads/main", ".git/objects")


@attrs.frozen
class Landing:
    """The user, who is on a branch of their own, and what their front end and worker would hold."""

    made: trial.Trial
    house: House

    @property
    def sample(self) -> Sample:
        """The user's repository."""
        return self.made.repository

    def settings(self, **values: object) -> None:
        """Write the user's settings; two underscores stand for a dot."""
        dotted = {name.replace("__", "."): value for name, value in values.items()}
        self.made.settings(**{"actor": "Ada", "runner": "plain", **dotted})

    async def order(self, bead: str = BEAD, **request: Any) -> Execution | Refused:
        """Ask for a bead's branch to be landed."""
        workspaces = Workspaces(self.house.open_tracker)
        return await order_land(self.house, workspaces, self.made.project, LandRequest(bead, **request))

    async def land(self, bead: str = BEAD, **request: Any) -> Execution:
        """Land a bead's branch, to its end."""
        ordered = await self.order(bead, **request)
        return await carried_out(self.house, ordered, land)

    def main(self) -> str:
        """Give the commit of main."""
        return self.sample.git("rev-parse", "main")

    def go_on(self, **files: str) -> str:
        """Let main go on without being checked out; give its commit."""
        aside = branch(self.sample, bead="aside", **files)
        self.sample.git("update-ref", "refs/heads/main", aside)
        self.sample.git("update-ref", "-d", "refs/heads/bead/aside")
        return aside

    def picture(self) -> Mapping[str, str]:
        """Give the user's repository as it is, but for the beads, main and the objects."""
        return {path: each for path, each in picture(self.sample.top).items() if not path.startswith(MOVING)}

    def log(self, run: Execution) -> str:
        """Give all that the log of a run holds, as text."""
        return "\n".join(json.dumps(event.data) for event in read_events(Path(run.log)))

    def left(self) -> Sequence[str]:
        """Give what landings left in the state folder: places to merge in, locks not counted."""
        folders = [self.made.state / name for name in ("checkouts", "shadows")]
        found = [path for folder in folders for path in folder.rglob("*")]
        return [path.name for path in found if path.name.startswith(("land+", "try+"))]


def refused(run: Execution) -> Mapping[str, Any]:
    """Give what stood in the way of a run."""
    found = run.results["refused"]
    assert isinstance(found, Mapping)
    return found


def landed(run: Execution) -> Mapping[str, Any]:
    """Give what a run has landed."""
    found = run.results["land"]
    assert isinstance(found, Mapping)
    return found


def landing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Landing]:
    """Give a user in whose environment this process is, who is not on main, with work on demo-1."""
    made = trial.with_file(folder)
    for name, value in made.environment.items():
        monkeypatch.setenv(name, value)
    branch(made.repository)
    made.repository.git("switch", "-qc", "elsewhere")
    place = Landing(made, furnish(StateFolder(made.state)))
    place.settings()
    yield place
    place.house.close()
