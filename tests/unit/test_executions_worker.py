"""Worker processes: how they end, are ended, die, and what is left of them (nothing)."""

import asyncio
import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import attrs
import pytest

from beadwork.executions import (
    Ask,
    AskKind,
    Event,
    EventKind,
    EventLog,
    Execution,
    Intent,
    Message,
    MessageKind,
    Order,
    Question,
    Queue,
    Reason,
    State,
    Store,
    StoreError,
    Worker,
    alive,
    follow,
    read_events,
    readable_path,
    recover,
    start_workers,
    stop_worker,
    this_worker,
)
from beadwork.processes import Identity, identity, marked, row_of, send, sweep
from beadwork.processes import alive as running
from beadwork.runners import EXECUTION_MARK
from beadwork.state_folder import StateFolder
from eventually import eventually

PROGRAM = Path(__file__).parents[1] / "programs" / "tiny_worker.py"


class Workplace:
    """A state folder with its store, and the worker program of these tests."""

    def __init__(self, root: Path) -> None:
        self.state = StateFolder(root)
        self.store = Store(self.state.database)

    def argv(self, slots: int = 3, limit: float = 3600.0) -> list[str]:
        """Give the worker's command line."""
        return [sys.executable, os.fspath(PROGRAM), os.fspath(self.state.root), str(slots), str(limit)]

    def order(self, job: str, bead: str = "demo-1") -> Execution:
        """Queue a bead whose worker does `job`."""
        return self.store.add(Order("/project", bead, "Title", script=job))

    def start(self, job: str, *, bead: str = "demo-1", slots: int = 3, limit: float = 3600.0) -> Execution:
        """Queue a bead and start a worker for it."""
        run = self.order(job, bead)
        assert start_workers(self.store, Queue(slots), self.argv(slots, limit), self.state) == 1
        return run

    async def in_phase(self, run: Execution, phase: str) -> Execution:
        """Wait until a run is in a phase."""
        await eventually(f"phase {phase}: {self.output()}", lambda: self.store.get(run.id).phase == phase)
        return self.store.get(run.id)

    async def ended(self, run: Execution) -> Execution:
        """Wait until a run has ended, its worker too."""
        await eventually("the end of the run", lambda: not self.store.get(run.id).active)
        done = self.store.get(run.id)
        if done.worker is not None:
            worker = done.worker
            await eventually("the exit of the worker", lambda: not alive(worker))
        return done

    def output(self) -> str:
        """Give what workers printed."""
        path = self.state.worker_output
        return path.read_text() if path.exists() else ""

    def left(self, run: Execution) -> list[Identity]:
        """Give the processes that carry the mark of a run."""
        return list(marked(EXECUTION_MARK, run.id))


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Workplace]:
    """Give a workplace; no process of it is left afterwards."""
    made = Workplace(tmp_path / "state")
    yield made
    for run in made.store.list():
        if run.worker is not None and alive(run.worker):
            send(Identity(run.worker.pid, run.worker.started, run.worker.boot), signal.SIGKILL)
        await sweep(EXECUTION_MARK, run.id, terminate_grace=0)
    made.store.close()


def log_of(run: Execution) -> list[Event]:
    """Give the events of a run, which are complete."""
    events = read_events(Path(run.log))
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    last = events[-1]
    assert (last.kind, last.data["state"], last.data["reason"]) == ("state", run.state, run.reason)
    return events


def grandchild_of(run: Execution) -> Identity:
    """Give the deaf program that a job has left in a session of its own."""
    found = identity(int(run.session))
    assert found is not None
    assert os.getsid(found.pid) == found.pid
    return found


def cut_off_line(run: Execution) -> None:
    """Leave half a line in the log of a run, as a writer that died."""
    with Path(run.log).open("ab") as log:
        log.write(b'{"seq":4,"at":')


def signal_worker(run: Execution, number: signal.Signals) -> None:
    """Send a signal to the worker of a run."""
    assert run.worker is not None
    assert send(Identity(run.worker.pid, run.worker.started, run.worker.boot), number)


async def test_a_run_is_seen_through(place: Workplace) -> None:
    """A worker claims, runs the job, closes the log, writes the state, and leaves nothing."""
    run = await place.ended(place.start("complete"))
    assert (run.state, run.reason, run.summary, run.head) == (
        State.COMPLETED,
        Reason.VERIFIED,
        "Done.",
        "abc",
    )
    assert [event.kind for event in log_of(run)] == ["run", "state", "text", "cost", "git", "state"]
    path = Path(run.log)
    assert path.parent == place.state.logs_of(Path("/project"), "demo-1")
    assert path.name.endswith("-work.jsonl")
    assert sorted(each.suffix for each in path.parent.iterdir()) == [".jsonl", ".log"]
    assert "working" in readable_path(path).read_text()
    assert place.output() == ""


