"""Waiting for queued runs whose time has not come: one process stays for all of them, and ends with the last.

A retry waits some seconds or minutes, and a queue whose budget of the day is spent waits for the next day.
There is no daemon, so a worker that has done its work stays for that; it holds no slot. When it is ended, or
the machine goes down, whoever tends next starts what is due by then.
What it leaves out: which runs may begin when (the store), and what they do.
"""

import asyncio
import contextlib
import signal
from collections.abc import Iterator

import filelock

from beadwork.executions import Queue
from beadwork.settings import SettingsError
from beadwork.workflows.house import House
from beadwork.workflows.queueing.starting import start_queued

_LOOK_AGAIN = 1.0
"""Seconds between two looks. Looking often, rather than sleeping until a time, bears a clock that is set."""
_SIGNALS = (signal.SIGTERM, signal.SIGINT)


async def wait_until_due(house: House) -> None:
    """Start workers for the runs that wait for their time, as it comes; returns when none waits.

    Returns at once where another process does so, and at SIGTERM or SIGINT, or when the store was removed.
    Raises StoreError.
    """
    with _ending() as ended:
        # Who found the lock taken relies on its holder, so the holder looks once more after it has let go.
        while await _start_due(house) and not ended.is_set():
            lock = filelock.FileLock(house.state.locks / "due.lock", mode=0o600)
            try:
                lock.acquire(blocking=False)
            except filelock.Timeout:
                return
            try:
                await _wait(house, ended)
            finally:
                lock.release()


async def _wait(house: House, ended: asyncio.Event) -> None:
    while not ended.is_set():
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LOOK_AGAIN):
                await ended.wait()
        if not ended.is_set() and not await _start_due(house):
            return


async def _start_due(house: House) -> bool:
    """Start what is due; say whether anything still waited before that.

    Asked in this order, since a time that comes between the two would be nobody's the other way round.
    """
    if not house.state.database.exists():
        return False
    waited = house.store.waits(_queue(house))
    with contextlib.suppress(SettingsError):  # no worker could begin with them; see `_queue`
        await start_queued(house)
    return waited


def _queue(house: House) -> Queue:
    try:
        return house.queue()
    except SettingsError:
        # Somebody is in the middle of editing it; who asks for anything next is told. No run begins by this.
        return Queue(slots=0)


@contextlib.contextmanager
def _ending() -> Iterator[asyncio.Event]:
    """Give an event that is set when this process is told to end: it has nothing to finish."""
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    for number in _SIGNALS:
        loop.add_signal_handler(number, ended.set)
    try:
        yield ended
    finally:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)
