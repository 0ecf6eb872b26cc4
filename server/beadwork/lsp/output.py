"""Following the logs of runs, and passing them on to an editor that subscribed.

One notification carries what came within a twentieth of a second, up to a size that editors take at once. An
editor that does not keep up is waited for. What is longer than a person reads is cut: the log has all of it.

What it leaves out: writing logs; they are the workers'.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from beadwork.errors import BeadworkError
from beadwork.executions import Event
from beadwork.executions import follow as log_events
from beadwork.lsp.editor import Editor, Level, drained
from beadwork.workflows import Application, RunView, as_json

if TYPE_CHECKING:
    from beadwork.lsp.transcript import Transcript

logger = logging.getLogger(__name__)

PACE = 0.05
"""Seconds between two notifications of one run."""
RUN_PACE = 0.15
"""Seconds between two looks at whether a run has ended."""
LARGEST = 256 * 1024
"""Bytes of events in one notification, about; a single event may be larger, but see LONGEST_TEXT."""
LONGEST_TEXT = 32 * 1024
"""Characters of one string in an event."""
UNTAKEN = 1024 * 1024
"""Bytes that an editor may owe us before it is waited for."""

JsonEvent = Mapping[str, object]
"""An event as it travels."""

Spawn = Callable[[Coroutine[object, object, None], str], "asyncio.Task[None]"]
"""Starts a task with a name, owned by the server, which logs its defects and cancels it on leaving."""


async def follow(application: Application, run: str, after: int) -> AsyncIterator[Sequence[Event]]:
    """Give the events of a run with `seq` above `after` as they are written.

    Ends when the run has ended, or has come to rest, and all was given. Raises BeadworkError.
    """
    now = _Followed(await application.run(run))
    watching = asyncio.create_task(now.watch(application))
    try:
        while not now.run.log and not watching.done():  # noqa: ASYNC110  (a queued run has no log)
            await asyncio.sleep(PACE)
        if now.run.log:
            async for events in log_events(Path(now.run.log), after, watching.done):
                yield events
        await watching
    finally:
        watching.cancel()


class _Followed:
    """A run that is looked at again and again until it has ended or rests."""

    def __init__(self, run: RunView) -> None:
        self.run = run

    async def watch(self, application: Application) -> None:
        while active(self.run):
            await asyncio.sleep(RUN_PACE)
            self.run = await application.run(self.run.id)


def active(run: RunView) -> bool:
    """Whether a run may still write to its log: it is queued or a worker is at it.

    A run whose agent waits for an answer has not ended while it waits in its turn; after that it rests.
    """
    return run.state in {"queued", "running"} or (run.state == "needs_input" and run.ended_at is None)


def view(value: object) -> object:
    """Give JSON with its long strings cut, and how much is missing."""
    match value:
        case str() if len(value) > LONGEST_TEXT:
            return f"{value[:LONGEST_TEXT]}… ({len(value) - LONGEST_TEXT} more characters are in the log)"
        case dict():
            return {key: view(item) for key, item in value.items()}
        case list():
            return [view(item) for item in value]
        case _:
            return value


def batches(events: Iterable[Event], largest: int = LARGEST) -> Iterator[list[JsonEvent]]:
    """Put events together into messages of some `largest` bytes, at least one in each."""
    batch: list[JsonEvent] = []
    size = 0
    for event in events:
        shown = cast("JsonEvent", view(as_json(event)))
        length = len(json.dumps(shown))
        if batch and size + length > largest:
            yield batch
            batch, size = [], 0
        batch.append(shown)
        size += length
    if batch:
        yield batch


class Output:
    """The subscriptions of one editor."""

    def __init__(self, application: Application, editor: Editor, spawn: Spawn) -> None:
        self._application = application
        self._editor = editor
        self._spawn = spawn
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._sent: dict[str, int] = {}

    def subscribe(self, run: str, after: int, transcript: "Transcript | None" = None) -> None:
        """Send the events of `run` (a whole id) with `seq` above `after`, or what `transcript` makes of them.

        It takes the place of an earlier subscription to the same run.
        """
        self.unsubscribe(run)
        self._sent[run] = after
        self._tasks[run] = self._spawn(self._send(run, after, transcript), f"output of {run[:8]}")

    def unsubscribe(self, run: str, after: int = 0) -> int:
        """Send no more of `run`; gives the first `seq` that was not sent."""
        task = self._tasks.pop(run, None)
        if task is not None:
            task.cancel()
        return self._sent.pop(run, after) + 1

    async def _send(self, run: str, after: int, transcript: "Transcript | None") -> None:
        words: dict[str, object] = {}
        try:
            async for events in follow(self._application, run, after):
                await self._send_events(run, events, transcript)
            if transcript:
                now = await self._application.run(run)
                words = {"text": transcript.end(now), "now": now}
        except BeadworkError as error:
            logger.warning("The log of run %s cannot be read: %s", run[:8], error)
            self._editor.show(Level.ERROR, error.message)
        finally:
            if self._tasks.get(run) is asyncio.current_task():
                del self._tasks[run]
                del self._sent[run]
        self._notify(run, ended=True, **words)

    async def _send_events(self, run: str, events: Sequence[Event], transcript: "Transcript | None") -> None:
        for batch in batches(events):
            await drained(self._editor, UNTAKEN)
            last = cast("int", batch[-1]["seq"])
            if transcript:
                self._notify(run, text=transcript.of(batch), next=last + 1)
            else:
                self._notify(run, events=batch)
            self._sent[run] = last
            await asyncio.sleep(PACE)

    def _notify(self, run: str, **told: object) -> None:
        self._editor.notify("beadwork/output", {"run": run, "events": [], "ended": False, **told})
