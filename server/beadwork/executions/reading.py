"""Readers of an event log: all of it, or its tail while it grows. What it leaves out: writing."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from beadwork.executions.encoding import event_of
from beadwork.executions.events import Event
from beadwork.executions.model import LogError
from beadwork.executions.seeking import near

_POLL_SECONDS = 0.05
"""Between two looks at the size of a log; one costs a few microseconds."""
_CHUNK = 1024 * 1024
"""Bytes that are read, and events handed on, at a time; a longer line is read whole."""


def events_of(lines: Iterable[bytes]) -> list[Event]:
    """Give the events of `lines`, without those that are broken."""
    return [event for event in map(event_of, lines) if event is not None]


def each_event(path: Path) -> Iterator[Event]:
    """Give all events in their order, a part of the file at a time; none when there is no such file.

    A line that is broken, or not finished yet, is left out. Raises LogError when the file cannot be read.
    """
    tail = _Tail(path)
    while lines := tail.read():
        yield from events_of(lines)


def read_events(path: Path, after: int = 0, limit: int | None = None) -> list[Event]:
    """Give the events with `seq` above `after`, at most `limit`; none when there is no such file.

    A line that is broken, or not finished yet, is left out. Raises LogError when the file cannot be read.
    """
    found: list[Event] = []
    tail = _Tail(path, after)
    while lines := tail.read():
        found += [event for event in events_of(lines) if event.seq > after]
        if limit is not None and len(found) >= limit:
            return found[:limit]
    return found


async def follow(path: Path, after: int, ended: Callable[[], bool]) -> AsyncIterator[list[Event]]:
    """Give the events with `seq` above `after` in batches, as they are written, in order and each once.

    Ends when `ended` says that no more will be written, and all there is was given. The file need not be
    there yet. Raises LogError when it cannot be read.
    """
    tail = _Tail(path, after)
    seq = after
    while True:
        last_look = ended()
        while lines := tail.read():
            batch = []
            for event in events_of(lines):
                if event.seq > seq:
                    batch.append(event)
                    seq = event.seq
            if batch:
                yield batch
        if last_look:
            return
        await asyncio.sleep(_POLL_SECONDS)


class _Tail:
    """Reads whole lines from where it stopped the last time; what has no line's end yet is left for later."""

    def __init__(self, path: Path, after: int = 0) -> None:
        self._path = path
        self._after = after
        """Events up to this `seq` are not wanted, and passed over as far as that is quick."""
        self._offset = 0
        self._seen = 0
        """The size of the file when there was no whole line behind the offset."""

    def read(self) -> list[bytes]:
        """Give the next lines; none when no further one is whole."""
        try:
            size = os.stat(self._path).st_size  # noqa: PTH116  (a hot path)
            if size in {self._offset, self._seen}:
                return []
            with self._path.open("rb") as file:
                return self._lines(file, size)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise LogError(f"The log {self._path} cannot be read: {error.strerror}.") from error

    def _lines(self, file: BinaryIO, size: int) -> list[bytes]:
        if self._after:
            self._offset, self._after = near(file, size, self._after), 0
        file.seek(self._offset)
        data = file.read(_CHUNK)
        if b"\n" not in data:
            data += file.readline()
        whole, end, _cut = data.rpartition(b"\n")
        self._offset += len(whole) + len(end)
        self._seen = 0 if end else size
        return whole.split(b"\n") if end else []
