"""The store: who wins, what is refused, what survives."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beadwork.executions import (
    AlreadyActive,
    Execution,
    ExecutionNotFound,
    IllegalTransition,
    Intent,
    Order,
    Phase,
    Queue,
    Reason,
    State,
    Store,
    StoreError,
    Worker,
    this_worker,
)

PROGRAMS = Path(__file__).parents[1] / "programs"
_HOLD = (
    "import sqlite3, sys; db = sqlite3.connect(sys.argv[1], isolation_level=None);"
    "db.execute('BEGIN IMMEDIATE'); print('held', flush=True);"
    "sys.stdin.readline(); db.execute('COMMIT')"
)
WORKER = Worker(4242, 12.5, "boot")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Give an empty store."""
    opened = Store(tmp_path / "state" / "beadwork.sqlite3")
    yield opened
    opened.close()


def order(bead: str = "demo-1", project: str = "/project") -> Order:
    """Give a plain order."""
    return Order(project, bead, f"Title of {bead}")


def ended(store: Store, bead: str = "demo-1") -> Execution:
    """Give an execution that has been completed."""
    store.add(order(bead))
    claimed = store.claim(WORKER, Queue(99))
    assert claimed is not None
    return store.finish(claimed.id, State.COMPLETED, reason=Reason.VERIFIED, summary="Done.")


def test_an_order_comes_back_as_it_was_given(store: Store) -> None:
    """Every field of an order survives the store, in a second connection too."""
    wanted = Order(
        "/pro ject/ü",
        "demo-1",
        "A 'title' with \"quotes\"\nand lines",
        agent="scripted",
        script="/s.json",
        runner="plain",
        forced_over=("demo-2", "demo-3"),
        with_changes=True,
        deadline=12.5,
        settings={"slots": 2, "allow": ["Bash(x:*)"]},
    )
    added = store.add(wanted, now=1000.25)
    assert added.order == wanted
    assert (added.state, added.queued_at, added.worker) == (State.QUEUED, 1000.25, None)
    again = Store(store._db._path)
    assert again.get(added.id) == added
    again.close()


any_text = st.text(st.characters(exclude_categories=()))


@settings(deadline=None)
@given(title=any_text, summary=any_text, branch=any_text)
def test_any_text_is_kept(
    tmp_path_factory: pytest.TempPathFactory, title: str, summary: str, branch: str
) -> None:
    """No text of an agent or a tracker breaks the store; what is Unicode comes back the same."""
    store = Store(tmp_path_factory.mktemp("any") / "x.sqlite3")
    run = store.add(attrs.evolve(order(), title=title))
    store.claim(WORKER, Queue(1))
    done = store.finish(run.id, State.FAILED, reason=Reason.DEFECT, summary=summary, branch=branch)
    assert done.order.title == title
    assert done.summary == summary.encode("utf-8", "replace").decode()
    assert done.branch == branch.encode("utf-8", "replace").decode()
    store.close()


def test_files_are_private(store: Store) -> None:
    """Nobody else on the machine can read what was run."""
    folder = store._db._path.parent
    store.add(order())
    assert folder.stat().st_mode & 0o777 == 0o700
    for path in folder.iterdir():
        assert path.stat().st_mode & 0o077 == 0, path


def test_a_bead_has_one_active_execution(store: Store) -> None:
    """A second order for a bead is refused while one is queued or running, and only then."""
    first = store.add(order())
    with pytest.raises(AlreadyActive, match=first.id[:8]) as refused:
        store.add(order())
    assert refused.value.code == "already-active"
    store.add(order("demo-2"))
    store.add(order(project="/elsewhere"))
    store.claim(WORKER, Queue(1))
    with pytest.raises(AlreadyActive):
        store.add(order())
    store.finish(first.id, State.FAILED, reason=Reason.DEFECT, summary="")
    assert store.add(order()).id != first.id


def test_the_index_alone_keeps_a_bead_from_two_workers(store: Store) -> None:
    """Even code that forgets to look cannot write a second active row."""
    store.add(order())
    other = sqlite3.connect(store._db._path)
    with pytest.raises(sqlite3.IntegrityError):
        other.execute(
            "INSERT INTO execution SELECT NULL, 'x', " + ", ".join(_columns(other)[2:]) + " FROM execution"
        )
    other.close()


def _columns(db: sqlite3.Connection) -> list[str]:
    return [row[1] for row in db.execute("PRAGMA table_info(execution)")]


