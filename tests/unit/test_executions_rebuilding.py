"""A damaged store: it is moved aside and made anew from the logs, whatever runs meanwhile."""

import asyncio
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import attrs
import pytest

from beadwork.executions import (
    EventKind,
    EventLog,
    Execution,
    Message,
    MessageKind,
    Order,
    Queue,
    Reason,
    State,
    Store,
    StoreDamaged,
    Worker,
    alive,
    mend_store,
    open_store,
    read_events,
    recover,
    start_workers,
)
from beadwork.processes import Identity, send, sweep
from beadwork.runners import EXECUTION_MARK
from beadwork.state_folder import StateFolder
from eventually import eventually

PROGRAM = Path(__file__).parents[1] / "programs" / "tiny_worker.py"


class Place:
    """A state folder with a few runs."""

    def __init__(self, root: Path) -> None:
        self.state = StateFolder(root)
        self.store = Store(self.state.database)

    def argv(self) -> list[str]:
        """Give the worker's command line."""
        return [sys.executable, os.fspath(PROGRAM), os.fspath(self.state.root), "9", "3600"]

    async def run(self, job: str, bead: str, *states: State) -> Execution:
        """Have a worker do `job`, and wait until the run is in one of `states`."""
        run = self.store.add(Order("/project", bead, f"Title of {bead}", script=job, settings={"slots": 2}))
        assert start_workers(self.store, Queue(9), self.argv(), self.state) == 1
        await eventually(f"{states} of {bead}", lambda: self.store.get(run.id).state in states)
        done = self.store.get(run.id)
        if not done.live:
            worker = _worker_in(done)
            await eventually("the exit of the worker", lambda: not alive(worker))
        return done

    def moved(self) -> list[Path]:
        """Give the databases that were moved aside."""
        found = self.state.root.glob("beadwork.sqlite3.damaged-*")
        return sorted(path for path in found if not path.name.endswith(("-wal", "-shm")))


def _worker_in(run: Execution) -> Worker:
    """Give the worker that the log of a run names: one that rests has none in the store."""
    (header, *_) = [event.data["worker"] for event in read_events(Path(run.log)) if "worker" in event.data]
    assert isinstance(header, dict)
    return Worker(**header)


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    """Give a place; no process of it is left afterwards."""
    made = Place(tmp_path / "state")
    runs: dict[str, Execution] = {}
    yield made
    made.store.close()
    store, _ = open_store(made.state)
    for run in store.list():
        runs[run.id] = run
        if run.worker is not None and alive(run.worker):
            send(Identity(run.worker.pid, run.worker.started, run.worker.boot), signal.SIGKILL)
        await sweep(EXECUTION_MARK, run.id, terminate_grace=0)
    store.close()


def comparable(run: Execution) -> Execution:
    """Give what a log can know of a run: not the moment of its last row, nor its place in the queue."""
    return attrs.evolve(run, ended_at=None, phase=None, rank=0.0)


def truncate(path: Path) -> None:
    """Cut the file in the middle of a page."""
    os.truncate(path, path.stat().st_size // 2 + 100)


def empty(path: Path) -> None:
    """Leave a file of no bytes."""
    os.truncate(path, 0)


def scribble(path: Path) -> None:
    """Write over everything behind the first page."""
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(path.stat().st_size - 4096))


def replace(path: Path) -> None:
    """Put a text in its place."""
    path.write_text("This is no database, but it is long enough to be read as one.\n" * 100)


