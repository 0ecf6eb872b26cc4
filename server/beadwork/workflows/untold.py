"""Beads that do not know yet how a run of theirs ended: its worker was lost, or the tracker out of reach.

A worker that was lost could not take back the login it had lent either, so that is done first.

What it leaves out: the runs whose worker told the bead itself (`work.py`).
"""

import asyncio
from collections.abc import Sequence

import filelock

from beadwork.agents import withdraw_login
from beadwork.beads import Change
from beadwork.checkouts import CheckoutBusy, CheckoutError, Evidence, GitMissing
from beadwork.errors import BeadworkError
from beadwork.executions import ACTIVE, FINAL, Execution, State
from beadwork.workflows.house import House
from beadwork.workflows.telling import Report, tell
from beadwork.workflows.verdict import sentence_of
from beadwork.workflows.work import is_own

RECENT = 200
"""How many of the newest ended runs are looked at."""


async def tell_the_untold(house: House) -> Sequence[str]:
    """Tell each bead that has not been told; give sentences about those that could not be.

    A bead that is being worked on again waits: its claim and its checkout are the newer run's.
    Safe to be called by several processes: each run is told by whoever takes its lock.
    """
    said = []
    for run in house.store.list(states=FINAL | {State.NEEDS_INPUT}, limit=RECENT):
        if run.told or run.started_at is None or _worked_on(house, run):
            continue
        try:
            await _tell_one(house, run)
        except (BeadworkError, OSError) as error:
            why = sentence_of(error)
            said.append(f"{run.order.bead} could not be told how run {run.id[:8]} ended: {why}")
    return said


def _worked_on(house: House, run: Execution) -> bool:
    """Whether the bead of `run` has a run that is queued or going on."""
    order = run.order
    return bool(house.store.list(project=order.project, bead=order.bead, states=ACTIVE, limit=1))


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
        if not house.store.get(run.id).told:
            withdraw_login(house.state.agent_home_of(run.order.workspace, run.order.bead))
            if await _tell(house, run):
                house.store.mark_told(run.id)
            path.unlink(missing_ok=True)
    finally:
        lock.release()


async def _tell(house: House, run: Execution) -> bool:
    """Tell the bead of `run`; False when it has to wait."""
    order = run.order
    tracker = await house.open_tracker(order.workspace)
    actor = await house.actor(order.workspace)
    evidence, trouble = await _what_is_there(house, run)
    listing = await tracker.list()
    bead = next((bead for bead in listing.beads if bead.id == order.bead), None)
    if bead is None or bead.closed:
        return True
    report = Report(
        run=run.id,
        state=run.state,
        summary=" ".join(filter(None, [run.summary, trouble])),
        agent=run.agent_label,
        branch=run.branch,
        commits=evidence.commits if evidence else (),
        claimed=is_own(bead, actor) and (bead.status, bead.assignee) != (order.status, order.assignee),
        before=Change(status=order.status, assignee=order.assignee),
    )
    if _worked_on(house, run):  # since we looked
        return False
    await tell(tracker, order.bead, actor, report, again=True)
    return True


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
