"""The watch over a run: hears of its intent, keeps its clock, heeds its agent's silence, and stops its work.

What it leaves out: what is written at the end (`worker.py`).
"""

import asyncio
import contextlib
import signal
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from beadwork.executions.events import EventKind
from beadwork.executions.log import EventLog
from beadwork.executions.model import Execution, Intent, LogError
from beadwork.executions.silence import Signs, Silence
from beadwork.executions.store import Store
from beadwork.executions.wall_clock import WallClock
from beadwork.storage import StoreBusy, StoreDamaged, StoreError

T = TypeVar("T")

_LOOK_AGAIN = 0.5
"""Seconds between two looks into the store; a signal makes it look at once."""


_TRIES = 12
"""How often the store is asked while another process holds it; each takes five seconds."""


class Stopped(Exception):  # noqa: N818
    """The run is to end. Not an error of anybody's."""

    def __init__(self, intent: Intent | None) -> None:
        super().__init__(intent.value if intent else "interrupted")
        self.intent = intent
        """Why; None when the worker was told to end without anybody having said so in the store."""


class Watch:
    """Knows whether a run is to end, and why."""

    def __init__(self, store: Store, mend: Callable[[], str]) -> None:
        """Look into `store`, which `mend` makes anew when it is damaged; that gives a sentence about it."""
        self._store = store
        self._mend = mend
        self._run = ""
        self._log: EventLog | None = None
        self._said = ""
        self._limit = 0.0
        self._clock = WallClock(loop_time)
        self._silence: Silence | None = None
        self._nudge = asyncio.Event()
        self._mail = asyncio.Event()
        self._told_to_end = False
        self._halted = asyncio.Event()
        self.intent: Intent | None = None
        """What the run is ended for."""
        self.raised = False
        """Whether the job was told, by Stopped."""

    def begin(self, run: Execution, limit: float, log: EventLog) -> None:
        """Watch over `run`, which may take `limit` seconds in all, those of earlier stretches included."""
        self._run, self._log, self._limit = run.id, log, limit
        self._clock = WallClock(loop_time, run.used)
        self._nudge.set()

    @property
    def used(self) -> float:
        """Seconds of its wall clock that the run has used in all."""
        return self._clock.used

    def mending(self, deed: Callable[[], T]) -> T:
        """Do `deed` with the store; where that is damaged, make it anew and do it once more.

        A run goes on over that: it may be the only one that is there to mend it. Raises StoreError.
        """
        try:
            return self.patiently(deed)
        except StoreDamaged:
            if said := self._mend():
                self._write(EventKind.NOTE, text=said)
            return self.patiently(deed)

    def patiently(self, deed: Callable[[], T]) -> T:
        """Do `deed` with the store, more often while another process holds it: hours of work are worth it.

        Raises StoreError.
        """
        for _ in range(_TRIES - 1):
            try:
                return deed()
            except StoreBusy as error:
                self.say(str(error))
        return deed()

    def hold(self) -> None:
        """Let wall clock and silence stand still: a person is asked."""
        self._clock.hold()

    def go_on(self) -> None:
        """Let them go on; the silence begins anew."""
        self._clock.go_on()
        if self._silence is not None:
            self._silence.excuse(loop_time())
        self._nudge.set()

    def heed(self, signs: Signs | None) -> None:
        """Heed these signs of an agent from now on; with None, those of nobody."""
        self._silence = Silence(signs, loop_time()) if signs is not None else None
        self._nudge.set()

    def hear(self, number: signal.Signals) -> None:
        """Take note of a signal. A hang-up is only a reason to look: a run outlives its terminal."""
        self._told_to_end = self._told_to_end or number is not signal.SIGHUP
        self._nudge.set()
        self._mail.set()

    async def until_mail(self) -> None:
        """Wait until it is time to look into the run's inbox again: at a signal, else after a while."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LOOK_AGAIN):
                await self._mail.wait()
        self._mail.clear()

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
            self.say(f"What was to be cleaned up took longer than {clean_up:g} s, and was given up.")
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
                self.say(f"While the work was being stopped: {error!r}")
            raise self._stopped()
        finally:
            halted.cancel()
            if not task.done():  # the job itself was cancelled
                task.cancel()
                await asyncio.wait({task})

    def _patience(self) -> float:
        if not self._run or self._clock.held:
            return _LOOK_AGAIN
        return max(0.0, min(_LOOK_AGAIN, self._limit - self._clock.used))

    def _look(self) -> None:
        due = self._due()
        try:
            # The intent comes first, as with everybody who ends a run; somebody may have been faster.
            self.intent = self.mending(lambda: self._seen(due)).intent
        except StoreError as error:
            self.say(str(error))
            self.intent = due
        if due or self._told_to_end or self.intent is not None:
            self._halted.set()

    def _seen(self, due: Intent | None) -> Execution:
        return self._store.intend(self._run, due) if due else self._store.get(self._run)

    def _due(self) -> Intent | None:
        """Give what the run is to be ended for by its own limits; while a person is asked they rest."""
        if self._clock.held:
            return None
        if self._clock.used >= self._limit:
            return Intent.TIMEOUT
        if self._silence is None:
            return None
        now = loop_time()
        if self._silence.too_long(now):
            return Intent.SILENCE
        if self._silence.worth_a_word(now):
            lasts = self._silence.lasts(now)
            self._write(EventKind.NOTE, text=f"Nothing was heard of the agent for {lasts:.0f} s.")
        return None

    def _stopped(self) -> Stopped:
        self.raised = True
        return Stopped(self.intent)

    def say(self, text: str) -> None:
        """Write into the log what goes wrong, once as long as it is the same."""
        if text != self._said:
            self._said = text
            self._write(EventKind.ERROR, text=text, code="execution", detail="")

    def _write(self, kind: EventKind, **data: object) -> None:
        if self._log is not None:
            with contextlib.suppress(LogError):  # the final state tells of a broken log
                self._log.write(kind, **data)


def loop_time() -> float:
    """Give the seconds by which a run is measured: a clock that rests while the machine sleeps."""
    return asyncio.get_running_loop().time()
