"""Tending: what whoever comes by does for all runs, and what it says of that."""

import asyncio
import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

import trial
from beadwork.executions import State
from beadwork.state_folder import StateFolder
from beadwork.workflows import build
from quiet_house import listener, quiet


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[trial.Trial]:
    """A user in whose environment this process is too."""
    user = trial.with_file(tmp_path)
    user.settings(agent="scripted", actor="Ada")
    for name, value in user.environment.items():
        monkeypatch.setenv(name, value)
    yield user
    user.end_all()


async def test_a_store_that_was_made_anew_is_said_once(made: trial.Trial) -> None:
    """Whoever tends first hears of it, and everything goes on."""
    made.state.mkdir(parents=True)
    StateFolder(made.state).database.write_bytes(b"no database at all" * 1000)
    application = build(StateFolder(made.state))
    first, second = await application.tend(), await application.tend()
    assert ["store" in each for each in first] == [True], first
    assert list(second) == []
    application.close()


async def test_a_store_that_is_damaged_while_it_is_open_is_made_anew(made: trial.Trial) -> None:
    """A server may be open for weeks: it tends, says it, and goes on with the new store."""
    application = build(StateFolder(made.state))
    assert list(await application.tend()) == []
    database = StateFolder(made.state).database
    with contextlib.closing(sqlite3.connect(database)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with database.open("r+b") as file:
        file.write(b"\xff" * database.stat().st_size)
    first, second = await application.tend(), await application.tend()
    assert ["made anew" in each for each in first] == [True], first
    assert list(second) == []
    assert list(await application.runs()) == []
    application.close()


async def test_a_broken_settings_file_keeps_nobody_from_ending_a_run(made: trial.Trial) -> None:
    """What is queued waits until the file is mended, which is said; what runs is looked at and cancelled."""
    script = made.script({"stall": True})
    first = made.json("work", "demo-1", "--script", script, "--runner", "plain")["run"]["id"]
    made.settings(slots=-1)
    assert first in made.beadwork("runs", "--json")
    assert made.json("cancel", first)["run"]["id"] == first
    assert (await made.ended(first))["state"] == "cancelled"
    application = build(StateFolder(made.state))
    assert ["`slots`" in each for each in await application.tend()] == [True]
    application.close()


async def test_a_run_that_lost_its_worker_is_said_with_its_log(made: trial.Trial) -> None:
    """Once, by whoever finds it; nothing is said of a quiet house."""
    user = quiet(made)
    assert list(await user.application.tend()) == []
    ear = listener(made.folder)
    run = await user.queued("demo-1")
    user.claim(ear.worker)
    assert list(await user.application.tend()) == []
    ear.end()
    said = await user.application.tend()
    assert [f"beadwork log {run.id[:8]}" in each for each in said] == [True]
    assert user.store.get(run.id).state is State.FAILED
    assert list(await user.application.tend()) == []
    user.application.close()


async def test_a_second_call_does_not_wait_for_the_first(made: trial.Trial) -> None:
    """Several timers and commands of one server may tend at once: one of them does."""
    user = quiet(made)
    calls = [asyncio.ensure_future(user.application.tend()) for _ in range(5)]
    assert [list(each) for each in await asyncio.gather(*calls)] == [[]] * 5
    user.application.close()
