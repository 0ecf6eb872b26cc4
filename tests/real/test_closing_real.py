"""Closing beads that are in a real bd: refusals, force, a worker that is killed half-way, syncing."""

import json
import os
import signal
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

import trial
from bead_places import BdPlace
from beadwork.executions import Execution, Intent, Reason, State, Store, alive
from beadwork.state_folder import StateFolder
from beadwork.workflows import Application, CloseRequest, Refused, RunView, build
from eventually import eventually
from repositories import git

pytestmark = [pytest.mark.bd]

HAS_FILE = "test -e new.txt || { echo 'no new.txt here'; exit 3; }"


@attrs.frozen
class User:
    """A user whose beads bd keeps, and a server's Application over them."""

    made: trial.Trial
    place: BdPlace
    application: Application
    store: Store

    def create(self, title: str, *words: str) -> str:
        """Make a bead by bd, and give its id."""
        return str(json.loads(self.place.bd("create", f"--title={title}", *words, "--json"))["id"])

    def bead(self, bead: str) -> dict[str, Any]:
        """Give a bead as bd shows it."""
        return dict(json.loads(self.place.bd("show", bead, "--json"))[0])

    def comments(self, bead: str) -> list[str]:
        """Give the comments of a bead."""
        return [str(each["text"]) for each in json.loads(self.place.bd("comments", bead, "--json"))]

    async def ask(self, bead: str, **request: Any) -> RunView | Refused:
        """Ask for a bead to be closed."""
        return await self.application.close_bead(self.made.project, CloseRequest(bead, **request))

    async def close(self, bead: str, **request: Any) -> Execution:
        """Ask for a bead to be closed, which must be accepted, and give the run as it ended."""
        run = await self.ask(bead, **request)
        assert isinstance(run, RunView), run
        await self.application.wait_for_end(run.id)
        return self.store.get(run.id)


Maker = Callable[..., User]


@pytest.fixture
def make(tmp_path: Path, bd_program: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Maker]:
    """A factory of users in whose environment this process is too; what runs on is ended."""
    users: list[User] = []

    def maker(bd: Path = bd_program, **settings: object) -> User:
        made, place = trial.with_bd(tmp_path, bd_program)
        made.settings(agent="scripted", runner="plain", actor="Ada", bd=str(bd), **settings)
        for name, value in made.environment.items():
            monkeypatch.setenv(name, value)
        users.append(new := User(made, place, build(StateFolder(made.state)), trial.open_store(made)))
        return new

    yield maker
    for each in users:
        for run in each.store.queue():
            each.store.intend(run.id, Intent.CANCEL)
        each.made.end_all()
        each.application.close()
        each.store.close()


async def test_bd_closes_it_through_gates_and_by_force_and_opens_it_again(make: Maker) -> None:
    """What bd itself would refuse is data with all the rest, and forced in bd where a person does."""
    user = make(**{"gates.commands": [HAS_FILE]})
    epic = user.create("Shop", "-t", "epic")
    child = user.create("Till", "--parent", epic)
    blocker = user.create("Key", "-t", "epic")
    user.place.bd("dep", "add", epic, blocker)
    user.place.bd("label", "add", epic, "work-done")
    user.made.repository.git("branch", f"bead/{epic}", "main")
    head = user.made.repository.git("rev-parse", "main")

    run = await user.close(child)
    assert run.state is State.COMPLETED, run.summary  # it has no branch
    grandchild = user.create("Drawer", "--parent", epic)
    found = await user.ask(epic)
    assert isinstance(found, Refused)
    assert [each.code.value for each in found.obstacles] == ["blocked", "open-children"]
    assert found.blocked_by == (blocker, grandchild)

    user.place.bd("dep", "remove", epic, blocker)
    user.place.bd("close", grandchild)
    run = await user.close(epic)
    assert run.reason is Reason.GATES_FAILED, run.summary
    assert "no new.txt here" in run.results["refused"]["obstacles"][0]["output"]  # type: ignore[index]
    assert user.bead(epic)["status"] == "open"
    user.place.bd("dep", "add", epic, blocker)
    run = await user.close(epic, force=True, reason="Enough")
    assert run.state is State.COMPLETED, run.summary
    bead = user.bead(epic)
    assert (bead["status"], bead["close_reason"], bead.get("labels", [])) == ("closed", "Enough", [])
    (comment,) = user.comments(epic)
    assert "by force, over:" in comment
    assert f"It is blocked by {blocker}." in comment
    assert "exit code 3" in comment
    assert head[:10] in comment

    again = await user.ask(epic, force=True)
    assert isinstance(again, Refused)
    assert again.code == "closed"
    assert await user.application.finishing.reopen(user.made.project, epic) is None
    assert user.bead(epic)["status"] == "open"


