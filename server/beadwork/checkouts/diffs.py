"""What a commit changed against another one, file by file, with the line numbers of the new side.

It is read from git's objects, with no setting, attribute or program of anybody's. What is left out: how much
of it an agent is told (`context/`).
"""

import asyncio
import itertools
import os
import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from enum import StrEnum

import attrs

from beadwork.checkouts.git import LONG, Git, GitFlood, as_text
from beadwork.checkouts.model import CheckoutError
from beadwork.checkouts.survey import blobs

_RAW = ("diff", "--raw", "-z", "--no-abbrev")
_PATCH = ("diff", "--patch", "--unified=5")
_OPTIONS = ("--no-color", "--no-ext-diff", "--no-textconv", "--find-renames", "--no-indent-heuristic")
_HUNK = re.compile(r"^@@ -\d+(?:,\d+)? \+(?P<line>\d+)(?:,\d+)? @@ ?(?P<context>.*)$")
_LARGEST = 8 * 1024 * 1024
"""Bytes of a file; what is larger is binary to git, so that no file alone can fill the memory."""
_BOUNDED = {
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "core.bigFileThreshold",
    "GIT_CONFIG_VALUE_0": str(_LARGEST),
}
_MOST = 16 * 1024 * 1024
"""Bytes of all changes together that are read at once; of more, each file is read by itself."""
_MOST_SHOWN = 8 * 1024 * 1024
"""Bytes of changes that are shown then; the files after that are not."""
_FLOODS = 10
"""Large files that are compared in vain; of further ones it is not tried, for each costs a quarter second."""
_TOO_MUCH = "too much"
_LOOKED_AT = 8000
"""Bytes at the beginning of a file that git looks at for whether it is binary."""
_SAME = "no line of it changed"
_BINARY = f"binary, or larger than {_LARGEST // 1024**2} MiB"
_FILES = frozenset({"000000", "100644", "100755", "120000"})
"""Modes of what has lines: files and links, and what was or is not there."""
_SECTION = re.compile(rb"^diff --git ", re.MULTILINE)


class ChangeKind(StrEnum):
    """What became of a file."""

    ADDED = "added"
    CHANGED = "changed"
    DELETED = "deleted"
    RENAMED = "renamed"


_KINDS = {"A": ChangeKind.ADDED, "D": ChangeKind.DELETED, "R": ChangeKind.RENAMED, "C": ChangeKind.ADDED}


@attrs.frozen
class FileDiff:
    """What changed in one file."""

    path: str
    """On the new side; of a deleted file, the old one."""
    kind: ChangeKind
    old_path: str
    """On the old side; of a renamed file another one than `path`."""
    text: str
    """Each line with its number on the new side, `+` before what is new and `-`, without a number, before
    what is gone; empty where nothing can be shown of it (binary, or only its mode or name changed)."""
    note: str
    """Why `text` is empty, in a word or two."""
    unseen: bool = False
    """Whether it has changes that are not shown."""


@attrs.frozen
class _Entry:
    """A file that is not the same, as git lists it."""

    letter: str
    old_path: str
    path: str
    old_mode: str
    new_mode: str
    old_blob: str
    """All zeros where there is none, as of `new_blob`."""
    new_blob: str


@attrs.frozen
class Difference:
    """What one commit changed against another."""

    base: str
    head: str
    files: tuple[FileDiff, ...]


async def difference(git: Git, base: str, head: str) -> Difference:
    """Compare two commits; of what is too much, not all is shown. Raises CheckoutError."""
    git = git.having(**_BOUNDED)
    raw = await git.bytes_of(*_RAW, *_OPTIONS, base, head, "--", limit=LONG)
    try:
        patch = await git.bytes_of(*_PATCH, *_OPTIONS, base, head, "--", limit=LONG, most=_MOST)
    except GitFlood:
        return Difference(base, head, tuple([file async for file in _one_by_one(git, raw)]))
    files = await asyncio.to_thread(lambda: tuple(_files(raw, patch)))
    return Difference(base, head, files)


async def count_lines(git: Git, commit: str, paths: Sequence[str]) -> Mapping[str, int]:
    """Give the number of lines of files of a commit; those that are too large or not there are left out.

    Raises CheckoutError.
    """
    contents = await blobs(git, commit, list(paths))
    found = zip(paths, contents, strict=True)
    return {path: lines_in(content) for path, content in found if content is not None}


def lines_in(content: bytes) -> int:
    """Give the number of lines; a last one without an end counts."""
    return content.count(b"\n") + (1 if content and not content.endswith(b"\n") else 0)


