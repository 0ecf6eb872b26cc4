"""Places in an event log that are found without reading all of it: its end, and the way to an event.

It builds on numbers that only grow, as the one writer of a log gives them. What it leaves out: reading on
from there (`reading.py`).
"""

import os
from pathlib import Path
from typing import BinaryIO

from beadwork.executions.encoding import event_of
from beadwork.executions.model import LogError

_NEAR = 1024 * 1024
"""Bytes that are rather read than searched."""
_TAIL = 64 * 1024


def last_seq(path: Path) -> int:
    """Give the `seq` of the last whole event of a log; 0 when there is none, or no such file.

    Reads the end of the file, and more of it only where that has no whole line. Raises LogError.
    """
    try:
        with path.open("rb") as file:
            return _last_in(file, os.fstat(file.fileno()).st_size)
    except FileNotFoundError:
        return 0
    except OSError as error:
        raise LogError(f"The log {path} cannot be read: {error.strerror}.") from error


def _last_in(file: BinaryIO, size: int) -> int:
    reach = _TAIL
    while True:
        start = max(0, size - reach)
        file.seek(start)
        lines = file.read(size - start).split(b"\n")
        whole = lines[:-1] if start == 0 else lines[1:-1]
        for line in reversed(whole):
            if (event := event_of(line)) is not None:
                return event.seq
        if start == 0:
            return 0
        reach *= 8


def near(file: BinaryIO, size: int, after: int) -> int:
    """Give where a line begins before which every event has a `seq` of at most `after`.

    It is at most about a megabyte before the first event above `after`. May raise OSError.
    """
    low, high = 0, size
    while high - low > _NEAR:
        middle = (low + high) // 2
        found = _event_from(file, middle, high)
        if found is None or found[1] > after:
            high = middle
        else:
            low = found[0]
    return low


def _event_from(file: BinaryIO, at: int, end: int) -> tuple[int, int] | None:
    """Give where the first readable event begins whose line begins behind `at`, and its `seq`."""
    file.seek(at)
    begin = at + len(file.readline())
    while begin < end:
        line = file.readline()
        if (event := event_of(line)) is not None:
            return begin, event.seq
        begin += max(1, len(line))
    return None
