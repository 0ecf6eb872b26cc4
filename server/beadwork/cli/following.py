"""Following a run: its events as they are written, until it has ended.

What it leaves out: what they look like (`watching.py`).
"""

import asyncio
import contextlib
from pathlib import Path

from beadwork.cli import failing
from beadwork.cli.watching import Watcher
from beadwork.workflows import Application, RunView

_LOOKS_EVERY = 0.1
"""Seconds between two looks at the size of the log, which cost next to nothing."""


async def follow_run(application: Application, run: RunView, watcher: Watcher) -> int:
    """Hand everything of `run`, from its first event on, to `watcher`; give the exit code.

    When the caller is cancelled (Ctrl+C) the watcher is told that it detaches; the run is not touched.
    """
    tail = _Tail(application, run)
    ending = asyncio.create_task(application.wait_for_end(run.id))
    with watcher:
        try:
            watcher.begin(run)
            while not ending.done():
                await tail.pass_on(watcher)
                await asyncio.wait({ending}, timeout=_LOOKS_EVERY)
            last = ending.result()
            await tail.pass_on(watcher, surely=True)
            watcher.end(last)
        except asyncio.CancelledError:
            watcher.detach(tail.run)
            raise
        finally:
            ending.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait({ending})
    return failing.SUCCESS if last.state == "completed" else failing.NOT_COMPLETED


async def tell_all(application: Application, run: RunView, watcher: Watcher) -> None:
    """Hand what there is of `run` to `watcher`, and no more."""
    with watcher:
        watcher.begin(run)
        await _Tail(application, run).pass_on(watcher, surely=True)
        watcher.end(await application.run(run.id))


class _Tail:
    """Where a reader of a run's log stands."""

    def __init__(self, application: Application, run: RunView) -> None:
        self.run = run
        self._application = application
        self._after = 0
        self._seen: tuple[str, int] | None = None

    async def pass_on(self, watcher: Watcher, *, surely: bool = False) -> None:
        """Hand on what is new, if anything may be (with `surely`: look in any case)."""
        seen = (self._application.runs_signal(), _size(self.run.log))
        if not surely and seen == self._seen:
            watcher.beat(self.run)
            return
        more = True
        while more:
            page = await self._application.log(self.run.id, self._after)
            self.run = page.run
            if page.events:
                self._after = page.events[-1].seq
                watcher.events(page.events)
            more = page.more and bool(page.events)
        self._seen = seen
        watcher.beat(self.run)


def _size(log: str) -> int:
    try:
        return Path(log).stat().st_size if log else 0
    except FileNotFoundError:
        return 0
