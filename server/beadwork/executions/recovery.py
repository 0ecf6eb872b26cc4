"""Recovery: runs whose worker is gone are ended, or rest if they can go on; nothing else is touched.

What it leaves out: telling the tracker, which is a workflow's.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs
import filelock

from beadwork.executions.asking import Ask, AskKind, Question
from beadwork.executions.ending import (
    Conclusion,
    conclusion_of_intent,
    conclusion_of_log,
    write_closing_event,
)
from beadwork.executions.events import EventKind
from beadwork.executions.identity import alive
from beadwork.executions.log import EventLog
from beadwork.executions.model import Execution, Intent, LogError, Reason, State
from beadwork.executions.places import reserve_path
from beadwork.executions.reading import read_events
from beadwork.executions.store import Store
from beadwork.processes import Ended, sweep
from beadwork.runners import EXECUTION_MARK
from beadwork.state_folder import StateFolder
from beadwork.storage import StoreError


async def recover(store: Store, state: StateFolder) -> Sequence[Execution]:
    """End each run that has a worker in the store and none in fact; give what became of them.

    What is left of its processes is ended, its log gets a closing event, its state says interrupted, or what
    was intended when somebody was ending it. With its agent's session kept, one that was to be paused is
    paused, and one whose agent waited for an answer goes on waiting. A worker that had closed its log has its
    word kept. Of several
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
    return [run for run in store.live() if run.worker is None or not alive(run.worker)]


async def _recovered(store: Store, run: Execution) -> Execution | None:
    """End `run`; None when its worker had written the end, and was gone only when we looked for it."""
    present = store.get(run.id)
    if not present.live or present.worker != run.worker:  # one that rested may go on with another worker
        return None
    ended = await sweep(EXECUTION_MARK, run.id)
    found = store.get(run.id)
    conclusion = _conclusion(found, ended)
    if run.log:
        try:
            conclusion = await asyncio.to_thread(_close_log, found, conclusion, ended)
        except LogError as error:
            # The state matters more than its log, and tells what became of that.
            conclusion = attrs.evolve(conclusion, summary=f"{conclusion.summary} {error}")
    # Where it rests, what it asked stays asked; any other state has no question.
    kept: dict[str, Any] = {}
    if conclusion.state is State.NEEDS_INPUT:
        kept = {"ask": found.ask or _asked(conclusion.summary)}
    state, reason, summary = conclusion.state, conclusion.reason, conclusion.summary
    return store.finish(run.id, state, reason=reason, summary=summary, **kept)


def _asked(words: str) -> Ask:
    """Give a question that can be answered: older workers said it in their last words alone."""
    return Ask("recovered", AskKind.QUESTION, (Question(words),))


def _conclusion(run: Execution, ended: Ended) -> Conclusion:
    conclusion = _of_what_is_known(run)
    if ended.survivors:
        pids = ", ".join(str(process.pid) for process in ended.survivors)
        words = f"{conclusion.summary} Some of its processes could not be ended: {pids}."
        conclusion = attrs.evolve(conclusion, summary=words)
    return conclusion


def _of_what_is_known(run: Execution) -> Conclusion:
    """Give what a run is whose worker is gone: with a session it rests where a person had it rest."""
    lost = Conclusion(State.FAILED, Reason.INTERRUPTED, "Interrupted: its worker is gone.")
    match run.intent:
        case Intent.PAUSE if not run.session:
            return lost
        case None if run.ask is not None and run.session:
            return Conclusion(State.NEEDS_INPUT, Reason.AGENT_ASKS, run.ask.text)
        case None:
            return lost
        case intent:
            return conclusion_of_intent(intent)


def _close_log(run: Execution, conclusion: Conclusion, ended: Ended) -> Conclusion:
    """Write the closing event. Where the worker had done so, and only not told the store, keep its word."""
    path = Path(run.log)
    written = conclusion_of_log(read_events(path), resumed=run.resumed)
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