async def test_two_logs_of_one_second_are_two_files(place: Workplace) -> None:
    """Runs of one bead that begin in the same second do not share a log."""
    runs = [await place.ended(place.start("complete")) for _ in range(4)]
    assert len({run.log for run in runs}) == 4
    for run in runs:
        log_of(run)


async def test_a_worker_is_no_descendant_of_who_started_it(place: Workplace) -> None:
    """An editor that ends everything below its server does not find the worker; it has a session apart."""
    os.environ[EXECUTION_MARK] = "some-other-run"
    try:
        run = place.start("wait")
    finally:
        del os.environ[EXECUTION_MARK]
    run = await place.in_phase(run, "agent")
    assert run.worker is not None
    assert os.getsid(run.worker.pid) != os.getsid(0)
    above = [run.worker.pid]
    while above[-1] > 1:
        row = row_of(above[-1])
        assert row is not None
        above.append(row.parent)
    assert os.getpid() not in above
    assert Path(f"/proc/{run.worker.pid}/fd/0").readlink() == Path("/dev/null")
    assert not marked(EXECUTION_MARK, "some-other-run")


async def test_what_a_job_leaves_behind_is_ended_before_the_state_is_written(place: Workplace) -> None:
    """The moment the store says completed, the deaf grandchild in its own session is gone."""
    run = place.start("leave")
    await eventually("the end of the run", lambda: not place.store.get(run.id).active)
    done = place.store.get(run.id)
    assert done.session
    assert place.left(run) == []
    assert identity(int(done.session)) is None  # reaped by the worker, too
    assert "left behind" in str([event.data for event in log_of(done)])


async def test_cancel_ends_the_tree_and_says_cancelled(place: Workplace) -> None:
    """A cancelled run is cancelled when `stop_worker` returns, and its deaf grandchild is gone."""
    run = await place.in_phase(place.start("wait"), "agent")
    deaf = grandchild_of(run)
    await stop_worker(place.store, place.state, run.id, Intent.CANCEL, patience=30)
    done = place.store.get(run.id)
    assert (done.state, done.reason, done.intent) == (State.CANCELLED, Reason.CANCELLED, Intent.CANCEL)
    assert not running(deaf)
    assert place.left(run) == []
    log_of(done)


async def test_an_intent_without_a_signal_is_heard(place: Workplace) -> None:
    """A worker looks into the store by itself: an intent whose writer died before its signal still counts."""
    run = await place.in_phase(place.start("wait"), "agent")
    place.store.intend(run.id, Intent.CANCEL)
    assert (await place.ended(run)).state is State.CANCELLED


async def test_a_bare_signal_is_an_interruption(place: Workplace) -> None:
    """A worker that is told to end with no intent in the store says interrupted, not cancelled."""
    for number in (signal.SIGTERM, signal.SIGINT):
        run = await place.in_phase(place.start("wait"), "agent")
        deaf = grandchild_of(run)
        signal_worker(run, number)
        done = await place.ended(run)
        assert (done.state, done.reason) == (State.FAILED, Reason.INTERRUPTED)
        assert not running(deaf)
        log_of(done)


async def test_a_hang_up_ends_nothing(place: Workplace) -> None:
    """A terminal that goes away does not take the run along."""
    run = await place.in_phase(place.start("wait"), "agent")
    signal_worker(run, signal.SIGHUP)
    await stop_worker(place.store, place.state, run.id, Intent.CANCEL, patience=30)
    assert place.store.get(run.id).state is State.CANCELLED


async def test_a_stopped_job_that_claims_to_be_done_is_cancelled(place: Workplace) -> None:
    """The intent decides, not what the job says afterwards; what it found is kept."""
    run = await place.in_phase(place.start("claim_done"), "agent")
    await stop_worker(place.store, place.state, run.id, Intent.CANCEL, patience=30)
    done = place.store.get(run.id)
    assert (done.state, done.head) == (State.CANCELLED, "abc")


async def test_work_that_was_completed_before_it_heard_stays_completed(place: Workplace) -> None:
    """A cancel that comes when the work is recorded comes too late, and the log says so."""
    run = await place.in_phase(place.start("finish_late"), "recording")
    place.store.intend(run.id, Intent.CANCEL)
    done = await place.ended(run)
    assert (done.state, done.intent) == (State.COMPLETED, Intent.CANCEL)
    assert "too late" in str([event.data for event in log_of(done)])


