"""Beads that are locked, closed, deleted or taken by others in the middle of a run."""

import json
from collections.abc import Callable
from typing import Any

import pytest

import trial
from beadwork.executions import Phase, Reason, State, recover
from faults.ground import DONE, WORK, Ground

pytestmark = pytest.mark.fault

COMPLETED = (State.COMPLETED, Reason.VERIFIED)


def edit(made: trial.Trial, change: Callable[[dict[str, Any]], dict[str, Any] | None]) -> None:
    """Do to demo-1 in the file what another program does."""
    file = made.project / ".beads" / "issues.jsonl"
    beads = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    new = [change(bead) if bead["id"] == "demo-1" else bead for bead in beads]
    part = file.with_suffix(".new")
    part.write_text("".join(json.dumps(bead) + "\n" for bead in new if bead), "utf-8")
    part.replace(file)


def close(bead: dict[str, Any]) -> dict[str, Any]:
    """Close it."""
    return {**bead, "status": "closed", "closed_at": "2026-01-02T00:00:00Z"}


def take(bead: dict[str, Any]) -> dict[str, Any]:
    """Take it for somebody else."""
    return {**bead, "status": "in_progress", "assignee": "Bo"}


# Locked


async def test_the_tracker_is_locked_when_the_run_claims(ground: Ground) -> None:
    """It is given up after a while and tried again by itself; when it is free the work is done."""
    ground.settings(bd_timeout=0.2, retries=1, retry_delay=0.05)
    ground.hold_tracker()
    first = await ground.work(*WORK)
    await ground.until(first, lambda now: now.retried_by)
    assert (ground.get(first).state, ground.get(first).reason) == (State.FAILED, Reason.TRACKER)
    ground.let_go()
    await ground.aftermath(ground.get(first).retried_by, *COMPLETED, bead=DONE)


async def test_the_tracker_is_locked_for_good(ground: Ground) -> None:
    """The run fails and says why; the bead was never touched."""
    ground.settings(bd_timeout=0.2)
    ground.hold_tracker()
    run = await ground.work(*WORK)
    done = await ground.ended(run)
    ground.let_go()
    assert "in use by another" in done.summary
    await ground.aftermath(run, State.FAILED, Reason.TRACKER, printed=True)


async def test_the_tracker_is_locked_when_the_bead_is_told(ground: Ground) -> None:
    """The work counts; the bead is told when it can be."""
    ground.settings(bd_timeout=0.2)
    run = await ground.held(Phase.RECORDING)
    done = await ground.ended(run)
    assert (done.state, done.told) == (State.COMPLETED, False)
    assert "could not be told yet" in done.summary
    ground.let_go()
    await ground.aftermath(run, *COMPLETED, bead=DONE)


# Changed by others


async def test_the_bead_is_deleted(ground: Ground) -> None:
    """The work is kept on its branch; the run says that nobody is left to be told."""
    run = await ground.held(Phase.AGENT)
    edit(ground.made, lambda _: None)
    ground.let_go()
    await ground.aftermath(run, *COMPLETED, bead=None, says="not there any more")
    assert ground.made.repository.git("show", "bead/demo-1:new.txt") == "new"


async def test_the_bead_is_deleted_and_the_worker_killed(ground: Ground) -> None:
    """The run is interrupted, and nobody waits for ever to tell a bead that is gone."""
    run = await ground.held(Phase.AGENT)
    edit(ground.made, lambda _: None)
    await ground.kill(ground.worker(run))
    await ground.aftermath(run, State.FAILED, Reason.INTERRUPTED, bead=None)


async def test_the_bead_is_closed_by_another(ground: Ground) -> None:
    """The work is kept; the bead stays closed, and is told."""
    run = await ground.held(Phase.AGENT)
    edit(ground.made, close)
    ground.let_go()
    await ground.aftermath(run, *COMPLETED, bead=("closed", "Ada", ("work-done",)), says="closed meanwhile")


async def test_the_bead_is_closed_by_another_and_the_work_fails(ground: Ground) -> None:
    """It is not opened again."""
    run = await ground.work(*ground.stalling(), {"fail": "No way."})
    await ground.there("agent.there", run)
    edit(ground.made, close)
    ground.let_go()
    await ground.aftermath(run, State.FAILED, Reason.AGENT_FAILED, bead=("closed", "Ada", ()))


