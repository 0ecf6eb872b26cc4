"""Places in a large log are found without reading all of it."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beadwork.executions import Event, follow, last_seq, read_events
from beadwork.executions.seeking import near

EVENTS = 200_000


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log of 200,000 events, some 100 MB."""
    path = tmp_path_factory.mktemp("log") / "large.jsonl"
    write(path, (line(seq, "x" * 450) for seq in range(1, EVENTS + 1)))
    return path


def line(seq: int, text: str) -> bytes:
    """Give an event as its line."""
    whole = {"seq": seq, "at": 1.0, "kind": "text", "text": text}
    return json.dumps(whole).encode() + b"\n"


def write(path: Path, lines: Iterable[bytes]) -> None:
    """Write a log as its writer would."""
    with path.open("wb") as file:
        file.writelines(lines)


class Counted:
    """A file that counts what is read of it."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self.bytes = 0

    def seek(self, at: int) -> int:
        """Go there."""
        return self._file.seek(at)

    def readline(self) -> bytes:
        """Read a line."""
        found = self._file.readline()
        self.bytes += len(found)
        return found

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


async def first_of(path: Path, after: int) -> Event:
    """Give the first event that a follower is given."""
    async for events in follow(path, after, lambda: True):
        return events[0]
    raise AssertionError("there is none")


async def test_the_end_of_a_large_log_is_known_at_once(large: Path) -> None:
    """And it is followed, and read in pages, from near there."""
    assert last_seq(large) == EVENTS
    file: Any = Counted(large)
    for after in (1, EVENTS // 2, EVENTS - 1000, EVENTS, EVENTS + 5):
        file.bytes = 0
        start = near(file, large.stat().st_size, after)
        assert file.bytes < 64 * 1024
        assert start >= large.stat().st_size * after / EVENTS - 1_100_000 - after
    file.close()
    assert (await first_of(large, EVENTS - 1000)).seq == EVENTS - 999
    page = read_events(large, EVENTS - 3, 2)
    assert [event.seq for event in page] == [EVENTS - 2, EVENTS - 1]
    assert read_events(large, EVENTS) == []


@settings(deadline=None)
@given(
    lengths=st.lists(st.sampled_from([0, 10, 200_000, 1_500_000]), max_size=12),
    broken=st.sets(st.integers(0, 11)),
    cut=st.booleans(),
)
def test_nothing_that_is_wanted_is_passed_over(
    tmp_path_factory: pytest.TempPathFactory, lengths: list[int], broken: set[int], cut: bool
) -> None:
    """However long the lines are, with broken ones between them, and a last one that is not finished."""
    path = tmp_path_factory.mktemp("log") / "x.jsonl"

    def lines() -> Iterator[bytes]:
        for at, length in enumerate(lengths):
            yield b"broken\n" if at in broken else line(at + 1, "x" * length)
        if cut:
            yield line(99, "unfinished")[:-1]

    write(path, lines())
    seqs = [at + 1 for at in range(len(lengths)) if at not in broken]
    assert last_seq(path) == (seqs[-1] if seqs else 0)
    for after in range(len(lengths) + 1):
        assert [event.seq for event in read_events(path, after)] == [seq for seq in seqs if seq > after]


def test_a_log_that_is_not_there_has_no_end(tmp_path: Path) -> None:
    """A queued run has none yet."""
    assert last_seq(tmp_path / "none.jsonl") == 0
