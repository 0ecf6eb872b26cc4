"""Following a run: its events as they are written, until it has ended.

What it leaves out: what they look like (`watching.py`).
"""

import asyncio
import contextlib
from pathlib import Path

from beadwork.cli import failing, refusing
from beadwork.cli.watching import Watcher
from beadwork.executions import Ask
from beadwork.workflows import Application, RefusalCode, Refused, RunView

_LOOKS_EVERY = 0.1
"""Seconds between two looks at the size of the log, which cost next to nothing."""


async def follow_run(application: Application, run: RunView, watcher: Watcher, *, after: int = 0) -> int:
    """Hand everything of `run`, from the event behind `after` on, to `watcher`; give the exit code.

    What the run asks meanwhile can be answered at the watcher. A run that rests has ended as far as following
    goes. When the caller is cancelled (Ctrl+C) the watcher is told that it detaches; the run is not touched.
    """
    tail = _Tail(application, run, after)
    conversation = Conversation(application, watcher)
    ending = asyncio.create_task(application.wait_for_end(run.id))
    with watcher:
        try:
            watcher.begin(run)
            while not ending.done():
                await tail.pass_on(watcher)
                await conversation.go_on(tail.run)
                await asyncio.wait({ending}, timeout=_LOOKS_EVERY)
            last = ending.result()
            watcher.settled()
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


async def end_of_log(application: Application, run: RunView) -> int:
    """Give the number of the last event that there is of `run`: what to follow it from."""
    after, more = 0, True
    while more:
        page = await application.log(run.id, after)
        after = page.events[-1].seq if page.events else after
        more = page.more and bool(page.events)
    return after


class Conversation:
    """Puts what a run asks to whoever watches, and hands on what they answer."""

    def __init__(self, application: Application, watcher: Watcher) -> None:
        self._application = application
        self._watcher = watcher
        self._ask: Ask | None = None
        self._texts: list[str] = []
        self._asking = False

    async def go_on(self, run: RunView) -> None:
        """Look at whether something is asked, or was answered; to be called again and again."""
        ask = run.ask if run.state == "needs_input" and run.ended_at is None else None
        if ask is None or self._ask is None or ask.id != self._ask.id:
            # Asked for at the next look only: by then the event with the question has been shown.
            self._watcher.settled()
            self._ask, self._texts, self._asking = ask, [], False
        elif not self._asking:
            self._asking = True
            self._watcher.asked(run, ask, 1)
        elif (text := self._watcher.typed()) is not None:
            self._texts.append(text)
            await self._answered(run, ask)

    async def _answered(self, run: RunView, ask: Ask) -> None:
        if len(self._texts) < len(ask.questions):
            self._watcher.asked(run, ask, len(self._texts) + 1)
            return
        answer = await self._application.answer(run.id, tuple(self._texts), ask=ask.id)
        if isinstance(answer, Refused):
            refusing.refuse(answer, json=False)
            self._texts = []
            if answer.code is RefusalCode.NO_CHOICE:
                self._watcher.asked(run, ask, 1)


class _Tail:
    """Where a reader of a run's log stands."""

    def __init__(self, application: Application, run: RunView, after: int = 0) -> None:
        self.run = run
        self._application = application
        self._after = after
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
