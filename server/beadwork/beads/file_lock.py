"""One writer at a time per workspace, over all processes: a lock file in Beadwork's own state folder.

It is never in the repository. What it leaves out: bd's own lock, which guards the database against others.
"""

import asyncio
import contextlib
import hashlib
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TypeVar

import attrs
from filelock import FileLock, Timeout

from beadwork.beads.port import TrackerLocked, TrackerNoLock

T = TypeVar("T")

_FIRST_PAUSE = 0.01
_LONGEST_PAUSE = 0.2


@attrs.frozen
class WorkspaceLock:
    """The lock of one place where beads are kept."""

    path: Path
    timeout: float
    """Seconds to wait for it."""

    @classmethod
    def of(cls, locks: Path, kept_in: Path, timeout: float) -> "WorkspaceLock":
        """Give the lock of `kept_in`, a file or folder, whose own file is in the folder `locks`."""
        mark = hashlib.sha256(os.fsencode(kept_in.resolve())).hexdigest()[:16]
        return cls(locks / f"beads-{mark}.lock", timeout)

    @contextlib.asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """Hold the lock; the event loop goes on meanwhile.

        Raises TrackerLocked when it is not free in time, TrackerNoLock when the file cannot be made.
        """
        lock = FileLock(self.path, mode=0o600, thread_local=False)
        deadline = asyncio.get_running_loop().time() + self.timeout
        pause = _FIRST_PAUSE
        while not self._taken(lock):
            if asyncio.get_running_loop().time() >= deadline:
                raise TrackerLocked(
                    f"The beads are in use by another Beadwork process for more than {self.timeout:g} s; "
                    "try again when it has finished.",
                    detail=str(self.path),
                )
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, _LONGEST_PAUSE)
        try:
            yield
        finally:
            lock.release()

    def _taken(self, lock: FileLock) -> bool:
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock.acquire(blocking=False)
        except Timeout:
            return False
        except OSError as error:
            raise TrackerNoLock(
                f"The lock file {self.path} cannot be made: {error.strerror}. "
                "Make the state folder writable, or name another one in BEADWORK_STATE.",
            ) from error
        return True


async def in_thread(work: Callable[[], T]) -> T:
    """Run `work` in a thread and wait for its end, also when the caller is cancelled.

    So a lock that the caller holds is not given back while the work still goes on.
    """
    task = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        if not task.cancelled():
            task.exception()  # looked at, so that asyncio does not complain; the cancellation is what counts
        raise