def _files(raw: bytes, patch: bytes) -> Iterator[FileDiff]:
    """Put both outputs of git together, in their one order: one names files safely, one has their text."""
    starts = [found.start() for found in _SECTION.finditer(patch)]
    sections = [patch[start:end] for start, end in zip(starts, [*starts[1:], len(patch)], strict=True)]
    named = list(_named(raw))
    wanted = sum(_sections(entry.letter) for entry in named)
    if wanted != len(sections):
        raise CheckoutError(f"Git shows {len(sections)} changes where {wanted} are: update git.")
    left = iter(sections)
    for entry in named:
        text = as_text(b"".join(itertools.islice(left, _sections(entry.letter))))
        yield _shown(entry, *numbered(text))


async def _one_by_one(git: Git, raw: bytes) -> AsyncIterator[FileDiff]:
    """Read the changes of each file by themselves, as long as there is room for them."""
    room = _MOST_SHOWN
    entries = list(_named(raw))
    sizes = await _sizes(git, [entry.new_blob for entry in entries if entry.letter != "D"])
    floods = 0
    for entry in entries:
        if entry.letter == "D":
            yield _shown(entry, "", "deleted")
        elif entry.old_blob == entry.new_blob:
            yield _shown(entry, "", _SAME)
        elif room <= 0 or (
            sizes.get(entry.new_blob, 0) > room and (entry.letter == "A" or floods >= _FLOODS)
        ):
            yield _shown(entry, "", _TOO_MUCH)
        else:
            text, note = await _of_blobs(git, entry, room)
            room -= len(text)
            floods += note == _TOO_MUCH
            yield _shown(entry, text, note)


async def _sizes(git: Git, names: Sequence[str]) -> Mapping[str, int]:
    """Give the bytes of each blob: to find out by reading costs more."""
    if not names:
        return {}
    asked = "".join(f"{name}\n" for name in names).encode("ascii")
    answers = (await git.line("cat-file", "--batch-check", stdin=asked)).splitlines()
    words = [answer.split(" ") for answer in answers]
    return {each[0]: int(each[2]) for each in words if each[1:2] == ["blob"]}


async def _of_blobs(git: Git, entry: _Entry, room: int) -> tuple[str, str]:
    """Compare the contents of one file."""
    if not {entry.old_mode, entry.new_mode} <= _FILES:
        return "", "not a file"
    try:
        if entry.letter == "A":
            return _new(await git.bytes_of("cat-file", "blob", entry.new_blob, limit=LONG, most=room))
        words = (*_PATCH, *_OPTIONS, entry.old_blob, entry.new_blob)
        patch = await git.bytes_of(*words, limit=LONG, most=room)
    except GitFlood:
        return "", _TOO_MUCH
    return await asyncio.to_thread(lambda: numbered(as_text(patch)))


def _new(content: bytes) -> tuple[str, str]:
    """Give all lines of a file that is new."""
    if not content:
        return "", _SAME
    if b"\0" in content[:_LOOKED_AT]:
        return "", _BINARY
    lines = as_text(content).removesuffix("\n").split("\n")
    return "\n".join(["@@", *(f"{number:6} + {line}" for number, line in enumerate(lines, 1))]), ""


def _shown(entry: _Entry, text: str, note: str) -> FileDiff:
    unseen = note not in {"", _SAME, "deleted"}
    kind = _KINDS.get(entry.letter, ChangeKind.CHANGED)
    return FileDiff(entry.path, kind, entry.old_path, text, note, unseen)


def _sections(letter: str) -> int:
    """Give how many sections an entry has: a file that became a link, or back, is removed and added."""
    return 2 if letter == "T" else 1


def _named(raw: bytes) -> Iterator[_Entry]:
    fields = iter(os.fsdecode(raw).split("\0"))
    for about in fields:
        if not about:
            return
        old_mode, new_mode, old_blob, new_blob, status = about.removeprefix(":").split(" ")
        old = next(fields)
        path = next(fields) if status[0] in {"R", "C"} else old
        yield _Entry(status[0], old, path, old_mode, new_mode, old_blob, new_blob)


def numbered(section: str) -> tuple[str, str]:
    """Give the hunks of one file with the new side's line numbers, or why there are none."""
    shown: list[str] = []
    line = 0
    inside = False
    for each in section.split("\n"):
        if hunk := _HUNK.match(each):
            inside, line = True, int(hunk["line"])
            shown.append(f"@@ {hunk['context']}".rstrip())
        elif each.startswith("diff --git "):
            inside = False
        elif not inside:
            if each.startswith(("Binary files ", "GIT binary patch")):
                return "", _BINARY
        elif each.startswith("-"):
            shown.append(f"       - {each[1:]}")
        elif each.startswith(("+", " ")):
            shown.append(f"{line:6} {each[0]} {each[1:]}".rstrip())
            line += 1
    if not shown:
        return "", _SAME
    return "\n".join(shown), ""