def test_claims_are_first_come_first_served_within_the_slots(store: Store) -> None:
    """The oldest is claimed first, with its worker, and no more than there are slots."""
    first, second, third = (store.add(order(f"demo-{number}")) for number in (1, 2, 3))
    claimed = store.claim(WORKER, Queue(2))
    assert claimed is not None
    assert (claimed.id, claimed.state, claimed.phase, claimed.worker) == (
        first.id,
        State.RUNNING,
        Phase.PREPARING,
        WORKER,
    )
    assert claimed.started_at is not None
    also = store.claim(this_worker(), Queue(2))
    assert also is not None
    assert also.id == second.id
    assert store.claim(WORKER, Queue(2)) is None
    assert store.counts() == (2, 1)
    store.finish(first.id, State.COMPLETED, reason=Reason.VERIFIED, summary="")
    last = store.claim(WORKER, Queue(2))
    assert last is not None
    assert last.id == third.id
    assert store.claim(WORKER, Queue(99)) is None


def test_a_run_is_found_by_an_unambiguous_beginning(store: Store) -> None:
    """A beginning names a run when it names only one; wildcards of SQL are no wildcards here."""
    run = store.add(order())
    assert store.find(run.id[:8]).id == run.id
    assert store.find(f" {run.id.upper()} ").id == run.id
    for strange in ("", "zzz", "%", "_" * 8, "'; DROP TABLE execution; --", run.id + "0"):
        with pytest.raises(ExecutionNotFound):
            store.find(strange)
    runs = [store.add(order(f"demo-{number}")) for number in range(2, 40)]
    shared = next(a for a in "0123456789abcdef" if sum(run.id[0] == a for run in runs) > 1)
    with pytest.raises(ExecutionNotFound, match="ambiguous"):
        store.find(shared)
    with pytest.raises(ExecutionNotFound):
        store.get("nonsense")


def test_lists_are_newest_first_and_narrowed(store: Store) -> None:
    """Lists narrow by project, bead, state and number; the order is that of queueing."""
    first = ended(store)
    second = store.add(order())
    third = store.add(order("demo-2"))
    other = store.add(order(project="/other"))
    assert [run.id for run in store.list()] == [other.id, third.id, second.id, first.id]
    assert [run.id for run in store.list(project="/project", bead="demo-1")] == [second.id, first.id]
    assert [run.id for run in store.list(limit=1)] == [other.id]
    assert [run.id for run in store.list(states=frozenset({State.COMPLETED}))] == [first.id]
    assert store.list(states=frozenset()) == ()
    newest = store.newest_by_bead("/project")
    assert {bead: run.id for bead, run in newest.items()} == {"demo-1": second.id, "demo-2": third.id}
    assert store.projects() == ("/other", "/project")


def test_only_a_running_execution_is_written_to(store: Store) -> None:
    """Notes reach a running row alone, and only the fields that are the worker's."""
    run = store.add(order())
    with pytest.raises(IllegalTransition):
        store.note(run.id, session="s")
    store.claim(WORKER, Queue(1))
    noted = store.note(run.id, session="s", cost_usd=0.5, input_tokens=7, phase=Phase.AGENT, told=True)
    assert (noted.session, noted.cost_usd, noted.input_tokens, noted.phase) == ("s", 0.5, 7, Phase.AGENT)
    assert noted.told
    for field in ("state", "worker_pid", "id", "intent", "x = 1; --"):
        with pytest.raises(TypeError):
            store.note(run.id, **{field: "x"})
    store.finish(run.id, State.BLOCKED, reason=Reason.AGENT_BLOCKED, summary="b", head="abc")
    with pytest.raises(IllegalTransition):
        store.note(run.id, session="t")
    with pytest.raises(IllegalTransition):
        store.finish(run.id, State.COMPLETED, reason=Reason.VERIFIED, summary="")
    assert store.get(run.id).head == "abc"
    assert store.mark_told(run.id).told


def test_the_first_intent_wins(store: Store) -> None:
    """An intent is written once; it ends a queued row at once, leaves a running one to its worker."""
    run = store.add(order())
    store.claim(WORKER, Queue(1))
    assert store.intend(run.id, Intent.TIMEOUT).intent is Intent.TIMEOUT
    second = store.intend(run.id, Intent.CANCEL)
    assert (second.intent, second.state) == (Intent.TIMEOUT, State.RUNNING)
    queued = store.add(order("demo-2"))
    cancelled = store.intend(queued.id, Intent.CANCEL)
    assert (cancelled.state, cancelled.reason, cancelled.intent) == (
        State.CANCELLED,
        Reason.CANCELLED,
        Intent.CANCEL,
    )
    assert cancelled.ended_at is not None
    done = ended(store, "demo-3")
    assert store.intend(done.id, Intent.CANCEL) == done


def test_a_waiting_run_can_be_cancelled_without_a_worker(store: Store) -> None:
    """A run that waits for an answer has no worker to ask: it is cancelled at once, its question kept."""
    run = store.add(order())
    store.claim(WORKER, Queue(1))
    store.finish(run.id, State.NEEDS_INPUT, reason=Reason.AGENT_ASKS, summary="Which one?")
    cancelled = store.intend(run.id, Intent.CANCEL)
    assert (cancelled.state, cancelled.summary) == (State.CANCELLED, "Which one?")


