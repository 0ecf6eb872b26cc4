"""The mechanics of a worker process: one execution from its claim to its final state.

The order at the end is the promise: the job is over, all its processes are gone, the log is complete, and
only then the store says how it ended. What it leaves out: what the job does (`workflows/`).
"""

import asyncio
import contextlib
import os
import signal
import traceback
from collections.abc import Awaitable, Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import attrs

from beadwork.errors import BeadworkError
from beadwork.executions.assignment import Assignment
from beadwork.executions.ending import Conclusion, conclusion_of_intent, write_closing_event
from beadwork.executions.events import EventKind
from beadwork.executions.identity import this_worker
from beadwork.executions.log import EventLog
from beadwork.executions.model import Execution, Intent, LogError, Reason, State
from beadwork.executions.places import new_log_path, reserve_path
from beadwork.executions.pump import arrived
from beadwork.executions.queries import Queue
from beadwork.executions.reasons import conclusion_of_error
from beadwork.executions.rebuilding import mend_store
from beadwork.executions.rows import NOTEWORTHY
from beadwork.executions.store import Store
from beadwork.executions.watch import Stopped, Watch
from beadwork.processes import become_subreaper, descendants, end_found, marked
from beadwork.runners import EXECUTION_MARK
from beadwork.state_folder import StateFolder
from beadwork.storage import StoreError

_RESERVE = 256 * 1024
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


Job = Callable[[Assignment], Awaitable[Conclusion]]


async def serve_one(
    store: Store,
    state: StateFolder,
    queue: Queue,
    job: Job,
    *,
    deadline: Callable[[Execution], float],
    log_path: Callable[[Execution], Path] | None = None,
    conclude: Callable[[BeadworkError | OSError], Conclusion] = conclusion_of_error,
    secrets: Callable[[Execution], Iterable[str]] = lambda _run: (),
    clean_up: float = 120.0,
) -> Execution | None:
    """Claim an execution for this process and see it through; give it as it ended, None where there is none.

    For a process of its own that does this once: at the end everything that descends from it is ended.
    `deadline` gives the seconds that a run may take in all; `log_path` where its log goes, if not into its
    ordinary place below `state`; `conclude` says how an error of ours ends it; `secrets` gives what is
    masked in its log. A run that was stopped has `clean_up` seconds to clean up, then its job is cancelled.
    Raises StoreError when not even the end can be written: recovery finds the run then.
    """
    watch = Watch(store, lambda: mend_store(state))
    with _hearing(watch):
        run = store.claim(this_worker(), queue)
        arrived()
        if run is None:
            return None
        os.environ[EXECUTION_MARK] = run.id
        become_subreaper()
        try:
            serving = _Serving(store, run, watch, job, deadline, conclude, tuple(secrets(run)), clean_up)
            if _goes_on(run):
                await _serve(serving, Path(run.log), resumed=True)
            else:
                await _serve(serving, log_path(run) if log_path else new_log_path(state, run), resumed=False)
        finally:
            del os.environ[EXECUTION_MARK]
    return store.get(run.id)


@attrs.frozen
class _Serving:
    store: Store
    run: Execution
    watch: Watch
    job: Job
    deadline: Callable[[Execution], float]
    conclude: Callable[[BeadworkError | OSError], Conclusion]
    secrets: tuple[str, ...]
    clean_up: float


def _goes_on(run: Execution) -> bool:
    """Whether `run` rested before, and its log is still there."""
    return run.resumed > 0 and run.log != "" and Path(run.log).is_file()


async def _serve(serving: _Serving, path: Path, *, resumed: bool) -> None:
    # Noted before it is made: whoever recovers this run finds the log, or the place for it.
    run = serving.store.note(serving.run.id, log=str(path))
    begun = EventLog.open if resumed else EventLog.create
    try:
        log = begun(path, secrets=serving.secrets)
    except LogError as error:
        _finish(serving, serving.conclude(error), None)
        return
    with contextlib.closing(log), _reserve(path) as release:
        assignment = Assignment(serving.store, run, log, serving.watch, resumed=resumed)
        conclusion = await _worked(serving, assignment)
        conclusion = _decided(serving, conclusion, log)
        await _sweep(run.id, log)
        release()
        _finish(serving, conclusion, log)


async def _worked(serving: _Serving, assignment: Assignment) -> Conclusion:
    """Run the job under the watch, and give how it ended, whatever it raises."""

    async def work() -> Conclusion:
        serving.watch.begin(assignment.run, serving.deadline(assignment.run), assignment.log)
        assignment.begin()
        return await serving.job(assignment)

    task = asyncio.create_task(work())
    watching = asyncio.create_task(serving.watch.run(task, serving.clean_up))
    await asyncio.wait({task})
    watching.cancel()
    await asyncio.wait({watching})
    if not watching.cancelled() and (error := watching.exception()) is not None:
        _say(assignment.log, "The watch over this run failed.", error)
    return _concluded(serving, assignment, task)


