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
    Message,
    MessageKind,
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
    """A run that waits for an answer has no worker to ask: it is cancelled at once, its bead to be told."""
    run = store.add(order())
    store.claim(WORKER, Queue(1))
    store.finish(run.id, State.NEEDS_INPUT, reason=Reason.AGENT_ASKS, summary="Which one?")
    cancelled = store.intend(run.id, Intent.CANCEL)
    assert (cancelled.state, cancelled.summary) == (State.CANCELLED, "Cancelled while it rested.")
    assert not cancelled.told


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


def tampered(store: Store, statement: str, *values: object) -> None:
    """Change the file as a newer Beadwork would have written it."""
    other = sqlite3.connect(store._db._path)
    other.execute(statement, values)
    other.commit()
    other.close()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("verb", "ponder"),
        ("ordered", json.dumps({"project": "/project", "bead": "demo-1", "title": "T", "verb": "ponder"})),
        ("ordered", json.dumps({"verb": "work"})),
        ("ordered", "[]"),
        ("reason", "enlightened"),
        ("phase", "dreaming"),
        ("ask", '{"id": "x"}'),
    ],
)
def test_a_row_of_a_version_to_come_lets_the_others_pass(store: Store, column: str, value: str) -> None:
    """The queue serves the rest, lists leave it out, no worker starts for it, it stays as it is."""
    strange = store.add(order())
    tampered(store, f"UPDATE execution SET {column} = ?", value)
    if column == "verb":
        tampered(store, "UPDATE execution SET ordered = json_set(ordered, '$.verb', 'ponder')")
    assert store.startable(Queue(3)) == 0
    assert store.claim(WORKER, Queue(3)) is None
    assert not store.waits(Queue(3))
    plain = store.add(order("demo-2"))
    assert [run.id for run in store.list()] == [plain.id]
    assert [run.id for run in store.queue()] == [plain.id]
    assert store.startable(Queue(3)) == 1
    claimed = store.claim(WORKER, Queue(3))
    assert claimed is not None
    assert claimed.id == plain.id
    with pytest.raises(StoreError, match="another version"):
        store.get(strange.id)
    with pytest.raises(AlreadyActive, match="newer Beadwork"):
        store.add(order())
    other = sqlite3.connect(store._db._path)
    assert other.execute("SELECT state FROM execution WHERE id = ?", (strange.id,)).fetchone() == ("queued",)
    other.close()


def test_a_live_row_of_a_version_to_come_has_its_slot(store: Store) -> None:
    """What a newer Beadwork runs counts, and is not recovered by this one."""
    run = store.add(order())
    store.claim(WORKER, Queue(1))
    tampered(store, "UPDATE execution SET phase = 'dreaming'")
    store.add(order("demo-2"))
    assert store.claim(WORKER, Queue(1)) is None
    assert store.live() == ()
    assert store.counts() == (1, 1)
    assert run.id not in [each.id for each in store.list()]


def test_a_clock_that_was_set_back_breaks_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that ends before it began, by the clock, is a run that ended."""
    run = store.add(order())
    claimed = store.claim(WORKER, Queue(1))
    assert claimed is not None
    assert claimed.started_at is not None
    monkeypatch.setattr("time.time", lambda: claimed.queued_at - 1e6)
    done = store.finish(run.id, State.COMPLETED, reason=Reason.VERIFIED, summary="", cost_usd=1.0)
    assert done.ended_at is not None
    assert done.ended_at < claimed.started_at
    assert [each.id for each in store.list()] == [run.id]
    assert store.spent(done.ended_at - 1) == 1.0
    other = store.add(order("demo-2"))
    assert store.startable(Queue(1)) == 1
    assert store.queue()[0].id == other.id


SCHEMA_1 = """
    CREATE TABLE execution (
        number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, project TEXT NOT NULL,
        bead TEXT NOT NULL, ordered TEXT NOT NULL, state TEXT NOT NULL, queued_at REAL NOT NULL, phase TEXT,
        reason TEXT, summary TEXT NOT NULL, intent TEXT, intent_at REAL, started_at REAL, ended_at REAL,
        worker_pid INTEGER, worker_started REAL, worker_boot TEXT, agent_label TEXT NOT NULL,
        runner_label TEXT NOT NULL, session TEXT NOT NULL, branch TEXT NOT NULL, base TEXT NOT NULL,
        head TEXT NOT NULL, cost_usd REAL, input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL,
        log TEXT NOT NULL, attempt INTEGER NOT NULL, retry_of TEXT NOT NULL, retried_by TEXT NOT NULL,
        told INTEGER NOT NULL, CHECK (state <> 'running' OR worker_pid IS NOT NULL)
    )