def wrapped(folder: Path, bd: Path, command: str, instead: str) -> Path:
    """Write a bd that does something else in place of one command, where `$bd` is the real one."""
    program = folder / f"bd-with-other-{command}"
    program.write_text(f'#!/bin/sh\nbd={bd}\nif [ "$1" = {command} ]; then {instead}; fi\nexec $bd "$@"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program


async def test_a_bead_that_bd_closed_without_saying_so_is_closed(
    make: Maker, bd_program: Path, tmp_path: Path
) -> None:
    """It is looked at, so that what follows is done and nobody is told that it failed."""
    lost = wrapped(tmp_path, bd_program, "close", '$bd "$@"; echo "Error: connection lost" >&2; exit 1')
    user = make(bd=lost)
    bead = user.create("Shop")
    run = await user.close(bead, reason="Sold")
    assert (run.state, run.reason) == (State.COMPLETED, Reason.CLOSED), run.summary
    assert len(user.comments(bead)) == 1


async def test_a_worker_killed_after_it_closed_leaves_it_closed_and_says_nothing_more(
    make: Maker, bd_program: Path, tmp_path: Path
) -> None:
    """The run is interrupted; nobody takes its place half-way, and nothing else is told."""
    there = tmp_path / "commenting"
    slow = wrapped(tmp_path, bd_program, "comments", f"touch {there}; exec sleep 600")
    user = make(bd=slow)
    bead = user.create("Shop")
    run = await user.ask(bead, reason="Sold")
    assert isinstance(run, RunView), run
    await eventually("it is about to comment", there.exists, within=trial.DEADLINE)
    worker = user.store.get(run.id).worker
    assert worker is not None
    os.kill(worker.pid, signal.SIGKILL)
    await eventually("the worker is gone", lambda: not alive(worker), within=trial.DEADLINE)
    await user.application.wait_for_end(run.id)
    await user.application.tend()
    ended = user.store.get(run.id)
    assert (ended.state, ended.reason, ended.told) == (State.FAILED, Reason.INTERRUPTED, True)
    assert (user.bead(bead)["status"], user.bead(bead)["close_reason"]) == ("closed", "Sold")
    assert user.comments(bead) == []
    assert not user.made.processes(run.id)


async def test_the_beads_are_synced_where_that_is_switched_on(make: Maker) -> None:
    """As this bd does it; one that cannot be is said, and the bead is closed all the same."""
    user = make(**{"close.sync": True})
    first, second, third = (user.create(title) for title in ("One", "Two", "Three"))
    run = await user.close(first)
    assert run.state is State.COMPLETED, run.summary
    assert "`bd dolt push`: No remote is configured" in run.summary

    origin = user.made.folder / "origin.git"
    git(user.made.folder, "init", "--quiet", "--bare", "origin.git")
    user.made.repository.git("remote", "add", "origin", str(origin))
    user.made.repository.git("push", "--quiet", "origin", "main")
    run = await user.close(second)
    assert run.state is State.COMPLETED, run.summary
    assert "`bd dolt push`: Push complete." in run.summary
    assert git(origin, "for-each-ref", "refs/dolt")

    origin.rename(user.made.folder / "gone.git")
    run = await user.close(third)
    assert run.state is State.COMPLETED, run.summary
    assert "The beads were not synced:" in run.summary
    assert run.results["close"]["notes"]  # type: ignore[index]
    assert user.bead(third)["status"] == "closed"
