"""Recovery: runs whose worker is gone are ended for good, and nothing else is touched.

What it leaves out: telling the tracker, which is a workflow's.
"""

from collections.abc import Sequence
from pathlib import Path

import attrs
import filelock

from beadwork.executions.ending import (
    Conclusion,
    conclusion_of_intent,
    conclusion_of_log,
    write_closing_event,
)
from beadwork.executions.events import EventKind
from beadwork.executions.identity import alive
from beadwork.executions.log import EventLog
from beadwork.executions.model import Execution, LogError, Reason, State, StoreError
from beadwork.executions.places import reserve_path
from beadwork.executions.reading import read_events
from beadwork.executions.store import Store
from beadwork.processes import Ended, sweep
from beadwork.runners import EXECUTION_MARK
from beadwork.state_folder import StateFolder

_MANY = 1000


async def recover(store: Store, state: StateFolder) -> Sequence[Execution]:
    """End each run that says running and whose worker is gone; give what became of them.

    What is left of its processes is ended, its log gets a closing event, its state says interrupted, or what
    was intended when somebody was ending it; a worker that had closed its log has its word kept. Of several
    that recover at once one does it, the others give nothing. Raises StoreError.
    """
    if not _abandoned(store):
        return ()
    try:
        state.locks.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = filelock.FileLock(state.locks / "recovery.lock", mode=0o600)
        lock.acquire(blocking=False)
    except filelock.Timeout:
        return ()
    except OSError as error:
        raise StoreError(f"Runs cannot be recovered in {state.root}: {error.strerror or error}.") from error
    try:
        return [done for run in _abandoned(store) if (done := await _recovered(store, run)) is not None]
    finally:
        lock.release()


def _abandoned(store: Store) -> Sequence[Execution]:
    running = store.list(states=frozenset({State.RUNNING}), limit=_MANY)
    return [run for run in running if run.worker is None or not alive(run.worker)]


async def _recovered(store: Store, run: Execution) -> Execution | None:
    """End `run`; None when its worker had written the end, and was gone only when we looked for it."""
    if store.get(run.id).state is not State.RUNNING:
        return None
    ended = await sweep(EXECUTION_MARK, run.id)
    conclusion = _conclusion(store.get(run.id), ended)
    if run.log:
        path = Path(run.log)
        try:
            conclusion = _close_log(path, conclusion, ended)
        except LogError as error:
            # The state matters more than its log, and tells what became of that.
            conclusion = attrs.evolve(conclusion, summary=f"{conclusion.summary} {error}")
    return store.finish(run.id, conclusion.state, reason=conclusion.reason, summary=conclusion.summary)


def _conclusion(run: Execution, ended: Ended) -> Conclusion:
    conclusion = conclusion_of_intent(run.intent)
    if run.intent is None:
        conclusion = Conclusion(State.FAILED, Reason.INTERRUPTED, "Interrupted: its worker is gone.")
    if ended.survivors:
        pids = ", ".join(str(process.pid) for process in ended.survivors)
        words = f"{conclusion.summary} Some of its processes could not be ended: {pids}."
        conclusion = attrs.evolve(conclusion, summary=words)
    return conclusion


def _close_log(path: Path, conclusion: Conclusion, ended: Ended) -> Conclusion:
    """Write the closing event. Where the worker had done so, and only not told the store, keep its word."""
    written = conclusion_of_log(read_events(path))
    if written is not None:
        return written
    try:
        reserve_path(path).unlink(missing_ok=True)
    except OSError as error:
        raise LogError(f"The folder of the log {path} cannot be written: {error.strerror}.") from error
    log = EventLog.open(path)
    try:
        if ended.steps:
            log.write(EventKind.NOTE, text="Its worker was gone; the processes it left behind were ended.")
        write_closing_event(log, conclusion)
    finally:
        log.close()
    return conclusion
