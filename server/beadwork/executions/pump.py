"""The pump: starts worker processes while slots are free and executions are queued.

It runs when something is queued, when a worker ends, and when a server or command starts: there is no daemon.
A worker that was started and has not claimed yet is *coming*, and counts: a process takes half a second to
begin, in which many may ask for one. What it leaves out: which worker does what. Each claims for itself, so
starting one too many does no harm.
"""

import contextlib
import os
import time
import uuid
from collections.abc import Sequence
from pathlib import Path

import filelock

from beadwork.executions.queries import Queue
from beadwork.executions.store import Store
from beadwork.processes import start_detached
from beadwork.runners import EXECUTION_MARK
from beadwork.state_folder import StateFolder
from beadwork.storage import BUSY_SECONDS, StoreError

COMING = "BEADWORK_COMING"
"""The environment variable that tells a worker the file which says that it is coming."""
_COMES_WITHIN = 5.0
"""Seconds in which a worker begins; one that does not is not waited for."""


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
            wanted = max(0, store.startable(queue) - _coming(state))
            for _ in range(wanted):
                _start(argv, state)
    except filelock.Timeout as error:
        raise StartersBusy(f"Workers cannot be started: {state.locks} was locked for too long.") from error
    except OSError as error:
        raise StoreError(f"A worker cannot be started in {state.root}: {error.strerror or error}.") from error
    return wanted


def _start(argv: Sequence[str], state: StateFolder) -> None:
    environment = {name: value for name, value in os.environ.items() if name != EXECUTION_MARK}
    sign = _announced(state)
    environment[COMING] = str(sign)
    try:
        start_detached(argv, cwd=state.root, environment=environment, output=state.worker_output)
    except BaseException:
        sign.unlink(missing_ok=True)
        raise


def arrived() -> None:
    """Say that this process, if it is a worker that somebody started, is not coming any more: it is there."""
    if sign := os.environ.pop(COMING, ""):
        with contextlib.suppress(OSError):  # it counts for some seconds longer
            Path(sign).unlink(missing_ok=True)


def _announced(state: StateFolder) -> Path:
    folder = _folder(state)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    sign = folder / uuid.uuid4().hex
    sign.touch(mode=0o600)
    return sign


def _coming(state: StateFolder) -> int:
    """Count the workers that are coming, and forget those that never came."""
    count = 0
    for sign in _folder(state).glob("*"):
        with contextlib.suppress(OSError):
            # The clock can have been set since: then the sign is of another time, in either direction.
            if abs(time.time() - sign.stat().st_mtime) < _COMES_WITHIN:
                count += 1
            else:
                sign.unlink()
    return count


def _folder(state: StateFolder) -> Path:
    return state.locks / "coming"