async def test_a_job_that_cleans_up_for_ever_is_given_up(place: Workplace) -> None:
    """After its time for cleaning up the job is cancelled, and the run ends as intended."""
    run = await place.in_phase(place.start("stay"), "agent")
    await stop_worker(place.store, place.state, run.id, Intent.CANCEL, patience=30)
    done = place.store.get(run.id)
    assert done.state is State.CANCELLED
    assert "given up" in str([event.data for event in log_of(done)])


async def test_a_worker_that_hears_nothing_is_ended_with_its_tree(place: Workplace) -> None:
    """After `patience` the whole tree is killed, and the state still says what was intended."""
    run = await place.in_phase(place.start("block"), "agent")
    deaf = grandchild_of(run)
    await stop_worker(place.store, place.state, run.id, Intent.CANCEL, patience=0.2)
    done = place.store.get(run.id)
    assert (done.state, done.reason) == (State.CANCELLED, Reason.CANCELLED)
    assert done.worker is not None
    assert not alive(done.worker)
    assert not running(deaf)
    log_of(done)


async def test_a_queued_run_is_cancelled_without_a_worker(place: Workplace) -> None:
    """Nobody is signalled for a run that nobody works on."""
    run = place.order("complete")
    await stop_worker(place.store, place.state, run.id, Intent.CANCEL, patience=0)
    assert place.store.get(run.id).state is State.CANCELLED


async def test_the_wall_clock_is_the_workers_own(place: Workplace) -> None:
    """With no editor open a run that takes too long ends as timed out, its intent written first."""
    run = place.start("wait", limit=0.3)
    done = await place.ended(run)
    assert (done.state, done.reason, done.intent) == (State.TIMEOUT, Reason.TIMEOUT, Intent.TIMEOUT)
    assert done.intent_at is not None
    assert done.ended_at is not None
    assert done.intent_at <= done.ended_at
    assert place.left(run) == []
    log_of(done)


@pytest.mark.parametrize(
    ("job", "reason", "said"),
    [
        ("defect", Reason.DEFECT, "log has the details"),
        ("runner", Reason.RUNNER, "The box does not open"),
        ("no_space", Reason.STORAGE, "No space left"),
    ],
)
async def test_a_job_that_raises_is_a_failed_run(
    place: Workplace, job: str, reason: Reason, said: str
) -> None:
    """Whatever a job raises becomes a state with a reason; a traceback goes to the log alone."""
    run = await place.ended(place.start(job))
    assert (run.state, run.reason) == (State.FAILED, reason)
    assert said in run.summary
    assert "Traceback" not in run.summary
    (error,) = [event for event in log_of(run) if event.kind == "error"]
    words = {"defect": "words of the mistake", "runner": "words of the tool", "no_space": "Errno 28"}
    assert words[job] in str(error.data["detail"])
    assert place.output() == ""


async def test_a_field_that_no_execution_has_does_not_lose_the_end(place: Workplace) -> None:
    """A mistake in a conclusion is said in the log; the state is written all the same."""
    run = await place.ended(place.start("strange_fields"))
    assert (run.state, run.head) == (State.COMPLETED, "abc")
    assert "nonsense" in str([event.data for event in log_of(run)])


async def test_a_killed_worker_is_recovered(place: Workplace) -> None:
    """After SIGKILL recovery ends what is left, closes the log that was cut, and says interrupted."""
    run = await place.in_phase(place.start("wait"), "agent")
    other = await place.in_phase(place.start("wait", bead="demo-2"), "agent")
    deaf = grandchild_of(run)
    assert run.worker is not None
    worker = run.worker
    assert await recover(place.store, place.state) == ()
    signal_worker(run, signal.SIGKILL)
    await eventually("the worker's death", lambda: not alive(worker))
    cut_off_line(run)
    assert [each.id for each in await recover(place.store, place.state)] == [run.id]
    done = place.store.get(run.id)
    assert (done.state, done.reason) == (State.FAILED, Reason.INTERRUPTED)
    assert not running(deaf)
    assert "was cut" in str([event.data for event in log_of(done)])
    assert place.store.get(other.id) == other
    assert identity(int(other.session)) is not None


async def test_recovery_says_what_was_intended(place: Workplace) -> None:
    """A worker that died after somebody wrote an intent leaves a cancelled run, not an interrupted one."""
    run = place.order("wait")
    place.store.claim(Worker(2**22 + 1, 1.0, this_worker().boot), Queue(3))
    place.store.intend(run.id, Intent.CANCEL)
    (done,) = await recover(place.store, place.state)
    assert (done.state, done.reason) == (State.CANCELLED, Reason.CANCELLED)


