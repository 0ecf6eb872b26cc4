"""Beads that do not know yet how a run of theirs ended, or that it waits for an answer.

Its worker was lost, the tracker was out of reach, or it was cancelled when it rested and had no worker. A
worker that was lost could not take back the login it had lent either, so that is done first.

What it leaves out: the runs whose worker told the bead itself (`working/work.py`).
"""

import asyncio
import contextlib
from collections.abc import Sequence
from pathlib import Path

import filelock

from beadwork.agents import withdraw_login
from beadwork.beads import Change, Tracker, TrackerError
from beadwork.checkouts import CheckoutBusy, CheckoutError, Evidence, GitMissing
from beadwork.errors import BeadworkError
from beadwork.executions import (
    FINAL,
    UNFINISHED,
    EventKind,
    Execution,
    ExecutionNotFound,
    State,
    Verb,
    read_events,
)
from beadwork.workflows.gating.telling import report_in
from beadwork.workflows.house import House
from beadwork.workflows.reviews import tell_of_review
from beadwork.workflows.telling.blockers import TRACKER_IS_AWAY, Blocked, depend_on_blocker
from beadwork.workflows.telling.report import Report, tell
from beadwork.workflows.working.claiming import is_own
from beadwork.workflows.working.verdict import sentence_of

RECENT = 200
"""How many of the newest ended runs are looked at."""


async def tell_the_untold(house: House) -> Sequence[str]:
    """Tell each bead that has not been told; give sentences about those that could not be.

    A bead that is being worked on again waits: its claim and its checkout are the newer run's.
    Safe to be called by several processes: each run is told by whoever takes its lock.
    """
    _forget_locks(house)
    said = []
    for run in house.store.list(states=FINAL | {State.NEEDS_INPUT}, limit=RECENT):
        if run.told or run.live or run.started_at is None or _worked_on(house, run):
            continue
        try:
            await _tell_one(house, run)
        except (BeadworkError, OSError) as error:
            why = sentence_of(error)
            said.append(f"{run.order.bead} could not be told how run {run.id[:8]} ended: {why}")
    return said


def _forget_locks(house: House) -> None:
    """Remove the lock files of who was killed between the last two things it did for a run."""
    for path in house.state.locks.glob("tell-*.lock"):
        with contextlib.suppress(ExecutionNotFound):
            if not house.store.get(path.stem.removeprefix("tell-")).told:
                continue
        path.unlink(missing_ok=True)


def _went_on(house: House, run: Execution) -> bool:
    """Whether a later run has to do with the claim: it took the bead that was nobody's, or did the work."""
    order = run.order
    for later in house.store.list(project=order.project, bead=order.bead, limit=RECENT):
        if later.id == run.id:
            return False
        took_it = (later.order.status, later.order.assignee) == (order.status, order.assignee)
        if later.order.verb is Verb.WORK and later.branch and (took_it or later.state is State.COMPLETED):
            return True
    return False


def _worked_on(house: House, run: Execution) -> bool:
    """Whether the bead of `run` has another run that is not finished."""
    order = run.order
    unfinished = house.store.list(project=order.project, bead=order.bead, states=UNFINISHED, limit=2)
    return any(each.id != run.id for each in unfinished)


async def _tell_one(house: House, run: Execution) -> None:
    house.state.locks.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = house.state.locks / f"tell-{run.id}.lock"
    # Taken in another thread than it is given back in: a lock of the thread's own would never be given back.
    lock = filelock.FileLock(path, mode=0o600, thread_local=False)
    try:
        await asyncio.to_thread(lock.acquire, blocking=False)
    except filelock.Timeout:
        return
    try:
        if not (now := house.store.get(run.id)).told and now.state is run.state and not now.live:
            withdraw_login(house.state.agent_home_of(run.order.workspace, run.order.bead))
            if await _tell(house, run):
                house.store.mark_told(run.id)
    finally:
        path.unlink(missing_ok=True)  # while it is held, so that nobody else's is removed
        lock.release()


async def _tell(house: House, run: Execution) -> bool:
    """Tell the bead of `run`; False when it has to wait."""
    order = run.order
    if order.verb is Verb.REVIEW:
        return await tell_of_review(house, run)
    if not order.verb.by_agent:
        return True  # it claimed nothing, and what it does to its bead it does itself
    tracker = await house.open_tracker(order.workspace)
    actor = await house.actor(order.workspace)
    evidence, trouble = await _what_is_there(house, run)
    listing = await tracker.list()
    bead = next((bead for bead in listing.beads if bead.id == order.bead), None)
    if bead is not None and bead.closed:
        return True
    blocker = await _blocker(house, run, tracker, actor) if bead else ""
    report = Report(
        run=run.id,
        state=run.state,
        summary=" ".join(filter(None, [run.summary, trouble, blocker])),
        agent=run.agent_label,
        branch=run.branch,
        commits=evidence.commits if evidence else (),
        claimed=bead is not None
        and is_own(bead, actor)
        and (bead.status, bead.assignee) != (order.status, order.assignee)
        and not _went_on(house, run),
        before=Change(status=order.status, assignee=order.assignee),
        gates=report_in(run),
        when_done=house.as_asked(order.settings).settings_for(order.workspace).settings.work_when_done,
    )
    if _worked_on(house, run):  # since we looked
        return False
    await tell(tracker, order.bead, actor, report, again=True)
    return True


async def _blocker(house: House, run: Execution, tracker: Tracker, actor: str) -> str:
    """Make a blocked bead depend on its blocker, where that was not done; give what is to be said of it.

    Raises TrackerError when it can be done later.
    """
    if run.state is not State.BLOCKED or run.blocked_by:
        return ""
    reason = await asyncio.to_thread(_reason_in_log, Path(run.log))
    if not reason:
        return ""
    blocked = Blocked(run.order.bead, run.id, reason, run.agent_label)
    try:
        blocker = await depend_on_blocker(tracker, blocked, actor, house.state, run.order.workspace)
    except TRACKER_IS_AWAY:
        raise
    except TrackerError as error:
        return f"Its blocker could not be made a bead: {error.message}"
    if not blocker:
        return ""
    house.store.mark_blocked(run.id, blocker)
    return f"It depends on {blocker} now."


def _reason_in_log(log: Path) -> str:
    """Give what the worker wrote down of the blocker before it asked the tracker."""
    notes = [event.data for event in read_events(log) if event.kind == EventKind.NOTE]
    return next((str(note["blocker"]) for note in reversed(notes) if note.get("blocker")), "")


async def _what_is_there(house: House, run: Execution) -> tuple[Evidence | None, str]:
    """Look at what a lost run left, and bring its commits back where that is possible, or say why it is not.

    What stands in the way may stay there for ever, so it is the bead that is told of it.
    """
    if not run.base:
        return None, ""
    evidence = None
    try:
        checkout = await house.checkouts.reopen(run.order.workspace, run.order.bead, base=run.base)
        if checkout is None:
            return None, ""
        evidence = await house.checkouts.evidence(checkout)
        if evidence.commits and run.state is not State.COMPLETED:  # of which they are back already
            await house.checkouts.bring_back(checkout, evidence)
    except (CheckoutBusy, GitMissing):
        raise  # it passes: to be told later
    except CheckoutError as error:
        where = "The commits are only in the checkout. " if evidence else ""
        return evidence, f"{where}{error.message}"
    return evidence, ""
