"""Ends a run from outside: says why, asks its worker, and ends what does not listen."""

import asyncio
import signal

from beadwork.executions.identity import alive, identity_of
from beadwork.executions.model import Execution, Intent
from beadwork.executions.recovery import recover
from beadwork.executions.store import Store
from beadwork.processes import end_tree, send
from beadwork.runners import EXECUTION_MARK
from beadwork.state_folder import StateFolder

_LOOK_AGAIN = 0.05


async def stop_worker(
    store: Store, state: StateFolder, run_id: str, intent: Intent, *, patience: float
) -> None:
    """Write `intent`, ask the worker of a run to end it, and return when its final state is written.

    A worker that is still there after `patience` seconds is ended with its whole tree, and recovery writes
    the state. A run that has ended, or was only queued, needs nothing of that.
    Raises ExecutionNotFound, StoreError.
    """
    run = store.intend(run_id, intent)
    if not run.live or run.worker is None:
        return
    worker = identity_of(run.worker)
    if send(worker, signal.SIGTERM):
        deadline = asyncio.get_running_loop().time() + patience
        while alive(run.worker) and asyncio.get_running_loop().time() < deadline:
            if not _has(store, run):
                return
            await asyncio.sleep(_LOOK_AGAIN)
    if _has(store, run):
        await end_tree(worker, mark=(EXECUTION_MARK, run_id), grace=0.0, terminate_grace=0.0)
        await recover(store, state)


def _has(store: Store, run: Execution) -> bool:
    """Whether `run` still has the worker that it had; one that rested may go on with another."""
    present = store.get(run.id)
    return present.live and present.worker == run.worker


def nudge_worker(run: Execution) -> bool:
    """Make the worker of a run look at once whether somebody said something; False when it is gone.

    It is a hang-up signal, to that very process and to no other that has its number by now.
    """
    return run.worker is not None and send(identity_of(run.worker), signal.SIGHUP)
