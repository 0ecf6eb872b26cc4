"""When a server leaves: the editor said so, its input ended, its process is gone, or a signal came.

Leaving touches no run: workers are processes of their own. And it always happens: what will not end in time
goes with the process.
"""

import asyncio
import contextlib
import logging
import os
import signal
import threading

logger = logging.getLogger(__name__)

PATIENCE = 3.0
"""Seconds from the decision to leave until the process ends, whatever is still going on."""
PARENT_PACE = 2.0
"""Seconds between two looks at the editor's process, where it cannot be waited for."""


class Leaving:
    """The decision to leave, made once."""

    def __init__(self) -> None:
        self._decided = asyncio.Event()

    def decide(self, why: str) -> None:
        """Leave, because of `why`."""
        if not self._decided.is_set():
            logger.info("Leaving: %s.", why)
            self._decided.set()

    async def wait(self) -> None:
        """Wait for the decision."""
        await self._decided.wait()

    def heed_signals(self) -> None:
        """Leave when the process is asked to end."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.add_signal_handler(number, self.decide, f"signal {number.name}")

    async def watch_process(self, pid: int) -> None:
        """Leave when process `pid`, which was there a moment ago, is gone."""
        await _gone(pid)
        self.decide(f"the editor's process {pid} is gone")


def end_without_fail(code: int, patience: float = PATIENCE) -> None:
    """End this process with `code` in `patience` seconds, unless it has ended by itself."""
    timer = threading.Timer(patience, os._exit, (code,))
    timer.daemon = True
    timer.start()


def there(pid: int) -> bool:
    """Whether process `pid` can be seen from here. An editor outside of our container cannot."""
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return True


async def _gone(pid: int) -> None:
    try:
        handle = os.pidfd_open(pid)
    except (AttributeError, OSError):  # not Linux, or an old one
        while there(pid):  # noqa: ASYNC110  (nothing else tells of it here)
            await asyncio.sleep(PARENT_PACE)
        return
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    loop.add_reader(handle, ended.set)
    try:
        await ended.wait()
    finally:
        with contextlib.suppress(OSError):
            loop.remove_reader(handle)
        os.close(handle)
