"""The watch over a run: hears of its intent, keeps its wall clock, and stops the work that goes on.

What it leaves out: what is written at the end (`worker.py`).
"""

import asyncio
import contextlib
import signal
from collections.abc import Coroutine
from typing import Any, TypeVar

from beadwork.executions.events import EventKind
from beadwork.executions.log import EventLog
from beadwork.executions.model import Execution, Intent, LogError, StoreError
from beadwork.executions.store import Store

T = TypeVar("T")

_LOOK_AGAIN = 0.5
"""Seconds between two looks into the store; a signal makes it look at once."""


class Stopped(Exception):  # noqa: N818
    """The run is to end. Not an error of anybody's."""

    def __init__(self, intent: Intent | None) -> None:
        super().__init__(intent.value if intent else "interrupted")
        self.intent = intent
        """Why; None when the worker was told to end without anybody having said so in the store."""


class Watch:
    """Knows whether a run is to end, and why."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._run = ""
        self._log: EventLog | None = None
        self._until: float | None = None
        self._nudge = asyncio.Event()
        self._told_to_end = False
        self._halted = asyncio.Event()
        self.intent: Intent | None = None
        """What the run is ended for."""
        self.raised = False
        """Whether the job was told, by Stopped."""

    def begin(self, run: Execution, limit: float, log: EventLog) -> None:
        """Watch over `run`, which may take `limit` seconds from now."""
        self._run, self._log = run.id, log
        self._until = asyncio.get_running_loop().time() + limit
        self._nudge.set()

    def hear(self, number: signal.Signals) -> None:
        """Take note of a signal. A hang-up is only a reason to look: a run outlives its terminal."""
        self._told_to_end = self._told_to_end or number is not signal.SIGHUP
        self._nudge.set()

    async def run(self, job: asyncio.Task[Any], clean_up: float) -> None:
        """Watch until the run is to end; then cancel `job` if it is not over within `clean_up` seconds."""
        while not self._halted.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._patience()):
                    await self._nudge.wait()
            self._nudge.clear()
            if self._run:
                self._look()
        await asyncio.wait({job}, timeout=clean_up)
        if not job.done():
            self._say(f"What was to be cleaned up took longer than {clean_up:g} s, and was given up.")
            job.cancel()

    async def unless_stopped(self, work: Coroutine[Any, Any, T]) -> T:
        """Do `work`, or raise Stopped after it was cancelled; see Assignment."""
        if self._halted.is_set():
            work.close()
            raise self._stopped()
        task = asyncio.ensure_future(work)
        halted = asyncio.ensure_future(self._halted.wait())
        try:
            await asyncio.wait({task, halted}, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                return task.result()
            task.cancel()
            await asyncio.wait({task})
            if not task.cancelled() and (error := task.exception()) is not None:
                self._say(f"While the work was being stopped: {error!r}")
            raise self._stopped()
        finally:
            halted.cancel()
            if not task.done():  # the job itself was cancelled
                task.cancel()
                await asyncio.wait({task})

    def _patience(self) -> float:
        if self._until is None:
            return _LOOK_AGAIN
        return max(0.0, min(_LOOK_AGAIN, self._until - asyncio.get_running_loop().time()))

    def _look(self) -> None:
        over = self._until is not None and asyncio.get_running_loop().time() >= self._until
        try:
            # The intent comes first, as with everybody who ends a run; somebody may have been faster.
            run = self._store.intend(self._run, Intent.TIMEOUT) if over else self._store.get(self._run)
            self.intent = run.intent
        except StoreError as error:
            self._say(str(error))
            self.intent = Intent.TIMEOUT if over else None
        if over or self._told_to_end or self.intent is not None:
            self._halted.set()

    def _stopped(self) -> Stopped:
        self.raised = True
        return Stopped(self.intent)

    def _say(self, text: str) -> None:
        if self._log is not None:
            with contextlib.suppress(LogError):  # the final state tells of a broken log
                self._log.write(EventKind.ERROR, text=text, code="execution", detail="")
