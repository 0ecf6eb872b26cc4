"""The event log: what is written is read, whatever it is and wherever it was cut."""

import asyncio
import json
import stat
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beadwork.executions import (
    Event,
    EventKind,
    EventLog,
    LogError,
    follow,
    read_events,
    readable_path,
)
from eventually import eventually

any_text = st.text(st.characters(exclude_categories=()))
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | any_text | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.dictionaries(st.sampled_from(["text", "title", "data", "ok"]), anything, max_size=3)


def texts(events: list[Event]) -> list[object]:
    """Give the texts of events."""
    return [event.data.get("text") for event in events]


@settings(deadline=None)
@given(datas=st.lists(FIELDS, max_size=6))
def test_anything_comes_back_in_order_without_gaps(
    tmp_path_factory: pytest.TempPathFactory, datas: list[dict[str, Any]]
) -> None:
    """A log takes whatever an agent says; a reader gets exactly what the writer was told it wrote."""
    path = tmp_path_factory.mktemp("log") / "x.jsonl"
    log = EventLog.create(path)
    written = [log.write(EventKind.TOOL, **data) for data in datas]
    log.close()
    assert read_events(path) == written
    assert [event.seq for event in written] == list(range(1, len(datas) + 1))
    for line in path.read_bytes().decode("utf-8").split("\n")[:-1]:
        json.loads(line, parse_constant=pytest.fail)


@settings(deadline=None)
@given(text=any_text, raw=st.binary())
def test_text_and_bytes_survive(tmp_path_factory: pytest.TempPathFactory, text: str, raw: bytes) -> None:
    """Text is kept to the letter, half surrogate pairs and line separators included; bytes are not lost."""
    path = tmp_path_factory.mktemp("log") / "x.jsonl"
    log = EventLog.create(path)
    log.write(EventKind.TEXT, text=text, raw=raw)
    log.close()
    (event,) = read_events(path)
    assert event.data["text"] == text
    assert isinstance(event.data["raw"], str)


@settings(deadline=None)
@given(cut=st.integers(min_value=0), more=st.integers(0, 3))
def test_a_log_cut_anywhere_goes_on(tmp_path_factory: pytest.TempPathFactory, cut: int, more: int) -> None:
    """Wherever its writer died, what was whole stays, the rest is kept and marked, and seq has no gap."""
    path = tmp_path_factory.mktemp("log") / "x.jsonl"
    log = EventLog.create(path)
    for number in range(4):
        log.write(EventKind.TEXT, text=f"über {number} " * 5)
    log.close()
    data = path.read_bytes()
    kept = data[: cut % (len(data) + 1)]
    path.write_bytes(kept)
    before = read_events(path)
    log = EventLog.open(path)
    for number in range(more):
        log.write(EventKind.TEXT, text=f"more {number}")
    log.close()
    assert path.read_bytes().startswith(kept)
    after = read_events(path)
    assert after[: len(before)] == before
    assert [event.seq for event in after] == list(range(1, len(after) + 1))
    cut_off = kept.rpartition(b"\n")[2]
    assert ("was cut" in str(texts(after))) == (bool(cut_off) and kept + b"\n" not in data)


def test_a_broken_line_in_the_middle_harms_no_other(tmp_path: Path) -> None:
    """Rubbish, an empty line and half a character are passed over."""
    path = tmp_path / "x.jsonl"
    log = EventLog.create(path)
    log.write(EventKind.TEXT, text="one")
    log.close()
    with path.open("ab") as file:
        file.write(
            b'\n\xff\xfe\n{"seq": 2}\n[]\n7\n{"seq":"x","at":1,"kind":"text"}\n' + b"[" * 10_000 + b"\n"
        )
    log = EventLog.open(path)
    log.write(EventKind.TEXT, text="two")
    log.close()
    assert [(event.seq, event.data["text"]) for event in read_events(path)] == [(1, "one"), (2, "two")]


def test_a_kind_of_a_newer_version_is_read(tmp_path: Path) -> None:
    """Readers hand on kinds that they do not know."""
    path = tmp_path / "x.jsonl"
    path.write_text('{"seq":1,"at":2.5,"kind":"dream","depth":3}\n')
    assert read_events(path) == [Event(1, 2.5, "dream", {"depth": 3})]


