"""What changed between two commits of the user's repository, for a person: files, a patch, one file's text.

It is read from git's objects; nothing is checked out, and no program of anybody's is run. What it leaves out:
what an agent is told of changes (`diffs.py`).
"""

import os
from collections.abc import Iterator
from pathlib import Path

import attrs

from beadwork.checkouts.diffs import ChangeKind
from beadwork.checkouts.git import LONG, GitFlood, as_text
from beadwork.checkouts.model import CheckoutError
from beadwork.checkouts.repository import Repository
from beadwork.checkouts.survey import blobs

MOST = 64 * 1024 * 1024
"""Bytes of a patch that are given."""
_OPTIONS = (
    "--no-color",
    "--no-ext-diff",
    "--no-textconv",
    "--find-renames",
    "--submodule=short",
    "--ignore-submodules=none",
    "--no-relative",
)
_KINDS = {"A": ChangeKind.ADDED, "D": ChangeKind.DELETED, "R": ChangeKind.RENAMED, "C": ChangeKind.ADDED}


@attrs.frozen
class ChangedPath:
    """A file that is not the same in two commits."""

    path: str
    """On the new side; of a deleted file, the old one."""
    kind: ChangeKind
    old_path: str
    """On the old side; of an added file, its own."""
    added: int | None
    """Lines that are new; None for what has no lines."""
    removed: int | None
    """Lines that are gone; None for what has no lines."""


async def changed_paths(workspace: Path, old: str, new: str) -> tuple[ChangedPath, ...]:
    """Give the files that two commits have not alike, in git's order. Raises CheckoutError."""
    git = (await Repository.read(workspace)).git
    names = await git.bytes_of("diff", "--raw", "-z", *_OPTIONS, old, new, "--", limit=LONG)
    counts = await git.bytes_of("diff", "--numstat", "-z", *_OPTIONS, old, new, "--", limit=LONG)
    counted = dict(_counted(counts))
    return tuple(
        ChangedPath(path, _KINDS.get(letter, ChangeKind.CHANGED), old_path, *counted.get(path, (None, None)))
        for letter, old_path, path in _named(names)
    )


async def patch_of(workspace: Path, old: str, new: str, *, stat: bool = False) -> str:
    """Give what changed as a patch; with `stat`, only how much in which file.

    `git apply` takes it, but for files that are no text, which are only named, and bytes that are no UTF-8,
    which are written as `\\xNN`. Raises CheckoutError, also when it is over 64 MiB.
    """
    git = (await Repository.read(workspace)).git
    form = ("--stat=100",) if stat else ("--patch", "--src-prefix=a/", "--dst-prefix=b/")
    try:
        return as_text(await git.bytes_of("diff", *form, *_OPTIONS, old, new, "--", limit=LONG, most=MOST))
    except GitFlood as error:
        raise CheckoutError(
            f"What changed from {old[:10]} to {new[:10]} is over {MOST // 1024**2} MiB: look at it file by "
            f"file, with `git diff {old[:10]} {new[:10]} -- FILE`.",
        ) from error


async def content_at(workspace: Path, commit: str, path: str) -> bytes | None:
    """Give a file as it is in a commit; None where there is none, or it is too large to be read.

    Raises CheckoutError, also for what is no commit.
    """
    repository = await Repository.read(workspace)
    known = await repository.commit_of(commit)
    if not known:
        raise CheckoutError(f"There is no commit {commit} in {repository.top} (any more).")
    return (await blobs(repository.git, known, [path]))[0] if path else None


def _named(raw: bytes) -> Iterator[tuple[str, str, str]]:
    """Read `--raw -z`: what became of a file, its old path, its path."""
    fields = iter(_split(raw))
    for about in fields:
        letter = about.rpartition(" ")[2][:1]
        old = next(fields)
        yield letter, old, next(fields) if letter in {"R", "C"} else old


def _counted(raw: bytes) -> Iterator[tuple[str, tuple[int | None, int | None]]]:
    """Read `--numstat -z`: the path, the lines that are new and that are gone."""
    fields = iter(_split(raw))
    for entry in fields:
        added, removed, path = entry.split("\t", 2)
        if not path:  # it was renamed: both names follow
            next(fields)
            path = next(fields)
        yield path, (_number(added), _number(removed))


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() else None


def _split(raw: bytes) -> list[str]:
    return os.fsdecode(raw).split("\0")[:-1]