@pytest.mark.parametrize("damage", [truncate, empty, scribble, replace])
async def test_a_damaged_store_is_made_anew_from_the_logs(
    place: Place, damage: Callable[[Path], None]
) -> None:
    """Every run that began is there as it was, resting ones can go on, and the damaged file is kept."""
    done = await place.run("complete", "demo-1", State.COMPLETED)
    rests = await place.run("park", "demo-2", State.NEEDS_INPUT)
    failed = await place.run("defect", "demo-3", State.FAILED)
    stuck = await place.run("stuck", "demo-5", State.BLOCKED)
    place.store.add(Order("/project", "demo-4", "Never began"))
    place.store.close()
    damage(place.state.database)
    size = place.state.database.stat().st_size
    store, said = open_store(place.state)
    (moved,) = place.moved()
    assert moved.stat().st_size == size
    assert "Runs in it: 4" in said
    assert str(moved) in said
    for run in (done, rests, failed, stuck):
        assert comparable(store.get(run.id)) == comparable(run)
    assert [run.id for run in store.list()] == [stuck.id, failed.id, rests.id, done.id]
    assert store.get(stuck.id).blocked_by == "demo-9"
    given = {"land": {"commit": "abc", "paths": ["a"]}, "gates": {"standing": "passed"}}
    assert store.get(stuck.id).results == given
    store.close()
    again, silence = open_store(place.state)
    assert silence == ""
    assert len(place.moved()) == 1
    again.inbox.send(rests.id, Message(MessageKind.ANSWER, ("right",), ask="ask-1"))
    again.requeue(rests.id)
    assert start_workers(again, Queue(9), place.argv(), place.state) == 1
    await eventually("the end", lambda: again.get(rests.id).state is State.COMPLETED)
    assert again.get(rests.id).summary == "right, True"
    again.close()


async def test_a_sound_store_is_left_as_it_is(place: Place) -> None:
    """A store that nobody damaged, or that is not there yet, is opened and nothing is said."""
    assert open_store(StateFolder(place.state.root / "other"))[1] == ""
    run = await place.run("complete", "demo-1", State.COMPLETED)
    store, said = open_store(place.state)
    assert (said, store.get(run.id)) == ("", run)
    assert place.moved() == []
    store.close()


async def test_an_empty_journal_is_no_damage(place: Place) -> None:
    """A journal of no bytes beside a whole file loses nothing that was in the file."""
    run = await place.run("complete", "demo-1", State.COMPLETED)
    place.store.close()
    Path(f"{place.state.database}-wal").write_bytes(b"")
    store, said = open_store(place.state)
    assert said == ""
    assert store.get(run.id) == run
    store.close()


async def test_damage_that_shows_later_is_mended_at_the_next_opening(place: Place) -> None:
    """Who meets a bad page is told so and leaves a mark; the next one looks at all pages."""
    runs = [await place.run("complete", f"demo-{number}", State.COMPLETED) for number in range(3)]
    place.store.close()
    _spoil_rows(place.state.database)
    store = Store(place.state.database)
    with pytest.raises(StoreDamaged):
        store.list()
    assert "made anew" in mend_store(place.state)
    fresh, said = open_store(place.state)
    assert said == ""
    assert {run.id for run in fresh.list()} == {run.id for run in runs}
    # Who had opened the damaged one goes over to the new one by itself.
    assert {run.id for run in store.list()} == {run.id for run in runs}
    added = store.add(Order("/project", "demo-9", "New"))
    assert fresh.get(added.id) == added
    store.close()
    fresh.close()


