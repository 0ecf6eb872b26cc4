"""Several at once, numbers used twice, and clocks that are set."""

import asyncio
import sys
import time
from pathlib import Path

import attrs
import pytest

from beadwork.executions import Intent, Phase, Queue, Reason, State, Store, Worker
from beadwork.processes import Identity, alive, identity
from beadwork.workflows import Refused, WorkRequest, build
from eventually import eventually
from faults.ground import DONE, WORK, Ground, ground_in

pytestmark = pytest.mark.fault

COMPLETED = (State.COMPLETED, Reason.VERIFIED)
CANCELLED = (State.CANCELLED, Reason.CANCELLED)
WORKER = (sys.executable, "-P", "-m", "beadwork", "worker")


async def test_workers_race_for_one_slot(ground: Ground) -> None:
    """Of five that are started at once one gets it; the others leave, and the second run waits its turn."""
    ground.settings(slots=1)
    first = await ground.held(Phase.AGENT)
    second = await ground.work(*WORK, bead="demo-3")
    racing = [await asyncio.create_subprocess_exec(*WORKER) for _ in range(5)]
    assert [await each.wait() for each in racing] == [0] * 5
    assert ground.store.counts() == (1, 1)
    ground.let_go()
    await ground.aftermath(first, *COMPLETED, bead=DONE)
    await ground.aftermath(second, *COMPLETED, bead=DONE)
    assert (ground.get(second).started_at or 0) >= (ground.get(first).ended_at or 0)


async def test_workers_race_for_one_run(ground: Ground) -> None:
    """Of five that are started for one queued run one works on it."""
    ground.settings(slots=3)
    argv = ["sh", "-c", 'for i in 1 2 3 4; do "$@" & done; exec "$@"', "sh", *WORKER]
    application = ground.application
    application._house = attrs.evolve(application._house, worker_argv=argv)
    run = await ground.work(*WORK)
    await ground.aftermath(run, *COMPLETED, bead=DONE)
    begun = [event for event in ground.events(run) if event.get("phase") == "preparing"]
    assert len(begun) == 1


async def test_two_windows_ask_for_one_bead(ground: Ground) -> None:
    """One is told that somebody works on it."""
    other = build(ground.state)
    script = ground.made.script(*WORK)
    views = await asyncio.gather(
        *(
            each.work(ground.made.project, WorkRequest("demo-1", script=script))
            for each in (ground.application, other)
        )
    )
    other.close()
    (refused,) = [view for view in views if isinstance(view, Refused)]
    assert refused.code == "already-active"
    (run,) = [view.id for view in views if not isinstance(view, Refused)]
    await ground.aftermath(run, *COMPLETED, bead=DONE)


async def test_many_tend_at_once(ground: Ground) -> None:
    """A lost run is ended once, and its bead told once."""
    run = await ground.held(Phase.AGENT)
    await ground.kill(ground.worker(run))
    others = [build(ground.state) for _ in range(4)]
    await asyncio.gather(*(each.tend() for each in (ground.application, *others)))
    for each in others:
        each.close()
    await ground.aftermath(run, State.FAILED, Reason.INTERRUPTED)


async def test_a_process_opens_the_store_twice(ground: Ground) -> None:
    """What closes the second connection takes no lock from the first: what it writes reaches everybody."""
    for _ in range(3):
        Store(ground.state.database).close()
        run = await ground.work(*WORK, bead="demo-3")
        await ground.ended(run)
        await eventually("its worker's end", lambda: not ground.left())
    assert not isinstance(await ground.application.page(ground.made.project, "demo-3"), Refused)
    run = await ground.work(*WORK)
    await ground.aftermath(run, *COMPLETED, bead=DONE)


@pytest.mark.parametrize("then", ["recovered", "cancelled"])
async def test_the_number_of_the_worker_is_used_again(ground: Ground, then: str) -> None:
    """The program that has it now is not touched, whatever is done to the run."""
    stranger = await asyncio.create_subprocess_exec("sleep", "3600")
    try:
        real = identity(stranger.pid)
        assert real is not None
        ground.usual |= {real}
        run = await ground.held(Phase.AGENT)
        await ground.kill(ground.worker(run))
        database = ground.store._db
        with database.changing():
            database.execute(
                "UPDATE execution SET worker_pid = :pid, worker_started = :started",
                {"pid": real.pid, "started": real.started - 0.01},
            )
        if then == "cancelled":
            await ground.application.cancel(run)
            await ground.application.settle()
            await ground.aftermath(run, *CANCELLED)
        else:
            await ground.aftermath(run, State.FAILED, Reason.INTERRUPTED)
        assert alive(real)
    finally:
        stranger.kill()
        await stranger.wait()


async def test_the_machine_was_started_anew(ground: Ground) -> None:
    """Of another boot no process is there any more, whoever has its number and its start time."""
    run = await ground.held(Phase.AGENT)
    worker = ground.worker(run)
    database = ground.store._db
    with database.changing():
        database.execute("UPDATE execution SET worker_boot = 'the boot before'")
    assert not alive(Identity(worker.pid, worker.started, "the boot before"))
    await ground.kill(worker)
    await ground.aftermath(run, State.FAILED, Reason.INTERRUPTED)


async def test_a_claim_of_a_worker_that_never_was(ground: Ground) -> None:
    """A worker that died right after it claimed left no log: the run is ended all the same."""
    ground.settings(slots=1)
    first = await ground.held(Phase.AGENT)
    run = await ground.work(*WORK, bead="demo-3")
    ground.store.claim(Worker(2**22 + 1, 1.0, ground.worker(first).boot), Queue(2))
    done = await ground.ended(run)
    assert (done.state, done.reason) == (State.FAILED, Reason.INTERRUPTED)
    ground.let_go()
    await ground.aftermath(first, *COMPLETED, bead=DONE)


# Clocks


async def test_the_clock_is_set_back(tmp_path: Path) -> None:
    """By an hour, in the middle: the wall clock of the run is another, and its log goes on."""
    with ground_in(tmp_path, worker="clock-back") as ground:
        run = await ground.held(Phase.AGENT)
        (ground.gates / "clock-back").touch()
        ground.let_go()
        done = await ground.aftermath(run, *COMPLETED, bead=DONE)
        events = ground.events(run)
        assert events[-1]["at"] < events[0]["at"] - 3000
        assert done.used < 600
        assert "completed" in ground.made.beadwork("runs")


async def test_the_clock_of_who_tends_is_set_forward(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a day: a run that goes on is neither timed out nor taken for lost."""
    run = await ground.held(Phase.AGENT)
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + 86400)
    assert list(await ground.application.tend()) == []
    assert ground.get(run).state is State.RUNNING
    monkeypatch.undo()
    ground.let_go()
    await ground.aftermath(run, *COMPLETED, bead=DONE)


async def test_a_cancel_is_heard_without_its_signal(ground: Ground) -> None:
    """Who wrote the intent was killed before the signal went out: the worker looks by itself."""
    run = await ground.held(Phase.AGENT)
    ground.store.intend(run, Intent.CANCEL)
    await ground.aftermath(run, *CANCELLED)
