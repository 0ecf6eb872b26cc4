"""The writer of an event log: JSON lines for programs, and beside them the same lines for people.

The writer is the source of what happened: whole lines, numbered without gaps, masked before they are written.
What it leaves out: reading (`reading.py`), the readable text of an event (`readable.py`).
"""

import contextlib
import errno
import os
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

import attrs

from beadwork.executions.encoding import Mask, line_of
from beadwork.executions.events import Event, EventKind
from beadwork.executions.model import LogError
from beadwork.executions.readable import readable
from beadwork.executions.reading import events_of

CAP = 64 * 1024 * 1024
"""Bytes that a log may have before it is thinned out to what a person must know."""

_KEPT_TO_THE_END = frozenset(
    {EventKind.RUN, EventKind.STATE, EventKind.GIT, EventKind.QUESTION, EventKind.ANSWER, EventKind.MESSAGE}
)
"""What is kept beyond half as much again: our own few events, and what people were asked and said."""
_KEPT_BEYOND_CAP = _KEPT_TO_THE_END | {EventKind.ERROR, EventKind.NOTE}
"""Errors and notes may be an agent's, so there can be any number of them."""
_TAIL = 64 * 1024


class EventLog:
    """An event log that is being written. It has one writer at a time."""

    def __init__(self, path: Path, *, create: bool, secrets: Iterable[str], cap: int) -> None:
        """Use `create` or `open`."""
        self.path = path
        """The log itself, JSON lines."""
        self.readable_path = readable_path(path)
        """The same for people."""
        self._mask = Mask(secrets)
        self._cap = cap
        self._capped: set[int] = set()
        self._lost = 0
        self._told_failure = False
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | (os.O_EXCL if create else 0)
        with contextlib.ExitStack() as opened:
            try:
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._file = os.open(path, flags, 0o600)
                opened.callback(os.close, self._file)
                self._readable = os.open(self.readable_path, flags & ~os.O_EXCL, 0o600)
                opened.callback(os.close, self._readable)
                self._size = os.fstat(self._file).st_size
                self._seq, cut = _repaired(self._file, self._size)
            except OSError as error:
                raise _log_error(path, "cannot be opened", error) from error
            opened.pop_all()
        self._size = os.fstat(self._file).st_size
        if cut:
            self.write(EventKind.NOTE, text="The line before this one was cut when its writer ended.")

    @classmethod
    def create(cls, path: Path, *, secrets: Iterable[str] = (), cap: int = CAP) -> "EventLog":
        """Begin a log at `path`, with its folders, readable by its user alone.

        `secrets` are values that are masked wherever they appear; those of under four characters are not,
        for they would hide more than themselves. From `cap` bytes on, only states, talk, errors, notes
        and git are kept, from half as much again only states, talk and git.
        Raises LogError, also when there is such a file.
        """
        return cls(path, create=True, secrets=secrets, cap=cap)

    @classmethod
    def open(cls, path: Path, *, secrets: Iterable[str] = (), cap: int = CAP) -> "EventLog":
        """Go on with the log at `path`, or begin it. A cut last line is kept, ended, and said to be cut.

        Raises LogError.
        """
        return cls(path, create=False, secrets=secrets, cap=cap)

    def write(self, kind: EventKind, /, **data: object) -> Event:
        """Append one event as one whole line, at once visible to every reader; give it as it was written.

        Beyond the cap an event that is not kept comes back with `seq` 0. Raises LogError when the disk takes
        it no more, once: after that what cannot be written is counted, and noted when writing works again.
        Raises ValueError for the names `seq`, `at` and `kind` in `data`.
        """
        if not {"seq", "at", "kind"}.isdisjoint(data):
            raise ValueError("the fields seq, at and kind of an event are the log's own")
        return self._append(kind, data)

    def masked(self, text: str) -> str:
        """Give `text` as it would stand in the log, for what is told elsewhere of the same run."""
        return self._mask(text)

    def close(self) -> None:
        """Let go of the files; a second call does nothing."""
        for descriptor in (self._file, self._readable):
            if descriptor >= 0:
                os.close(descriptor)
        self._file = self._readable = -1

    def _append(self, kind: EventKind, data: Mapping[str, object]) -> Event:
        event, line = self._line(self._seq + 1, kind, data)
        if over := self._over(kind, len(line)):
            self._mark_cap(*over)
            return attrs.evolve(event, seq=0)
        return self._keep(event, line, data)

    def _keep(self, event: Event, line: bytes, data: Mapping[str, object]) -> Event:
        written = [(event, line)]
        if self._lost:
            # In one piece: the note about what was lost is only true once something gets through again.
            lost = {"text": f"{self._lost} events before this could not be written."}
            note = self._line(self._seq + 1, EventKind.NOTE, lost)
            written = [note, self._line(self._seq + 2, EventKind(event.kind), data)]
        try:
            self._put(b"".join(line for _, line in written), len(written))
        except OSError as error:
            self._lost += 1
            self._fail(error)
            return attrs.evolve(event, seq=0)
        self._lost = 0
        try:
            _write_all(
                self._readable, "".join(readable(event) for event, _ in written).encode("utf-8", "replace")
            )
        except OSError as error:
            self._fail(error)
        return written[-1][0]

    def _line(self, seq: int, kind: EventKind, data: Mapping[str, object]) -> tuple[Event, bytes]:
        return line_of(seq, time.time(), kind, data, self._mask)

    def _fail(self, error: OSError) -> None:
        if not self._told_failure:
            self._told_failure = True
            raise _log_error(self.path, "cannot be written", error) from error

    def _put(self, lines: bytes, count: int) -> None:
        try:
            _write_all(self._file, lines)
        except OSError:
            # What got through goes again: the next line has to begin on a line of its own.
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, self._size)
            raise
        self._size += len(lines)
        self._seq += count

    def _over(self, kind: EventKind, size: int) -> tuple[int, str] | None:
        """Give the limit that keeps an event out, and what is still kept beyond it."""
        limits = (
            (self._cap + self._cap // 2, _KEPT_TO_THE_END, "states, talk and git"),
            (self._cap, _KEPT_BEYOND_CAP, "states, talk, errors, notes and git"),
        )
        for limit, kept, words in limits:
            if kind not in kept and (limit in self._capped or self._size + size > limit):
                return limit, words
        return None

    def _mark_cap(self, limit: int, kept: str) -> None:
        if limit in self._capped:
            return
        self._capped.add(limit)
        size = f"{limit / 1024 / 1024:.3g} MB"
        data = {"text": f"The log has reached its limit of {size}: from here on only {kept}."}
        self._keep(*self._line(self._seq + 1, EventKind.NOTE, data), data)


def readable_path(path: Path) -> Path:
    """Give the path of the readable log that lies beside the event log at `path`."""
    return path.with_suffix(".log")


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _repaired(descriptor: int, size: int) -> tuple[int, bool]:
    """Make the file end with a line's end; give the last `seq` in it, and whether a line was cut."""
    reach = _TAIL
    while True:
        start = max(0, size - reach)
        tail = os.pread(descriptor, size - start, start)
        lines = tail.split(b"\n")
        whole = lines if start == 0 else lines[1:]
        events = events_of(whole)
        if events or start == 0:
            break
        reach *= 8
    if not tail or tail.endswith(b"\n"):
        return (events[-1].seq if events else 0), False
    _write_all(descriptor, b"\n")
    # The cut can have taken the line's end alone; then nothing is lost.
    cut = not events_of(lines[-1:])
    return (events[-1].seq if events else 0), cut


def _log_error(path: Path, what: str, error: OSError) -> LogError:
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return LogError(f"The log {path} {what}: the disk is full. Free some space and try again.")
    return LogError(f"The log {path} {what}: {error.strerror or error}.")