async def test_the_bead_is_closed_before_the_run_claims_it(ground: Ground) -> None:
    """Nothing is done, and that is no failure of the agent's."""
    ground.settings(slots=1)
    first = await ground.work(*ground.stalling(), *WORK, bead="demo-3")
    await ground.there("agent.there", first)
    run = await ground.work(*WORK)
    assert ground.get(run).state is State.QUEUED
    edit(ground.made, close)
    ground.let_go()
    await ground.aftermath(run, State.FAILED, Reason.OVERTAKEN, bead=("closed", "", ()), told=0)
    await ground.aftermath(first, *COMPLETED, bead=DONE)


@pytest.mark.parametrize("ends", ["completed", "failed"])
async def test_the_bead_is_taken_by_another(ground: Ground, ends: str) -> None:
    """It is theirs now: their claim is not given back for them."""
    steps = WORK if ends == "completed" else ({"fail": "No way."},)
    run = await ground.work(*ground.stalling(), *steps)
    await ground.there("agent.there", run)
    edit(ground.made, take)
    ground.let_go()
    if ends == "completed":
        await ground.aftermath(run, *COMPLETED, bead=("in_progress", "Bo", ("work-done",)))
    else:
        await ground.aftermath(run, State.FAILED, Reason.AGENT_FAILED, bead=("in_progress", "Bo", ()))


async def test_the_file_of_beads_is_broken(ground: Ground) -> None:
    """Lines that nobody understands stay as they are, and the bead is told."""
    run = await ground.held(Phase.AGENT)
    file = ground.made.project / ".beads" / "issues.jsonl"
    conflict = '<<<<<<< HEAD\n{"id": "demo-9", "title": \n=======\n'
    file.write_text(conflict + file.read_text("utf-8"), "utf-8")
    ground.let_go()
    done = await ground.ended(run)
    assert (done.state, done.told) == (State.COMPLETED, True)
    assert file.read_text("utf-8").startswith(conflict)
    file.write_text(file.read_text("utf-8").removeprefix(conflict), "utf-8")
    await ground.aftermath(run, *COMPLETED, bead=DONE)


async def test_the_beads_are_out_of_reach_when_the_run_begins(ground: Ground) -> None:
    """Somebody switches to a branch without beads for a moment: nothing is done, and nothing is harmed."""
    ground.settings(slots=1)
    first = await ground.work(*ground.stalling(), *WORK, bead="demo-3")
    await ground.there("agent.there", first)
    run = await ground.work(*WORK)
    beads = ground.made.project / ".beads"
    beads.rename(ground.made.folder / "beads")
    ground.let_go()
    done = await ground.ended(run)
    assert (done.state, done.reason) in {
        (State.FAILED, Reason.TRACKER),
        (State.FAILED, Reason.OVERTAKEN),
    }
    (ground.made.folder / "beads").rename(beads)
    await ground.aftermath(run, State.FAILED, Reason.TRACKER, printed=True)
    await ground.aftermath(first, *COMPLETED, bead=DONE, printed=True)


# bd


SLOW_BD = """#!/bin/sh
case "$*" in
  *version*) echo '{{"version": "1.2.2"}}' ;;
  *list*) echo '[{{"id": "demo-1", "title": "One", "status": "open", "priority": 1}}]' ;;
  *) trap '' TERM; : > '{gates}/bd.there'; while [ ! -e '{gates}/bd.go' ]; do sleep 0.02; done ;;
esac
"""


@pytest.mark.parametrize("harm", ["too slow", "worker killed", "cancelled"])
async def test_bd_hangs(ground: Ground, harm: str) -> None:
    """A bd that is deaf and never answers is ended with its run, whichever way that ends."""
    bd = ground.made.folder / "slow-bd"
    bd.write_text(SLOW_BD.format(gates=ground.gates), "utf-8")
    bd.chmod(0o755)
    (ground.made.project / ".beads/embeddeddolt/demo/.dolt/noms").mkdir(parents=True)
    ground.settings(bd=str(bd), bd_timeout=0.5 if harm == "too slow" else 60.0)
    run = await ground.work(*WORK)
    await ground.there("bd.there", run)
    match harm:
        case "too slow":
            wanted = (State.FAILED, Reason.TRACKER)
        case "worker killed":
            wanted = (State.FAILED, Reason.INTERRUPTED)
            await ground.kill(ground.worker(run))
            assert [each.id for each in await recover(ground.store, ground.state)] == [run]
        case _:
            wanted = (State.CANCELLED, Reason.CANCELLED)
            await ground.application.cancel(run)
            await ground.application.settle()
    done = await ground.ended(run)
    assert (done.state, done.reason) == wanted
    (ground.gates / "bd.go").touch()
    await ground.nothing_is_left()
    ground.log_is_whole(run)
