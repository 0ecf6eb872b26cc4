"""What a commit changed against another one, file by file, with the line numbers of the new side.

It is read from git's objects, with no setting, attribute or program of anybody's. What is left out: how much
of it an agent is told (`context/`).
"""

import asyncio
import itertools
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum

import attrs

from beadwork.checkouts.git import LONG, Git, as_text
from beadwork.checkouts.model import CheckoutError
from beadwork.checkouts.survey import blobs

_RAW = ("diff", "--raw", "-z", "--no-abbrev")
_PATCH = ("diff", "--patch", "--unified=5")
_OPTIONS = ("--no-color", "--no-ext-diff", "--no-textconv", "--find-renames", "--no-indent-heuristic")
_HUNK = re.compile(r"^@@ -\d+(?:,\d+)? \+(?P<line>\d+)(?:,\d+)? @@ ?(?P<context>.*)$")
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


@attrs.frozen
class Difference:
    """What one commit changed against another."""

    base: str
    head: str
    files: tuple[FileDiff, ...]


async def difference(git: Git, base: str, head: str) -> Difference:
    """Compare two commits. Raises CheckoutError."""
    raw, patch = await asyncio.gather(
        git.bytes_of(*_RAW, *_OPTIONS, base, head, "--", limit=LONG),
        git.bytes_of(*_PATCH, *_OPTIONS, base, head, "--", limit=LONG),
    )
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
    wanted = sum(_sections(letter) for letter, _, _ in named)
    if wanted != len(sections):
        raise CheckoutError(f"Git shows {len(sections)} changes where {wanted} are: update git.")
    left = iter(sections)
    for letter, old, new in named:
        text, note = numbered(as_text(b"".join(itertools.islice(left, _sections(letter)))))
        yield FileDiff(new, _KINDS.get(letter, ChangeKind.CHANGED), old, text, note)


def _sections(letter: str) -> int:
    """Give how many sections an entry has: a file that became a link, or back, is removed and added."""
    return 2 if letter == "T" else 1


def _named(raw: bytes) -> Iterator[tuple[str, str, str]]:
    fields = iter(os.fsdecode(raw).split("\0"))
    for about in fields:
        if not about:
            return
        letter = about.rsplit(" ", 1)[-1][:1]
        old = next(fields)
        yield letter, old, next(fields) if letter in {"R", "C"} else old


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
                return "", "binary"
        elif each.startswith("-"):
            shown.append(f"       - {each[1:]}")
        elif each.startswith(("+", " ")):
            shown.append(f"{line:6} {each[0]} {each[1:]}".rstrip())
            line += 1
    if not shown:
        return "", "no line of it changed"
    return "\n".join(shown), ""