def _spoil_rows(path: Path) -> None:
    """Write over the pages of the rows alone, so that opening and counting notice nothing."""
    db = sqlite3.connect(path)
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    (root,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'execution'").fetchone()
    (size,) = db.execute("PRAGMA page_size").fetchone()
    db.close()
    with path.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\xff" * size)


async def test_a_mark_on_a_sound_store_is_taken_away(place: Place) -> None:
    """A mark alone is no damage."""
    run = await place.run("complete", "demo-1", State.COMPLETED)
    mark = place.state.root / "beadwork.sqlite3.damaged"
    mark.touch()
    store, said = open_store(place.state)
    assert (said, store.get(run.id), mark.exists()) == ("", run, False)
    store.close()


async def test_a_worker_goes_on_over_a_store_that_is_made_anew(place: Place) -> None:
    """A run that goes on while its store is replaced is in the new one, and ends there."""
    run = await place.run("ask", "demo-1", State.NEEDS_INPUT)
    place.store.close()
    _spoil_rows(place.state.database)
    (place.state.root / "beadwork.sqlite3.damaged").touch()
    store, said = open_store(place.state)
    assert "Runs in it: 1" in said
    live = store.get(run.id)
    assert (live.live, live.state, live.worker, live.ask) == (True, State.NEEDS_INPUT, run.worker, run.ask)
    assert await recover(store, place.state) == ()
    store.inbox.send(run.id, Message(MessageKind.ANSWER, ("left",), ask="ask-1"))
    await eventually("the end", lambda: store.get(run.id).state is State.COMPLETED)
    events = read_events(Path(run.log))
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert events[-1].data["state"] == "completed"
    store.close()


async def test_a_worker_that_meets_the_damage_makes_the_store_anew(place: Place) -> None:
    """It may be all alone: no server, no command. Its run goes on, ends in the new store, and says it."""
    added = place.store.add(Order("/project", "demo-1", "Title", script="spoil"))
    assert start_workers(place.store, Queue(9), place.argv(), place.state) == 1
    await eventually("a new store", place.moved)
    await eventually("the end", lambda: place.store.get(added.id).state is State.COMPLETED)
    run = place.store.get(added.id)
    assert (run.head, run.cost_usd) == ("abc", 0.5)
    assert len(place.moved()) == 1
    events = read_events(Path(run.log))
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert any("The store was damaged" in str(event.data.get("text")) for event in events)


async def test_a_run_whose_worker_died_with_the_store_is_recovered(place: Place) -> None:
    """A log without an end becomes a run of the worker that it names; recovery finds that dead."""
    run = await place.run("ask", "demo-1", State.NEEDS_INPUT)
    worker = run.worker
    assert worker is not None
    send(Identity(worker.pid, worker.started, worker.boot), signal.SIGKILL)
    await eventually("its death", lambda: not alive(worker))
    place.store.close()
    replace(place.state.database)
    store, _ = open_store(place.state)
    (kept,) = await recover(store, place.state)
    assert (kept.id, kept.state, kept.ask, kept.session) == (run.id, State.NEEDS_INPUT, run.ask, "kept")
    store.close()


async def test_attempts_are_linked_again(place: Place) -> None:
    """Which run is whose next attempt stands in the logs."""
    first = await place.run("passing", "demo-1", State.FAILED)
    await eventually("the third", lambda: place.store.list()[0].state is State.COMPLETED)
    before = {run.id: (run.attempt, run.retry_of, run.retried_by) for run in place.store.list()}
    assert before[first.id][2]
    for run in place.store.list():
        worker = _worker_in(run)
        await eventually("the exit of its worker", lambda worker=worker: not alive(worker))  # type: ignore[misc]
    place.store.close()
    replace(place.state.database)
    store, _ = open_store(place.state)
    assert {run.id: (run.attempt, run.retry_of, run.retried_by) for run in store.list()} == before
    store.close()


async def test_logs_that_say_too_little_are_left_out_and_counted(place: Place) -> None:
    """Older, broken, empty and strange logs are counted; a run without a worker is interrupted."""
    run = await place.run("complete", "demo-1", State.COMPLETED)
    place.store.close()
    folder = Path(run.log).parent
    (folder / "broken.jsonl").write_bytes(b"\x00\xff not a log\n" * 3)
    (folder / "empty.jsonl").write_bytes(b"")
    older = EventLog.create(folder / "older.jsonl")
    older.write(EventKind.STATE, state="running", phase="agent")
    older.close()
    strange = EventLog.create(folder / "strange.jsonl")
    strange.write(EventKind.RUN, run="x", order={"verb": "ponder"}, queuedAt=1.0, attempt=1, retryOf="")
    strange.close()
    nobody = EventLog.create(folder / "nobody.jsonl")
    order = attrs.asdict(Order("/project", "demo-7", "T"))
    nobody.write(EventKind.RUN, run="y", order=order, queuedAt=2.0, attempt=1, retryOf="", worker=None)
    nobody.close()
    replace(place.state.database)
    store, said = open_store(place.state)
    assert "as older ones do: 4" in said
    assert {each.id for each in store.list()} == {run.id, "y"}
    assert (store.get("y").state, store.get("y").reason) == (State.FAILED, Reason.INTERRUPTED)
    store.close()


async def test_of_several_that_open_a_damaged_store_one_makes_it_anew(place: Place) -> None:
    """The others wait and find it whole."""
    run = await place.run("complete", "demo-1", State.COMPLETED)
    place.store.close()
    replace(place.state.database)
    opened = await asyncio.gather(*(asyncio.to_thread(open_store, place.state) for _ in range(4)))
    assert sorted(said != "" for _, said in opened) == [False, False, False, True]
    assert [store.get(run.id).id for store, _ in opened] == [run.id] * 4
    assert len(place.moved()) == 1
    for store, _ in opened:
        store.close()