async def test_a_worker_that_died_before_its_last_word_to_the_store_is_believed(place: Workplace) -> None:
    """Where the log was closed and only the store not told, recovery writes what the log says."""
    run = place.order("wait")
    place.store.claim(Worker(2**22 + 1, 1.0, this_worker().boot), Queue(3))
    path = place.state.root / "x.jsonl"
    place.store.note(run.id, log=os.fspath(path), head="abc")
    log = EventLog.create(path)
    log.write(EventKind.STATE, state="completed", phase=None, reason="verified", summary="Did it.")
    log.close()
    (done,) = await recover(place.store, place.state)
    assert (done.state, done.reason, done.summary) == (State.COMPLETED, Reason.VERIFIED, "Did it.")
    assert len(log_of(done)) == 1


async def test_a_question_that_only_the_log_holds_can_be_answered(place: Workplace) -> None:
    """A worker of an older version, which an upgrade finds at work, rests with a question but no Ask."""
    run = place.order("wait")
    place.store.claim(Worker(2**22 + 1, 1.0, this_worker().boot), Queue(3))
    path = place.state.root / "x.jsonl"
    place.store.note(run.id, log=os.fspath(path))
    log = EventLog.create(path)
    log.write(EventKind.STATE, state="needs_input", phase=None, reason="agent-asks", summary="Which one?")
    log.close()
    (done,) = await recover(place.store, place.state)
    assert (done.state, done.live) == (State.NEEDS_INPUT, False)
    assert done.ask is not None
    assert done.ask.text == "Which one?"