def test_secrets_are_masked_everywhere(tmp_path: Path) -> None:
    """A known value is nowhere in either file, however deep it lies, and also when one holds the other."""
    path = tmp_path / "x.jsonl"
    log = EventLog.create(path, secrets=["hunter22", "hunter22-long", "", "abc", "with\nline"])
    log.write(EventKind.TEXT, text="it is hunter22-long, or hunter22; abc stays", data={"a": ["x hunter22"]})
    log.write(EventKind.TOOL, tool="t", title="hunter22", data={"hunter22": b"hunter22", "m": "with\nline"})
    log.write(EventKind.NOTE, text="n", what=Thing("hunter22"))
    log.close()
    whole = path.read_text() + readable_path(path).read_text()
    assert "hunter22" not in whole
    assert "-long" not in whole
    assert "with\\nline" not in whole
    assert "abc stays" in whole


@attrs.frozen
class Thing:
    """Something that is not of JSON."""

    name: str


def test_the_readable_log_is_for_people(tmp_path: Path) -> None:
    """Each event is a line with time and kind; long ones are cut only there, nothing moves the cursor."""
    path = tmp_path / "x.jsonl"
    log = EventLog.create(path)
    log.write(EventKind.STATE, state="running", phase="agent")
    log.write(EventKind.TEXT, text="x" * 100_000)
    log.write(EventKind.TOOL, tool="Bash", title="rm \x1b[2J\r\x07 \u202e all\nsecond")
    log.write(EventKind.TOOL_RESULT, ok=False, text="no")
    log.write(EventKind.COST, usd=0.125, inputTokens=5, outputTokens=6)
    log.close()
    lines = readable_path(path).read_text().splitlines()
    assert lines[0].endswith("state       running, agent")
    assert len(lines[1]) < 3000
    assert "98000 more characters" in lines[1]
    assert not set("\x1b\r\x07\u202e") & set("".join(lines))
    assert lines[3] == " " * 22 + "second"
    assert lines[4].endswith("failed: no")
    assert lines[5].endswith("$0.12, 5 tokens in, 6 out")
    assert len(str(read_events(path)[1].data["text"])) == 100_000


def test_files_are_private(tmp_path: Path) -> None:
    """A log and its folders belong to their user alone."""
    path = tmp_path / "a" / "b" / "x.jsonl"
    EventLog.create(path).close()
    for made, mode in ((path, 0o600), (readable_path(path), 0o600), (path.parent, 0o700)):
        assert stat.S_IMODE(made.stat().st_mode) == mode


def test_a_log_has_a_cap_with_a_mark(tmp_path: Path) -> None:
    """From its limit on a log keeps what a person must know, says so once, and has no gap in seq."""
    path = tmp_path / "x.jsonl"
    log = EventLog.create(path, cap=1000)
    written = [log.write(EventKind.TEXT, text="x" * 100) for _ in range(20)]
    log.write(EventKind.ERROR, text="an error")
    log.write(EventKind.TEXT, text="small")
    log.write(EventKind.STATE, state="failed")
    log.close()
    events = read_events(path)
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert [event.kind for event in events if event.kind != "text"] == ["note", "error", "state"]
    assert sum("limit" in str(event.data.get("text")) for event in events) == 1
    assert [event for event in written if event.seq] == [event for event in events if event.kind == "text"]


def test_errors_without_end_do_not_grow_a_log_without_end(tmp_path: Path) -> None:
    """An agent that prints nothing but rubbish is an error a line; how the run ended is still in the log."""
    path = tmp_path / "x.jsonl"
    log = EventLog.create(path, cap=1000)
    for _ in range(200):
        log.write(EventKind.ERROR, text="Not an event: rubbish")
    log.write(EventKind.STATE, state="failed")
    log.close()
    assert path.stat().st_size < 2000
    events = read_events(path)
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert [event.kind for event in events[-2:]] == ["note", "state"]
    assert "from here on only states, talk and git" in str(events[-2].data["text"])


def test_one_line_of_any_length_is_written_whole(tmp_path: Path) -> None:
    """A line of five megabytes is one event for readers and followers."""
    path = tmp_path / "x.jsonl"
    log = EventLog.create(path)
    log.write(EventKind.TOOL_RESULT, ok=True, text="ü" * 2_500_000)
    log.write(EventKind.TEXT, text="after")
    log.close()
    first, second = read_events(path)
    assert len(str(first.data["text"])) == 2_500_000
    assert second.data["text"] == "after"