"""
INDEX_1 = "CREATE UNIQUE INDEX one_active ON execution (project, bead) WHERE state IN ('queued', 'running')"


def store_of_schema_1(path: Path, rows: list[tuple[str, str]]) -> None:
    """Make a store as the first Beadwork did, with a row for each bead and state."""
    db = sqlite3.connect(path)
    db.execute("PRAGMA journal_mode = WAL")
    for statement in (
        SCHEMA_1,
        INDEX_1,
        "CREATE INDEX by_bead ON execution (project, bead, number)",
        "CREATE INDEX by_state ON execution (state, number)",
        "PRAGMA user_version = 1",
    ):
        db.execute(statement)
    for number, (bead, state) in enumerate(rows):
        ordered = json.dumps({"project": "/project", "bead": bead, "title": "T", "verb": "work"})
        values = {
            "id": f"run-{number}",
            "project": "/project",
            "bead": bead,
            "ordered": ordered,
            "state": state,
            "queued_at": float(number),
            "worker_pid": None if state == "queued" else 1,
            "worker_started": 2.0,
            "worker_boot": "boot",
            **dict.fromkeys(("summary", "agent_label", "runner_label", "session", "branch", "base"), ""),
            **dict.fromkeys(("head", "log", "retry_of", "retried_by"), ""),
            **dict.fromkeys(("input_tokens", "output_tokens", "told"), 0),
            "attempt": 1,
        }
        marks = ", ".join("?" for _ in values)
        db.execute(f"INSERT INTO execution ({', '.join(values)}) VALUES ({marks})", list(values.values()))
    db.commit()
    db.close()


def test_a_store_of_the_first_schema_goes_on(tmp_path: Path) -> None:
    """Its runs are there, its queue is served, it holds what the new schema holds, and opens again."""
    path = tmp_path / "beadwork.sqlite3"
    store_of_schema_1(
        path,
        [("a", "completed"), ("a", "needs_input"), ("a", "running"), ("b", "queued"), ("c", "paused")],
    )
    store = Store(path)
    states = {run.id: run.state for run in store.list()}
    assert states == {
        "run-0": State.COMPLETED,
        "run-1": State.FAILED,
        "run-2": State.RUNNING,
        "run-3": State.QUEUED,
        "run-4": State.FAILED,
    }
    claimed = store.claim(WORKER, Queue(3))
    assert claimed is not None
    assert (claimed.id, claimed.order, claimed.used, claimed.ask) == (
        "run-3",
        Order("/project", "b", "T"),
        0.0,
        None,
    )
    store.finish("run-3", State.PAUSED, reason=Reason.PAUSED, summary="")
    with pytest.raises(AlreadyActive):
        store.add(order("b"))
    store.add(order("c"))
    store.inbox.send("run-3", Message(MessageKind.TELL, ("go on",)))
    assert store.walks.going() == ()
    store.close()
    again = Store(path)
    fresh = Store(tmp_path / "fresh.sqlite3")
    assert again.get("run-3").state is State.PAUSED
    assert again.inbox.take("run-3")[0].texts == ("go on",)
    assert _things(again) == _things(fresh)
    again.close()
    fresh.close()


def test_a_store_of_the_second_schema_goes_on(tmp_path: Path) -> None:
    """What it lacks is what runs give: those of before gave nothing, later ones do, and it opens again."""
    path = tmp_path / "beadwork.sqlite3"
    fresh = Store(tmp_path / "fresh.sqlite3")
    store = Store(path)
    before = ended(store, "demo-1")
    waits = store.add(order("demo-2"))
    store.close()
    db = sqlite3.connect(path)
    db.execute("ALTER TABLE execution DROP COLUMN results")
    db.execute("PRAGMA user_version = 2")
    db.commit()
    db.close()
    store = Store(path)
    assert store.get(before.id) == before
    assert store.get(before.id).results == {}
    store.claim(WORKER, Queue(1))
    assert store.note(waits.id, results={"gates": {"standing": "none"}}).results["gates"] == {
        "standing": "none"
    }
    store.close()
    again = Store(path)
    assert again.get(waits.id).results == {"gates": {"standing": "none"}}
    assert _things(again) == _things(fresh)
    again.close()
    fresh.close()


def _things(store: Store) -> set[tuple[str, str, frozenset[str]]]:
    """Give the tables and indexes of a store, with the columns of each."""
    db = sqlite3.connect(store._db._path)
    found = db.execute("SELECT type, name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'").fetchall()
    things = {
        (kind, name, frozenset(row[1] for row in db.execute(f"PRAGMA table_info({name})")))
        for kind, name in found
    }
    db.close()
    return things