async def test_a_store_that_is_held_for_longer_than_usual_costs_no_run(place: Workplace) -> None:
    """The worker says so in the log, and waits: its agent may have worked for hours."""
    run = await place.in_phase(place.start("hold"), "agent")
    with contextlib.closing(sqlite3.connect(place.state.database, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        (place.state.root / "gate").touch()
        log = Path(run.log)
        await eventually("a word about it", lambda: "was held by another process" in log.read_text())
        holder.execute("ROLLBACK")
    done = await place.ended(run)
    assert (done.state, done.cost_usd) == (State.COMPLETED, 0.5)


async def test_of_several_that_recover_one_does_it(place: Workplace) -> None:
    """Recovering at once in several connections closes a log once."""
    run = await place.in_phase(place.start("wait"), "agent")
    assert run.worker is not None
    worker = run.worker
    signal_worker(run, signal.SIGKILL)
    await eventually("the worker's death", lambda: not alive(worker))
    stores = [Store(place.state.database) for _ in range(4)]
    found = await asyncio.gather(*(recover(store, place.state) for store in stores))
    assert [each.id for some in found for each in some] == [run.id]
    final = [event for event in log_of(place.store.get(run.id)) if event.data.get("state") == "failed"]
    assert len(final) == 1
    for store in stores:
        store.close()


async def test_a_run_that_ends_while_it_is_looked_at_is_left_as_it_is(
    place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its worker wrote the end and was gone between a look at the store and one at the processes."""
    run = place.order("wait")
    seen = place.store.claim(Worker(2**22 + 1, 1.0, this_worker().boot), Queue(3))
    place.store.finish(run.id, State.COMPLETED, reason=Reason.VERIFIED, summary="Did it.")
    monkeypatch.setattr(place.store, "live", lambda: [seen])
    assert await recover(place.store, place.state) == []
    assert place.store.get(run.id).state is State.COMPLETED


async def test_a_log_that_cannot_be_closed_does_not_keep_a_run_running(place: Workplace) -> None:
    """Recovery writes the state, and the state says what became of the log."""
    run = place.order("wait")
    place.store.claim(Worker(2**22 + 1, 1.0, this_worker().boot), Queue(3))
    place.store.note(run.id, log=f"{place.state.database}/below/x.jsonl")
    (done,) = await recover(place.store, place.state)
    assert done.reason is Reason.INTERRUPTED
    assert "x.jsonl" in done.summary


async def test_a_reused_pid_is_neither_alive_nor_signalled(place: Workplace) -> None:
    """A process that has the number of a dead worker is left alone by cancel and recovery alike."""
    stranger = await asyncio.create_subprocess_exec("sleep", "3600")
    try:
        real = identity(stranger.pid)
        assert real is not None
        assert alive(Worker(real.pid, real.started, real.boot))
        for bead, claimed in (
            ("demo-1", Worker(real.pid, real.started - 0.01, real.boot)),
            ("demo-2", Worker(real.pid, real.started, "another boot")),
        ):
            assert not alive(claimed)
            run = place.order("wait", bead)
            place.store.claim(claimed, Queue(3))
            await stop_worker(place.store, place.state, run.id, Intent.CANCEL, patience=0)
            assert place.store.get(run.id).state is State.CANCELLED
        assert stranger.returncode is None
        assert identity(stranger.pid) == real
    finally:
        stranger.kill()
        await stranger.wait()


async def test_ten_queued_and_three_slots(place: Workplace) -> None:
    """However many pump at once, never more than three run; all ten are done, each once."""
    runs = [place.order("count", f"demo-{number}") for number in range(10)]
    for _ in range(3):
        start_workers(place.store, Queue(3), place.argv(), place.state)
    await eventually("all are done", lambda: place.store.counts() == (0, 0), within=60)
    done = [await place.ended(run) for run in runs]
    assert {run.state for run in done} == {State.COMPLETED}
    assert all(1 <= int(run.branch) <= 3 for run in done)
    assert len({run.worker for run in done}) == 10
    spans = sorted((run.started_at or 0, run.ended_at or 0) for run in done)
    for began, _ in spans:
        assert sum(start <= began < end for start, end in spans) <= 3
    assert place.output() == ""


async def test_the_pump_starts_nothing_without_need(place: Workplace) -> None:
    """No slot, or nothing queued: no process."""
    assert start_workers(place.store, Queue(3), ["/nonexistent"], place.state) == 0
    place.order("complete")
    assert start_workers(place.store, Queue(0), ["/nonexistent"], place.state) == 0
    assert not place.state.worker_output.exists()


async def test_a_worker_that_is_coming_counts(place: Workplace) -> None:
    """Many may ask while a process begins: one is started for each run; who never came is forgotten."""
    place.order("complete", "demo-1")
    place.order("complete", "demo-2")
    idle = [sys.executable, "-c", "pass"]
    assert [start_workers(place.store, Queue(3), idle, place.state) for _ in range(3)] == [2, 0, 0]
    signs = list((place.state.locks / "coming").iterdir())
    for sign in signs:
        os.utime(sign, (1.0, 1.0))
    assert start_workers(place.store, Queue(3), place.argv(), place.state) == 2
    await eventually("all are done", lambda: place.store.counts() == (0, 0), within=60)
    assert not list((place.state.locks / "coming").iterdir())


async def test_a_worker_program_that_is_missing_is_said_and_keeps_the_queue(place: Workplace) -> None:
    """A worker that cannot start leaves its words in the workers' output, and the run in the queue."""
    run = place.order("complete")
    assert start_workers(place.store, Queue(1), ["/nonexistent/worker"], place.state) == 1
    await eventually("the shell's words", lambda: "/nonexistent/worker" in place.output())
    assert place.store.get(run.id).state is State.QUEUED


async def test_a_follower_reads_a_run_from_queue_to_end(place: Workplace) -> None:
    """Who follows a run while it goes on has read the whole log when the store says that it ended."""
    run = place.start("complete")
    await eventually("the log", lambda: place.store.get(run.id).log)
    path = Path(place.store.get(run.id).log)
    seen: list[Event] = []
    async for batch in follow(path, 0, lambda: not place.store.get(run.id).active):
        seen += batch
    assert seen == log_of(place.store.get(run.id))


SMALL_DISK = """
mount -t tmpfs -o size=2m tmpfs "$1" && exec "$2" "$3" "$1/state"
"""


def _own_mounts() -> list[str]:
    unshare = shutil.which("unshare")
    argv = [unshare or "unshare", "--user", "--map-root-user", "--mount"]
    if unshare is None or subprocess.run([*argv, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine gives no mounts of one's own (unshare --user --mount)")
    return [*argv, "/bin/sh", "-c", SMALL_DISK, "sh"]


def test_a_full_disk_ends_a_run_as_failed_for_storage(tmp_path: Path) -> None:
    """On a disk of two megabytes that the job fills up, the final state is still recorded, and says why."""
    argv = [*_own_mounts(), os.fspath(tmp_path), sys.executable, os.fspath(PROGRAM.with_name("full_disk.py"))]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    state, reason, summary, last = done.stdout.splitlines()
    assert (state, reason) == ("failed", "storage")
    assert "disk is full" in summary
    assert last == "failed"


def test_a_log_on_a_full_disk_fails_once_and_then_counts(tmp_path: Path) -> None:
    """The first event that finds no room raises; a log that has room again says how many were lost."""
    argv = [*_own_mounts(), os.fspath(tmp_path), sys.executable, os.fspath(PROGRAM.with_name("full_log.py"))]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["raised once", "4 events before this could not be written.", "after"]


async def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """A lock folder that cannot be made is an error of one sentence, for the pump and for recovery."""
    place = Workplace(tmp_path / "state")
    place.state.locks.write_text("a file in the way")
    place.order("complete")
    with pytest.raises(StoreError, match="cannot be started"):
        start_workers(place.store, Queue(1), ["true"], place.state)
    place.store.claim(Worker(2**22 + 1, 1.0, this_worker().boot), Queue(3))
    with pytest.raises(StoreError, match="cannot be recovered"):
        await recover(place.store, place.state)
    place.store.close()


def states_in(run: Execution) -> list[str]:
    """Give the states that the log of a run tells, in their order."""
    return [str(event.data["state"]) for event in log_of(run) if event.kind == "state"]


def kinds_in(run: Execution) -> list[str]:
    """Give the kinds of the events that a run has written by now."""
    return [event.kind for event in read_events(Path(run.log))]


async def in_state(place: Workplace, run: Execution, state: State) -> Execution:
    """Wait until a run is in a state."""
    await eventually(f"{state}: {place.output()}", lambda: place.store.get(run.id).state is state)
    return place.store.get(run.id)


async def test_the_first_line_of_a_log_says_all_that_was_ordered(place: Workplace) -> None:
    """A store that was lost can be made anew: the header holds the order, the time and the worker."""
    run = await place.ended(place.start("complete"))
    header = log_of(run)[0]
    assert header.kind == EventKind.RUN
    order = header.data["order"]
    assert isinstance(order, dict)
    assert (order["project"], order["bead"], order["script"]) == ("/project", "demo-1", "complete")
    assert run.worker is not None
    assert header.data["worker"] == attrs.asdict(run.worker)
    assert (header.data["run"], header.data["queuedAt"]) == (run.id, run.queued_at)
    assert (header.data["attempt"], header.data["retryOf"], header.data["resumed"]) == (1, "", 0)


async def test_an_answer_reaches_a_run_that_waits_live(place: Workplace) -> None:
    """The run says needs_input while it waits with its worker, and goes on with what a person said."""
    run = await in_state(place, place.start("ask", limit=0.5), State.NEEDS_INPUT)
    assert run.live
    assert run.ask is not None
    assert run.ask.questions[0].choices[1].label == "right"
    place.store.inbox.send(run.id, Message(MessageKind.ANSWER, ("right",), ask=run.ask.id))
    signal_worker(run, signal.SIGHUP)
    done = await place.ended(run)
    assert (done.state, done.ask) == (State.COMPLETED, None)
    assert states_in(done) == ["running", "running", "needs_input", "running", "completed"]
    (answer,) = [event for event in log_of(done) if event.kind == "answer"]
    assert answer.data["text"] == "right"


async def test_the_wall_clock_stands_still_while_a_person_is_asked(place: Workplace) -> None:
    """A run whose limit is long over by the time of the day goes on waiting; it used nothing of it."""
    run = await in_state(place, place.start("ask", limit=2.0), State.NEEDS_INPUT)
    asked = time.monotonic()
    await eventually("the limit is over", lambda: time.monotonic() - asked > 2.5)
    assert place.store.get(run.id).state is State.NEEDS_INPUT
    place.store.inbox.send(run.id, Message(MessageKind.ANSWER, ("left",), ask="ask-1"))
    done = await place.ended(run)
    assert done.state is State.COMPLETED
    assert done.used < 2.0


@pytest.mark.parametrize(
    ("intent", "state"), [(Intent.CANCEL, State.CANCELLED), (Intent.PAUSE, State.PAUSED)]
)
async def test_a_run_that_waits_live_can_be_ended(place: Workplace, intent: Intent, state: State) -> None:
    """Cancel and pause reach a worker whose agent waits for an answer, and nothing stays asked."""
    run = await in_state(place, place.start("ask"), State.NEEDS_INPUT)
    await stop_worker(place.store, place.state, run.id, intent, patience=30)
    done = place.store.get(run.id)
    assert (done.state, done.ask) == (state, None)
    assert states_in(done)[-1] == state.value


async def test_a_paused_run_goes_on_in_its_own_log(place: Workplace) -> None:
    """Pause ends the worker with its tree and keeps the session; resuming goes on in the same file."""
    run = await place.in_phase(place.start("wait"), "agent")
    deaf = grandchild_of(run)
    await stop_worker(place.store, place.state, run.id, Intent.PAUSE, patience=30)
    paused = place.store.get(run.id)
    assert (paused.state, paused.reason, paused.worker, paused.intent) == (
        State.PAUSED,
        Reason.PAUSED,
        None,
        None,
    )
    assert paused.session == run.session
    assert not running(deaf)
    assert paused.used > 0
    place.store.requeue(run.id)
    assert start_workers(place.store, Queue(3), place.argv(), place.state) == 1
    again = await place.in_phase(run, "agent")
    assert (again.log, again.resumed, again.session != paused.session) == (run.log, 1, True)
    await stop_worker(place.store, place.state, run.id, Intent.CANCEL, patience=30)
    done = place.store.get(run.id)
    assert done.used > paused.used
    assert states_in(done) == ["running", "running", "paused", "running", "running", "cancelled"]
    headers = [event for event in log_of(done) if "resumed" in event.data]
    assert [event.data["resumed"] for event in headers] == [0, 1]


async def test_a_run_rests_until_its_answer_comes(place: Workplace) -> None:
    """A question that nobody answers gives the slot back; the answer is there when the run goes on."""
    run = place.start("park")
    rested = await in_state(place, run, State.NEEDS_INPUT)
    assert (rested.live, rested.active, rested.session, rested.told) == (False, False, "kept", True)
    assert rested.ask is not None
    assert place.store.counts() == (0, 0)
    place.store.inbox.send(run.id, Message(MessageKind.ANSWER, ("right",), ask=rested.ask.id))
    place.store.requeue(run.id)
    start_workers(place.store, Queue(3), place.argv(), place.state)
    done = await place.ended(run)
    assert (done.state, done.summary, done.ask) == (State.COMPLETED, "right, True", None)


async def test_the_log_of_a_run_that_rests_has_an_end_for_its_followers(place: Workplace) -> None:
    """Who follows a run stops at its rest, and who follows it later reads all of it, in order."""
    run = await in_state(place, place.start("park"), State.NEEDS_INPUT)
    path = Path(run.log)
    seen = [
        event
        async for batch in follow(path, 0, lambda: not place.store.get(run.id).active)
        for event in batch
    ]
    assert seen == log_of(run)
    assert seen[-1].data["state"] == "needs_input"
    place.store.inbox.send(run.id, Message(MessageKind.ANSWER, ("left",), ask="ask-1"))
    place.store.requeue(run.id)
    start_workers(place.store, Queue(3), place.argv(), place.state)
    last = seen[-1].seq
    more = [
        event
        async for batch in follow(path, last, lambda: not place.store.get(run.id).active)
        for event in batch
    ]
    assert seen + more == log_of(place.store.get(run.id))
    assert more[-1].data["state"] == "completed"


async def test_a_log_that_was_deleted_begins_anew(place: Workplace) -> None:
    """A run that goes on without its old log does so in a new one."""
    run = await in_state(place, place.start("park"), State.NEEDS_INPUT)
    Path(run.log).unlink()
    place.store.requeue(run.id)
    start_workers(place.store, Queue(3), place.argv(), place.state)
    done = await in_state(place, run, State.NEEDS_INPUT)
    assert log_of(done)[0].data["resumed"] == 1


async def test_a_pause_that_comes_when_the_work_is_done_comes_too_late(place: Workplace) -> None:
    """Completed work stays completed."""
    run = await place.in_phase(place.start("finish_late"), "recording")
    place.store.intend(run.id, Intent.PAUSE)
    assert (await place.ended(run)).state is State.COMPLETED


async def test_a_run_that_rests_for_an_answer_is_not_paused_away(place: Workplace) -> None:
    """A pause that meets a run on its way to rest leaves it its question; a cancel ends it."""
    run = await place.in_phase(place.start("park_late"), "recording")
    place.store.intend(run.id, Intent.PAUSE)
    rested = await in_state(place, run, State.NEEDS_INPUT)
    assert rested.ask is not None
    assert rested.intent is None
    other = await place.in_phase(place.start("park_late", bead="demo-2"), "recording")
    place.store.intend(other.id, Intent.CANCEL)
    assert (await place.ended(other)).state is State.CANCELLED


async def test_messages_come_as_they_are_said(place: Workplace) -> None:
    """What was said before the worker looked comes first; a hang-up signal makes it look at once."""
    run = place.order("hear")
    place.store.inbox.send(run.id, Message(MessageKind.TELL, ("first",)))
    start_workers(place.store, Queue(3), place.argv(), place.state)
    run = await place.in_phase(run, "agent")
    await eventually("the first", lambda: "message" in kinds_in(run))
    place.store.inbox.send(run.id, Message(MessageKind.TELL, ("second",)))
    signal_worker(run, signal.SIGHUP)
    done = await place.ended(run)
    assert [event.data["text"] for event in log_of(done) if event.kind == "message"] == ["first", "second"]
    assert place.store.inbox.take(run.id) == ()


async def test_a_silent_agent_is_warned_of_once_and_then_ended(place: Workplace) -> None:
    """One note for the silence, then the intent, then the end as timed out for silence."""
    done = await place.ended(place.start("silent"))
    assert (done.state, done.reason, done.intent) == (State.TIMEOUT, Reason.SILENT, Intent.SILENCE)
    notes = [event.data["text"] for event in log_of(done) if event.kind == "note"]
    assert [str(note).startswith("Nothing was heard of the agent") for note in notes].count(True) == 1


async def test_what_passes_is_tried_again(place: Workplace) -> None:
    """A conclusion with a next attempt queues it in the same step, linked both ways."""
    first = await place.ended(place.start("passing"))
    assert (first.state, first.reason) == (State.FAILED, Reason.PASSING)
    second = place.store.get(first.retried_by)
    await place.ended(second)
    third = await place.ended(place.store.get(place.store.get(second.id).retried_by))
    assert (second.retry_of, second.attempt, third.attempt) == (first.id, 2, 3)
    assert third.state is State.COMPLETED


GONE = Worker(2**22 + 1, 1.0, "another boot")


async def test_a_question_outlives_the_worker(place: Workplace) -> None:
    """An agent waited live when its worker was killed: with its session it waits on, for the same answer."""
    run = await in_state(place, place.start("ask"), State.NEEDS_INPUT)
    worker = run.worker
    assert worker is not None
    signal_worker(run, signal.SIGKILL)
    await eventually("the worker's death", lambda: not alive(worker))
    (kept,) = await recover(place.store, place.state)
    assert (kept.state, kept.reason, kept.live, kept.ask, kept.session) == (
        State.NEEDS_INPUT,
        Reason.AGENT_ASKS,
        False,
        run.ask,
        "kept",
    )
    assert states_in(kept)[-1] == "needs_input"
    assert await recover(place.store, place.state) == ()


async def test_a_question_without_a_session_is_lost_with_the_worker(place: Workplace) -> None:
    """Nobody could go on with the answer, so the run is interrupted and asks nothing."""
    run = place.order("ask")
    place.store.claim(GONE, Queue(3))
    place.store.begin_ask(run.id, Ask("x", AskKind.QUESTION, (Question("Which?"),)))
    (done,) = await recover(place.store, place.state)
    assert (done.state, done.reason, done.ask) == (State.FAILED, Reason.INTERRUPTED, None)


@pytest.mark.parametrize(("session", "state"), [("kept", State.PAUSED), ("", State.FAILED)])
async def test_a_pause_whose_worker_was_lost(place: Workplace, session: str, state: State) -> None:
    """It is paused when there is a session to go on with, else interrupted."""
    run = place.order("wait")
    place.store.claim(GONE, Queue(3))
    place.store.note(run.id, session=session)
    place.store.intend(run.id, Intent.PAUSE)
    (done,) = await recover(place.store, place.state)
    assert (done.state, done.session, done.live) == (state, session, False)


async def test_the_end_of_an_earlier_stretch_is_not_this_ones(place: Workplace) -> None:
    """A run that went on after a pause and lost its worker at once is interrupted."""
    run = await place.in_phase(place.start("wait"), "agent")
    await stop_worker(place.store, place.state, run.id, Intent.PAUSE, patience=30)
    place.store.requeue(run.id)
    place.store.claim(GONE, Queue(3))
    (done,) = await recover(place.store, place.state)
    assert (done.state, done.reason) == (State.FAILED, Reason.INTERRUPTED)
    assert states_in(done)[-2:] == ["paused", "failed"]


async def test_a_log_of_half_a_line_is_recovered(place: Workplace) -> None:
    """A worker that died in the middle of its first line leaves a log that can be read."""
    run = place.order("wait")
    place.store.claim(GONE, Queue(3))
    path = place.state.root / "x.jsonl"
    path.write_bytes(b'{"seq":1,"at":1.0,"kind":"run","order":{"proj')
    place.store.note(run.id, log=os.fspath(path))
    (done,) = await recover(place.store, place.state)
    assert done.reason is Reason.INTERRUPTED
    assert "was cut" in readable_path(path).read_text()
    log_of(done)


async def test_a_row_of_a_version_to_come_does_not_stop_recovery(place: Workplace) -> None:
    """What this version does not understand is left to the one that does; the others are recovered."""
    strange, plain = place.order("wait"), place.order("wait", "demo-2")
    place.store.claim(GONE, Queue(3))
    place.store.claim(GONE, Queue(3))
    other = sqlite3.connect(place.state.database)
    other.execute("UPDATE execution SET phase = 'dreaming' WHERE id = ?", (strange.id,))
    other.commit()
    other.close()
    assert [run.id for run in await recover(place.store, place.state)] == [plain.id]
