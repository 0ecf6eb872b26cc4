"""One agent at work in its box: reads its output, talks to it, ends it. The same for every agent on a pipe.

What it leaves out: what a line means and how a message is spelled. That is a `Dialect`, one per agent.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Protocol

import attrs

from beadwork.agents.lines import Line, Lines, TooLong
from beadwork.agents.port import AgentError, AgentEvent, Outcome, Remark
from beadwork.runners import BoxedProcess, Ending

_CHUNK = 256 * 1024
_QUIET_AFTER_END = 0.5
"""Seconds without output after which an ended program's pipe, held open by another process, is let go."""
_LISTENS_AFTER_END = 5.0
"""Seconds after which the pipe of an ended program is let go though another process still talks on it."""
_EXIT_WAIT = 2.0
"""Seconds that a program has to go after its output ended, before its exit code counts as unknown."""
_STDERR_KEPT = 16 * 1024
_MOST_PROBLEMS = 1000
"""Problems with an agent's output that are told one by one; the rest are counted."""


class AgentGone(AgentError):  # noqa: N818
    """The agent takes no more messages, or waits for this answer no more."""

    code = "agent-gone"


@attrs.frozen
class LastWords:
    """What is known of a program beside its events, once they have ended."""

    exit_code: int | None
    """None when it has not gone."""
    ended_by_us: bool
    """Whether `end` was called before it had gone, so that the exit code says nothing."""
    stderr: str
    """The end of its standard error."""


class Dialect(Protocol):
    """An agent's own language, both ways. It never raises, whatever is read."""

    @property
    def concluded(self) -> bool:
        """Whether the result was read."""
        ...

    def read(self, line: str) -> list[AgentEvent]:
        """Give what one line means."""
        ...

    def message(self, text: str) -> bytes:
        """Spell a message to the running agent."""
        ...

    def answer(self, request: str, texts: Sequence[str]) -> bytes:
        """Spell the answer to the questions of `request`; empty where none of that name waits."""
        ...

    def permit(self, request: str, *, allow: bool, message: str) -> bytes:
        """Spell the leave that `request` wants, or that there is none; empty where it waits for no leave."""
        ...

    def reply(self) -> bytes:
        """Take what has to be written back at once for what was read; mostly empty."""
        ...

    def interrupt(self) -> bytes:
        """Spell the request to stop; empty where there is none."""
        ...

    def outcome(self, last: LastWords) -> Outcome:
        """Give the final word."""
        ...


