"""Queued runs whose time has not come: somebody stays for them, as long as there are any."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import attrs
import pytest

from beadwork.executions import Execution, Intent, Order, Queue, Reason, State, Worker, alive
from beadwork.processes import sweep
from beadwork.runners import EXECUTION_MARK
from beadwork.state_folder import StateFolder
from beadwork.workflows.house import House, furnish
from beadwork.workflows.queueing import due
from beadwork.workflows.queueing.due import wait_until_due
from beadwork.workflows.queueing.starting import start_queued
from eventually import eventually

PROGRAM = Path(__file__).parents[1] / "programs" / "tiny_worker.py"
LONG = 3600.0


@pytest.fixture
async def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """Give a house whose workers do the tests' jobs; none of them is left."""
    monkeypatch.setenv("XDG_CONFIG_HOME", os.fspath(tmp_path / "config"))
    state = StateFolder(tmp_path / "state")
    argv = [sys.executable, os.fspath(PROGRAM), os.fspath(state.root), "3", "3600"]
    made = attrs.evolve(furnish(state), worker_argv=argv)
    yield made
    for run in made.store.list():
        await sweep(EXECUTION_MARK, run.id, terminate_grace=0)
    made.store.close()


def order(bead: str = "demo-1") -> Order:
    """Give an order whose worker completes at once."""
    return Order("/project", bead, "Title", script="complete")


def settings(tmp_path: Path, text: str) -> None:
    """Write the user's settings file."""
    path = tmp_path / "config" / "beadwork" / "config.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


async def completed(house: House, run: Execution) -> None:
    """Wait until a run has completed, and its worker is gone."""
    await eventually("the end of the run", lambda: house.store.get(run.id).state is State.COMPLETED)
    worker = house.store.get(run.id).worker
    await eventually("the exit of its worker", lambda: worker is not None and not alive(worker))


async def test_a_run_begins_when_its_time_comes(house: House) -> None:
    """The one who waits starts it, and is done when nothing waits any more."""
    run = house.store.add(order(), not_before=time.time() + 0.4)
    assert house.store.startable(Queue(3)) == 0
    await wait_until_due(house)
    await completed(house, run)


async def test_nobody_stays_for_an_empty_queue(house: House) -> None:
    """Nothing queued, or what a free slot takes at once, which is started: nobody stays."""
    await wait_until_due(house)
    run = house.store.add(order())
    await wait_until_due(house)
    await completed(house, run)


async def test_one_stays_for_all(house: House) -> None:
    """A second one leaves at once; the first leaves when what it waited for was cancelled."""
    run = house.store.add(order(), not_before=time.time() + LONG)
    first = asyncio.create_task(wait_until_due(house))
    lock = house.state.locks / "due.lock"
    await eventually("that somebody stays", lock.exists)
    await wait_until_due(house)
    assert not first.done()
    house.store.intend(run.id, Intent.CANCEL)
    await first


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_who_waits_ends_when_told_to(house: House, number: signal.Signals) -> None:
    """It has nothing to finish: a signal ends it at once, and the run stays queued."""
    run = house.store.add(order(), not_before=time.time() + LONG)
    waiting = asyncio.create_task(wait_until_due(house))
    await eventually("that somebody stays", (house.state.locks / "due.lock").exists)
    os.kill(os.getpid(), number)
    await waiting
    assert house.store.get(run.id).state is State.QUEUED


async def test_who_waits_ends_when_the_store_is_removed(house: House) -> None:
    """Nobody stays for a state folder that a person deleted."""
    house.store.add(order(), not_before=time.time() + LONG)
    waiting = asyncio.create_task(wait_until_due(house))
    await eventually("that somebody stays", (house.state.locks / "due.lock").exists)
    house.state.database.unlink()
    await waiting


async def test_what_waits_for_more_than_a_day_is_due(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that was set back by a year does not let a retry wait for a year."""
    with monkeypatch.context() as patched:
        year = 365 * 24 * 3600.0
        real = time.time
        patched.setattr(time, "time", lambda: real() + year)
        house.store.add(order(), not_before=time.time() + 30)
    assert house.store.next_due() is None
    assert house.store.startable(Queue(3)) == 1


def spent(house: House, usd: float) -> None:
    """Let a run of today have cost so much."""
    run = house.store.add(order("demo-0"))
    house.store.claim(Worker(1, 1.0, "boot"), Queue(1))
    house.store.finish(run.id, State.COMPLETED, reason=Reason.VERIFIED, summary="", cost_usd=usd)


async def test_a_queue_without_money_starts_no_worker(house: House, tmp_path: Path) -> None:
    """With the day's budget spent nothing begins; somebody stays until there is money again."""
    settings(tmp_path, "day_budget = 1.0\n")
    spent(house, 1.5)
    run = house.store.add(order())
    assert house.store.startable(house.queue()) == 0
    assert house.store.claim(Worker(1, 1.0, "boot"), house.queue()) is None
    waiting = asyncio.create_task(wait_until_due(house))
    await eventually("that somebody stays", (house.state.locks / "due.lock").exists)
    settings(tmp_path, "day_budget = 9.0\n")
    await waiting
    await eventually("the end of the run", lambda: house.store.get(run.id).state is State.COMPLETED)


async def test_settings_that_are_being_edited_end_nobody(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A settings file that cannot be read for a moment does not let the waiting go."""
    run = house.store.add(order(), not_before=time.time() + LONG)
    monkeypatch.setattr(due, "_LOOK_AGAIN", 0.001)
    settings(tmp_path, "day_budget = \n")
    waiting = asyncio.create_task(wait_until_due(house))
    await eventually("that somebody stays", (house.state.locks / "due.lock").exists)
    settings(tmp_path, "day_budget = 1.0\n")
    house.store.move_first(run.id)
    await waiting
    await eventually("the end of the run", lambda: house.store.get(run.id).state is State.COMPLETED)


async def test_a_time_that_comes_between_two_looks(house: House) -> None:
    """What was not due when its worker started queued runs, and is when it asks who waits, is started."""
    run = house.store.add(order(), not_before=time.time() + 0.3)
    await start_queued(house)
    await eventually("that its time has come", lambda: house.store.next_due() is None)
    await wait_until_due(house)
    await completed(house, run)