def test_reading_gives_pages(tmp_path: Path) -> None:
    """`after` and `limit` cut pages out of a log; none of what is not there."""
    path = tmp_path / "x.jsonl"
    log = EventLog.create(path)
    for number in range(10):
        log.write(EventKind.TEXT, text=str(number))
    log.close()
    assert texts(read_events(path, after=3, limit=2)) == ["3", "4"]
    assert read_events(path, after=10) == []
    assert read_events(path, limit=0) == []
    assert read_events(tmp_path / "nowhere.jsonl") == []


def test_a_log_is_not_begun_twice(tmp_path: Path) -> None:
    """Two runs never share a file; what is in the way is named."""
    path = tmp_path / "x.jsonl"
    EventLog.create(path).close()
    with pytest.raises(LogError, match=r"x\.jsonl"):
        EventLog.create(path)
    with pytest.raises(LogError):
        EventLog.create(path / "below.jsonl")


def test_the_logs_own_fields_are_not_data(tmp_path: Path) -> None:
    """Nobody overwrites a number or a time by mistake."""
    log = EventLog.create(tmp_path / "x.jsonl")
    for name in ("seq", "at", "kind"):
        with pytest.raises(ValueError, match="own"):
            log.write(EventKind.TEXT, **{name: 1})
    log.close()


class Following:
    """A follower that collects what it is given."""

    def __init__(self, path: Path, after: int = 0) -> None:
        self.over = False
        self.events: list[Event] = []
        self._task = asyncio.create_task(self._run(path, after))

    async def _run(self, path: Path, after: int) -> None:
        async for batch in follow(path, after, lambda: self.over):
            assert batch
            self.events += batch

    async def saw(self, count: int) -> None:
        """Wait until so many events were given."""
        await eventually(f"{count} events followed", lambda: self._task.done() or len(self.events) >= count)

    async def end(self) -> list[Event]:
        """Say that nothing more will come, and give all that came."""
        self.over = True
        await asyncio.wait_for(self._task, 30)
        return self.events


async def test_a_follower_sees_each_event_once_while_it_is_written(tmp_path: Path) -> None:
    """A follower that was there before the file gets what a reader gets afterwards."""
    path = tmp_path / "deep" / "x.jsonl"
    following, late = Following(path), Following(path, after=2)
    log = EventLog.create(path)
    for number in range(1, 6):
        log.write(EventKind.TEXT, text=f"ü{number}")
        await following.saw(number)
    log.close()
    assert await following.end() == read_events(path)
    assert await late.end() == read_events(path, after=2)


async def test_a_follower_crosses_the_death_of_a_writer(tmp_path: Path) -> None:
    """Half a line is never handed on; what the next writer appends is, without gap or repetition."""
    path = tmp_path / "x.jsonl"
    log = EventLog.create(path)
    following = Following(path)
    log.write(EventKind.TEXT, text="one")
    log.close()
    await following.saw(1)
    with path.open("ab") as file:
        file.write(b'{"seq":2,"at":1,"ki')
    log = EventLog.open(path)
    log.write(EventKind.TEXT, text="two")
    log.close()
    await following.saw(3)
    with path.open("ab") as file:
        file.write(b'{"seq":4,"at":1,"kind":"text","text":"thr')
        file.flush()
        following.events.clear()
        file.write(b'ee"}')
    log = EventLog.open(path)
    log.write(EventKind.TEXT, text="four")
    log.close()
    assert texts(await following.end()) == ["three", "four"]
    events = read_events(path)
    assert [event.seq for event in events] == [1, 2, 3, 4, 5]
    assert "was cut" in str(events[1].data["text"])


async def test_a_follower_gets_what_was_written_just_before_the_end(tmp_path: Path) -> None:
    """The last events are given also when the end is said before the follower looked."""
    path = tmp_path / "x.jsonl"
    log = EventLog.create(path)
    for number in range(3000):
        log.write(EventKind.TEXT, text=f"{number} " + "x" * 1000)
    log.close()
    following = Following(path)
    following.over = True
    assert [event.seq for event in await following.end()] == list(range(1, 3001))


async def test_following_what_never_begins_ends(tmp_path: Path) -> None:
    """A run that was cancelled in the queue has no log, and nobody waits for it for ever."""
    assert await Following(tmp_path / "x.jsonl").end() == []