class BoxedRun:
    """An AgentRun over a boxed process and a dialect. `release` is called once, when all has ended."""

    def __init__(
        self,
        process: BoxedProcess,
        dialect: Dialect,
        *,
        first: bytes,
        release: Callable[[], None] = lambda: None,
    ) -> None:
        self._process = process
        self._dialect = dialect
        self._release = release
        self._errors = bytearray()
        self._open = True
        self._over = asyncio.Event()
        self._ended_by_us = False
        self._problems = 0
        self._ending: asyncio.Task[Ending] | None = None
        self._heard_at = asyncio.get_running_loop().time()
        self._gone = asyncio.create_task(process.wait())
        self._stderr_task = asyncio.create_task(self._read_errors())
        process.stdin.write(first)

    @property
    def concluded(self) -> bool:
        """Whether the agent has given its result."""
        return self._dialect.concluded

    @property
    def heard_at(self) -> float:
        """When it last gave a byte, in seconds of the loop's clock; at first, when it was started."""
        return self._heard_at

    async def events(self) -> AsyncIterator[AgentEvent]:
        """Give what happens, until the output ends, the process has gone, or `end` has been called."""
        lines = Lines()
        async for chunk in self._chunks():
            for line in lines.feed(chunk):
                for event in self._worth_saying(line):
                    yield event
        for line in lines.close():
            for event in self._worth_saying(line):
                yield event
        self._hang_up()
        if self._problems > _MOST_PROBLEMS:
            left_out = self._problems - _MOST_PROBLEMS
            yield Remark(f"{left_out} more problems of its output are not written down.", problem=True)
        if words := self._stderr():
            yield Remark(f"On its standard error: {words}")

    async def tell(self, text: str) -> None:
        """Hand the agent a message. Raises AgentGone after its result or its end."""
        if not self._listens:
            raise AgentGone(
                "The agent has ended its work and takes no more messages; start a new run instead."
            )
        await self._send(self._dialect.message(text))

    async def answer(self, request: str, texts: Sequence[str]) -> None:
        """Answer an open question. Raises AgentGone where none of that name waits."""
        await self._settle_ask(self._dialect.answer(request, texts))

    async def permit(self, request: str, *, allow: bool, message: str = "") -> None:
        """Give or refuse leave. Raises AgentGone where nobody of that name waits for it."""
        await self._settle_ask(self._dialect.permit(request, allow=allow, message=message))

    @property
    def _listens(self) -> bool:
        return self._open and not self._gone.done()

    async def _settle_ask(self, words: bytes) -> None:
        if not words or not self._listens:
            raise AgentGone("The agent waits for this answer no more; look at what its run says now.")
        await self._send(words)

    async def _send(self, words: bytes) -> None:
        try:
            self._process.stdin.write(words)
            await self._process.stdin.drain()
        except OSError as error:
            raise AgentGone("The agent no longer listens; wait for the end of its run.") from error

    async def end(self, *, grace: float) -> Ending:
        """Ask the agent to stop in its own words, then end its box; at most `grace` seconds for both.

        Once begun it is seen through, also when the caller is cancelled; a second time gives it up.
        """
        if self._ending is None:
            self._ending = asyncio.create_task(self._end(grace))
        try:
            return await asyncio.shield(self._ending)
        except asyncio.CancelledError:
            await asyncio.wait({self._ending})
            raise

    async def _end(self, grace: float) -> Ending:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        self._ended_by_us = self._ended_by_us or not self._gone.done()
        asked = await self._ask_to_stop(grace)
        left = max(0.0, grace - (loop.time() - begun))
        ending = await self._process.end(grace=left)
        self._over.set()
        self._hang_up()
        await self._settle(self._stderr_task)
        await self._settle(self._gone)
        self._release()
        if asked and "interrupt" not in ending.steps:
            return attrs.evolve(ending, steps=("interrupt", *ending.steps))
        return ending

    async def outcome(self) -> Outcome:
        """Give the final word, once `events` has ended."""
        if not self._gone.done() and not self.concluded:
            await asyncio.wait({self._gone}, timeout=_EXIT_WAIT)
        code = self._gone.result() if self._gone.done() and not self._gone.cancelled() else None
        return self._dialect.outcome(LastWords(code, self._ended_by_us, self._stderr()))

    async def _ask_to_stop(self, grace: float) -> bool:
        words = self._dialect.interrupt()
        if not words or not self._open or self._gone.done() or grace <= 0:
            return False
        with contextlib.suppress(OSError):
            self._process.stdin.write(words)
        self._hang_up()
        await asyncio.wait({self._gone}, timeout=grace)
        return True

    async def _chunks(self) -> AsyncIterator[bytes]:
        over = asyncio.create_task(self._over.wait())
        read: asyncio.Task[bytes] | None = None
        now = asyncio.get_running_loop().time
        until: float | None = None
        try:
            while until is None or now() < until:
                read = asyncio.create_task(self._process.stdout.read(_CHUNK))
                await asyncio.wait({read, self._gone, over}, return_when=asyncio.FIRST_COMPLETED)
                if not read.done():
                    await asyncio.wait({read}, timeout=_QUIET_AFTER_END)
                if not read.done() or not read.result():
                    return
                self._heard_at = now()
                yield read.result()
                if until is None and self._gone.done():
                    until = now() + _LISTENS_AFTER_END
        finally:
            over.cancel()
            if read is not None:
                read.cancel()

    def _worth_saying(self, line: Line | TooLong) -> list[AgentEvent]:
        """Give what a line means; of problems only the first ones, for noise has no end."""
        events = self._meaning(line)
        problems = sum(isinstance(event, Remark) and event.problem for event in events)
        self._problems += problems
        if problems and self._problems > _MOST_PROBLEMS:
            return [event for event in events if not (isinstance(event, Remark) and event.problem)]
        return events

    def _meaning(self, line: Line | TooLong) -> list[AgentEvent]:
        if isinstance(line, TooLong):
            return [Remark(f"A line of {line.size} bytes was too long to be read.", problem=True)]
        concluded = self._dialect.concluded
        events = self._dialect.read(line.text)
        if self._dialect.concluded and not concluded and not events:
            # Who listens learns of the result by an event, and gives the process its grace from then on.
            events = [Remark("The agent has given its result.")]
        reply = self._dialect.reply()
        if reply and self._listens:
            self._process.stdin.write(reply)
        if self._dialect.concluded:
            self._hang_up()
        return events

    def _hang_up(self) -> None:
        if self._open:
            self._open = False
            with contextlib.suppress(OSError):
                self._process.stdin.close()

    async def _read_errors(self) -> None:
        while chunk := await self._process.stderr.read(_CHUNK):
            self._heard_at = asyncio.get_running_loop().time()
            self._errors += chunk
            del self._errors[:-_STDERR_KEPT]

    def _stderr(self) -> str:
        return bytes(self._errors).decode("utf-8", "replace").strip()

    async def _settle(self, task: "asyncio.Task[int] | asyncio.Task[None]") -> None:
        if not task.done():
            await asyncio.wait({task}, timeout=_QUIET_AFTER_END)
        if not task.done():
            task.cancel()
            await asyncio.wait({task})