def _concluded(serving: _Serving, assignment: Assignment, task: asyncio.Task[Conclusion]) -> Conclusion:
    if task.cancelled():
        return conclusion_of_intent(serving.watch.intent)
    match task.exception():
        case None:
            conclusion = task.result()
            strange = set(conclusion.fields) - NOTEWORTHY
            if strange:
                _say(assignment.log, f"The job gave fields that are not kept: {sorted(strange)}.", None)
                known = {name: value for name, value in conclusion.fields.items() if name in NOTEWORTHY}
                conclusion = attrs.evolve(conclusion, fields=known)
            return conclusion
        case Stopped() as stopped:
            return conclusion_of_intent(stopped.intent)
        case BeadworkError() | OSError() as error:
            _say(assignment.log, str(error), error)
            return serving.conclude(error)
        case error:
            _say(assignment.log, "Beadwork itself made a mistake.", error)
            words = f"A mistake in Beadwork itself ({type(error).__name__}); the log has the details."
            return Conclusion(State.FAILED, Reason.DEFECT, words)


def _decided(serving: _Serving, conclusion: Conclusion, log: EventLog) -> Conclusion:
    """Let who ended the run have the word: neither exit codes nor a job know why it ended.

    Only work that was completed before the job heard of it stays completed: its bead says so already. And a
    run that waits for an answer is at rest: neither a pause nor a bare signal takes its question away.
    """
    try:
        intent = serving.store.get(serving.run.id).intent or serving.watch.intent
    except StoreError as error:
        _say(log, str(error), error)
        intent = serving.watch.intent
    if intent is None and not serving.watch.raised:
        return conclusion
    if conclusion.state is State.COMPLETED and not serving.watch.raised:
        _note(log, f"The {intent} came too late: the work was completed.")
        return conclusion
    if conclusion.state is State.NEEDS_INPUT and intent in {None, Intent.PAUSE}:
        return conclusion
    wanted = conclusion_of_intent(intent)
    if conclusion.state is wanted.state:
        return conclusion
    return attrs.evolve(wanted, fields=conclusion.fields)


async def _sweep(run: str, log: EventLog) -> None:
    """End all that carries the mark of the run or descends from this process."""
    ended = await end_found(
        lambda: list(dict.fromkeys([*descendants(os.getpid()), *marked(EXECUTION_MARK, run)])), grace=0.0
    )
    if ended.steps:
        _note(log, f"Processes that were left behind have been ended ({', '.join(ended.steps)}).")
    if ended.survivors:
        pids = ", ".join(str(process.pid) for process in ended.survivors)
        _say(log, f"Some processes of the run could not be ended: {pids}.", None)


def _finish(serving: _Serving, conclusion: Conclusion, log: EventLog | None) -> None:
    fields: dict[str, Any] = {name: value for name, value in conclusion.fields.items() if name != "summary"}
    used = serving.watch.used
    fields["used"] = used
    if log is not None:
        # Should this process die between the closing event and the state, recovery takes the end from the
        # log, and finds the rest here. What cannot be written now is tried once more with the state.
        with contextlib.suppress(StoreError):
            serving.watch.mending(lambda: serving.store.note(serving.run.id, **fields))
        try:
            write_closing_event(log, conclusion, used=used)
        except LogError as error:
            # The state is written all the same, and tells what became of the log.
            conclusion = attrs.evolve(conclusion, summary=f"{conclusion.summary} {error}")
    serving.watch.patiently(
        lambda: serving.store.finish(
            serving.run.id,
            conclusion.state,
            reason=conclusion.reason,
            summary=conclusion.summary,
            again=conclusion.again,
            **fields,
        )
    )


def _say(log: EventLog, text: str, error: BaseException | None) -> None:
    """Write an error into the log; where the log itself is broken, the final state tells of it."""
    detail = "".join(traceback.format_exception(error)) if error is not None else ""
    code = error.code if isinstance(error, BeadworkError) else Reason.DEFECT.value
    if isinstance(error, BeadworkError):
        detail = error.detail
    with contextlib.suppress(LogError):
        log.write(EventKind.ERROR, text=text, code=code, detail=detail)


def _note(log: EventLog, text: str) -> None:
    with contextlib.suppress(LogError):
        log.write(EventKind.NOTE, text=text)


@contextlib.contextmanager
def _hearing(watch: Watch) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        loop.add_signal_handler(number, watch.hear, number)
    try:
        yield
    finally:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)
            # One that comes too late must not keep the process from its last duty, starting the next worker.
            signal.signal(number, _too_late)


def _too_late(_number: int, _frame: object) -> None:
    """Take no note of a signal; unlike one that is ignored, this is not inherited by what is started."""


@contextlib.contextmanager
def _reserve(log: Path) -> Iterator[Callable[[], None]]:
    """Keep some bytes of the disk back until `release`, for the end of a run to be written on a full disk."""
    path = reserve_path(log)

    def release() -> None:
        with contextlib.suppress(OSError):  # without it, the end has to do with the room there is
            path.unlink(missing_ok=True)

    with contextlib.suppress(OSError):
        path.write_bytes(bytes(_RESERVE))
    try:
        yield release
    finally:
        release()