def test_the_signal_moves_with_every_change_of_anyone_and_only_then(store: Store) -> None:
    """Own changes and those of another connection show in the signal; reading does not."""
    seen = [store.signal()]
    other = Store(store._db._path)

    def moved(change: Callable[[], object]) -> bool:
        change()
        seen.append(store.signal())
        return seen.count(seen[-1]) == 1

    run = other.add(order())
    assert moved(lambda: None)
    assert not moved(store.list)
    assert not moved(lambda: other.get(run.id))
    assert moved(lambda: store.claim(WORKER, Queue(1)))
    assert moved(lambda: other.note(run.id, session="s"))
    assert moved(lambda: store.note(run.id, session="t"))
    other.close()


def test_a_newer_schema_is_refused_and_left_alone(tmp_path: Path) -> None:
    """A store of a newer Beadwork is not touched, and the sentence says what to do."""
    path = tmp_path / "beadwork.sqlite3"
    Store(path).close()
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 99")
    db.commit()
    db.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="newer Beadwork") as refused:
        Store(path)
    assert "\n" not in str(refused.value)
    assert path.read_bytes() == before


@pytest.mark.parametrize("make", ["below a file", "a folder", "no database"])
def test_a_store_that_cannot_be_used_says_so_in_one_sentence(tmp_path: Path, make: str) -> None:
    """What stands in the store's place is named and stays as it is."""
    path = tmp_path / "beadwork.sqlite3"
    match make:
        case "below a file":
            path.write_text("a file")
            path = path / "beadwork.sqlite3"
        case "a folder":
            path.mkdir()
        case _:
            path.write_bytes(b"not a database, but long enough to be read as one\n" * 100)
    with pytest.raises(StoreError) as refused:
        Store(path)
    assert str(path) in str(refused.value)
    assert "\n" not in str(refused.value)
    if make == "no database":
        assert path.read_bytes().startswith(b"not a database")


def test_a_row_that_cannot_be_understood_is_an_error_of_the_store(store: Store) -> None:
    """A state that this version does not know is named, not guessed."""
    run = store.add(order())
    other = sqlite3.connect(store._db._path)
    other.execute("UPDATE execution SET state = 'dreaming'")
    other.commit()
    other.close()
    with pytest.raises(StoreError, match="dreaming"):
        store.get(run.id)


def test_an_order_of_another_version_is_read(store: Store) -> None:
    """Fields of an order that this version does not know are left out; those it has come by default."""
    run = store.add(order())
    other = sqlite3.connect(store._db._path)
    plain = {"project": "/project", "bead": "demo-1", "title": "T", "verb": "work", "colour": "blue"}
    other.execute("UPDATE execution SET ordered = ?", (json.dumps(plain),))
    other.commit()
    other.close()
    assert store.get(run.id).order == Order("/project", "demo-1", "T")


def _start(program: str, *arguments: object) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, PROGRAMS / program, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _race(racers: "list[subprocess.Popen[str]]") -> list[str]:
    """Let all go at once, and give the lines that they said."""
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    said = [line for racer in racers for line in racer.communicate()[0].splitlines()]
    assert [racer.returncode for racer in racers] == [0] * len(racers)
    return said


@pytest.mark.parametrize("slots", [1, 2])
def test_processes_race_for_slots(store: Store, slots: int) -> None:
    """Three processes claim what is queued as fast as they can: never too many, each run once."""
    wanted = [store.add(order(f"demo-{number}")).id for number in range(80)]
    said = _race([_start("claiming.py", store._db._path, slots) for _ in range(3)])
    assert sorted(said) == sorted(wanted)
    assert {run.state for run in store.list(limit=100)} == {State.COMPLETED}


def test_processes_race_for_one_bead_in_a_store_that_is_not_there_yet(tmp_path: Path) -> None:
    """Three processes make the store and queue one bead at once: one execution, and two are told."""
    path = tmp_path / "beadwork.sqlite3"
    said = _race([_start("adding.py", path) for _ in range(3)])
    store = Store(path)
    (only,) = store.list()
    assert sorted(said) == sorted([only.id, "already active", "already active"])
    store.close()


def test_a_store_held_by_another_process_waits_for_it(store: Store) -> None:
    """A transaction that another process holds for a moment delays a change, it does not lose it."""
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            _HOLD,
            os.fspath(store._db._path),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdin is not None
    assert holder.stdout.readline() == "held\n"
    assert store.list() == ()
    holder.stdin.write("go\n")
    holder.stdin.flush()
    assert store.add(order()).state is State.QUEUED
    holder.communicate()
