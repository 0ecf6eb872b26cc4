"""Doing something in one process at a time, without keeping the others of this one from going on.

What it leaves out: what is to be done alone.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import filelock

from beadwork.executions import StoreError
from beadwork.state_folder import StateFolder

_LOOK_AGAIN = 0.1


@contextlib.asynccontextmanager
async def alone(state: StateFolder, name: str, patience: float) -> AsyncIterator[bool]:
    """Hold the lock `name`; gives False when another holds it for longer than `patience` seconds.

    Raises StoreError when there can be no lock.
    """
    lock = filelock.FileLock(state.locks / f"{name}.lock", mode=0o600)
    held = await _acquired(lock, state, patience)
    try:
        yield held
    finally:
        if held:
            lock.release()


async def _acquired(lock: filelock.BaseFileLock, state: StateFolder, patience: float) -> bool:
    deadline = asyncio.get_running_loop().time() + patience
    while True:
        try:
            state.locks.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock.acquire(blocking=False)
        except filelock.Timeout:
            if asyncio.get_running_loop().time() >= deadline:
                return False
            await asyncio.sleep(_LOOK_AGAIN)
        except OSError as error:
            raise StoreError(f"{state.locks} cannot be written: {error.strerror or error}.") from error
        else:
            return True
