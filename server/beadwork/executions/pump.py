"""The pump: starts worker processes while slots are free and executions are queued.

It runs when something is queued, when a worker ends, and when a server or command starts: there is no daemon.
What it leaves out: which worker does what. Each claims for itself, so starting one too many does no harm.
"""

import os
from collections.abc import Sequence

import filelock

from beadwork.executions.queries import Queue
from beadwork.executions.store import Store
from beadwork.processes import start_detached
from beadwork.runners import EXECUTION_MARK
from beadwork.state_folder import StateFolder
from beadwork.storage import BUSY_SECONDS, StoreError


class StartersBusy(StoreError):  # noqa: N818
    """Another process is starting workers, and does not come to an end."""


def start_workers(
    store: Store, queue: Queue, argv: Sequence[str], state: StateFolder, *, patience: float = BUSY_SECONDS
) -> int:
    """Start as many workers as could claim an execution now; give how many were started.

    `argv` is the worker program, which serves one execution and ends. It is nobody's child and inherits the
    environment of the caller without the mark of a run. Blocks for up to `patience` seconds while another
    process does the same. Raises StoreError when it cannot be started, StartersBusy after that time.
    """
    if not store.startable(queue):
        return 0
    try:
        state.locks.mkdir(mode=0o700, parents=True, exist_ok=True)
        with filelock.FileLock(state.locks / "pump.lock", timeout=patience, mode=0o600):
            wanted = store.startable(queue)
            for _ in range(wanted):
                _start(argv, state)
    except filelock.Timeout as error:
        raise StartersBusy(f"Workers cannot be started: {state.locks} was locked for too long.") from error
    except OSError as error:
        raise StoreError(f"A worker cannot be started in {state.root}: {error.strerror or error}.") from error
    return wanted


def _start(argv: Sequence[str], state: StateFolder) -> None:
    environment = {name: value for name, value in os.environ.items() if name != EXECUTION_MARK}
    start_detached(argv, cwd=state.root, environment=environment, output=state.worker_output)
