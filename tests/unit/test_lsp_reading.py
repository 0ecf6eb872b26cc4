"""What an editor sends, read: messages, arguments, folders. Whatever it is, it is read or named."""

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beadwork.lsp.arguments import AnswerRun, WorkOnBead, instant, read
from beadwork.lsp.errors import InvalidArguments
from beadwork.lsp.folders import Folders, path_of
from beadwork.lsp.output import LONGEST_TEXT, view
from beadwork.lsp.wire import read_body

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
NAMES = ("id", "folder", "force", "withChanges", "agent", "runner", "script")


@given(st.lists(JSON | st.dictionaries(st.sampled_from(NAMES), JSON), max_size=2))
def test_an_argument_is_read_as_it_is_or_named_in_one_sentence(arguments: list[Any]) -> None:
    """Nothing is coerced, nothing else is raised."""
    try:
        ask = read("beadwork.work", WorkOnBead, arguments)
    except InvalidArguments as error:
        words = error.message
    else:
        words = "`"
        (sent,) = arguments
        assert type(ask.id) is str
        assert ask.id == sent["id"]
        assert ask.force is bool(sent.get("force"))
    assert words.startswith("`")


@given(JSON)
def test_a_list_of_strings_is_read_as_it_is_or_named_in_one_sentence(texts: Any) -> None:
    """An answer is never put together from what is no text."""
    try:
        ask = read("beadwork.answer", AnswerRun, [{"run": "demo-1", "texts": texts}])
    except InvalidArguments as error:
        words = error.message
    else:
        words = "`texts`"
        assert list(ask.texts) == texts
        assert all(type(text) is str for text in texts)
    assert "`texts`" in words


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-01T00:00:10Z", 10.0),
        ("1970-01-01T01:00:10.500+01:00", 10.5),
        ("1970-01-01T00:00:10", None),
        ("1970-01-01", None),
        ("yesterday", None),
    ],
)
def test_a_time_is_read_with_its_zone_or_named(text: str, seconds: float | None) -> None:
    """A time without a zone would mean something else on another machine."""
    if seconds is not None:
        assert instant("beadwork.runs", "since", text) == seconds
        return
    with pytest.raises(InvalidArguments, match=r"`since` of `beadwork\.runs` is "):
        instant("beadwork.runs", "since", text)


@given(st.lists(st.binary(min_size=1, max_size=300), max_size=5), st.integers(1, 50), st.booleans())
async def test_messages_are_read_whole_however_they_arrive(
    bodies: list[bytes], step: int, extra: bool
) -> None:
    """In pieces, with further headers, and with spellings of the header that clients use."""
    head = b"content-length: %d\r\nContent-Type: x\r\n\r\n" if extra else b"Content-Length: %d\r\n\r\n"
    data = b"".join(head % len(body) + body for body in bodies)
    reader = asyncio.StreamReader()
    for start in range(0, len(data), step):
        reader.feed_data(data[start : start + step])
    reader.feed_eof()
    assert [await read_body(reader) for _ in bodies] == bodies
    assert await read_body(reader) is None


@given(st.binary(max_size=2000).filter(lambda data: b"length" not in data.lower()))
async def test_what_is_no_message_is_passed_over(garbage: bytes) -> None:
    """The next header counts, once a line has ended."""
    reader = asyncio.StreamReader(limit=256)
    reader.feed_data(garbage + b"\nContent-Length: 2\r\n\r\n{}")
    reader.feed_eof()
    assert await read_body(reader) == b"{}"


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("/a/b", "/a/b"),
        ("file:///a/b%20c", "/a/b c"),
        ("file://localhost/a", "/a"),
        ("file:///gr%C3%B6%C3%9Fer", "/größer"),
        ("file://server/share", None),
        ("untitled:1", None),
        ("vscode-remote://host/a", None),
        ("a/b", None),
        ("", None),
    ],
)
def test_a_folder_is_a_path_or_a_file_uri(text: str, path: str | None) -> None:
    """What is on another machine, or nowhere, is none."""
    assert path_of(text) == (Path(path) if path else None)


def test_a_folder_that_is_opened_twice_is_one() -> None:
    """With and without a slash at the end; and it is gone when it was removed."""
    folders = Folders(["file:///a/b", "file:///a/b/", "untitled:1"])
    assert folders.paths == (Path("/a/b"),)
    folders.change(added=[], removed=["file:///a/b"])
    assert not folders.paths


@given(JSON)
def test_a_view_changes_nothing_that_is_short(value: Any) -> None:
    """Only long strings are cut."""
    assert view(value) == value


def test_a_view_says_how_much_is_missing() -> None:
    """Also deep inside."""
    cut: Any = view({"data": {"lines": ["x" * (LONGEST_TEXT + 5)]}})
    assert cut["data"]["lines"][0].endswith("x… (5 more characters are in the log)")


def test_the_door_loads_no_pygls() -> None:
    """Who only names the server does not pay for it."""
    program = "import sys, beadwork.lsp; sys.exit('pygls' in sys.modules or 'lsprotocol' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=60).returncode == 0
