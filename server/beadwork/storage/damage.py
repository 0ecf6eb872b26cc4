"""A store that was found damaged is moved aside, and another takes its place; nothing is deleted.

Whoever has the old one open goes over to the new one (`Database`). What it leaves out: what the new one
holds.
"""

import contextlib
import datetime
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import filelock

from beadwork.storage.database import (
    BUSY_SECONDS,
    DAMAGED,
    StoreError,
    code_of,
    damage_mark,
    sentence_of,
)

_PATIENCE = 120.0
"""Seconds that another process may take to make a store anew."""
_JOURNALS = ("-wal", "-shm")


@contextlib.contextmanager
def opening(path: Path) -> Iterator[None]:
    """Be the only one who opens the store at `path`, or makes it anew. Raises StoreError.

    SQLite must not meet the journal of another file.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with filelock.FileLock(f"{path}.opening", timeout=_PATIENCE, mode=0o600):
            yield
    except filelock.Timeout as error:
        raise StoreError(f"The store {path} was being opened by another process for too long.") from error
    except OSError as error:
        raise StoreError(
            f"The store in {path.parent} cannot be opened: {error.strerror or error}."
        ) from error


def is_known_damaged(path: Path) -> bool:
    """Whether somebody found the store at `path` damaged, and it is; a mark without a reason is removed."""
    mark = damage_mark(path)
    if not path.exists() or not mark.exists():
        return False
    if _is_sound(path):
        mark.unlink(missing_ok=True)
    return mark.exists()


def fresh_path(path: Path) -> Path:
    """Give where the store that is to take the place of the one at `path` is made; nothing is there."""
    fresh = path.with_name(f"{path.name}.new")
    for old in (fresh, *_journals(fresh)):
        old.unlink(missing_ok=True)
    return fresh


def replace_damaged(path: Path, fresh: Path) -> Path:
    """Put `fresh`, a store that nobody has open, in the place of the damaged one; give where that is now.

    Until the new one is whole the old one stays. Raises OSError.
    """
    Path(f"{fresh}.setup").unlink(missing_ok=True)
    moved = _free_name(path)
    for old, new in zip(_journals(path), _journals(moved), strict=True):
        _move(old, new)
    _move(path, moved)
    fresh.rename(path)
    damage_mark(path).unlink(missing_ok=True)
    return moved


def _is_sound(path: Path) -> bool:
    """Look at every page of the database at `path`; it costs some milliseconds per megabyte."""
    try:
        with contextlib.closing(sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)) as db:
            return [tuple(row) for row in db.execute("PRAGMA quick_check(1)")] == [("ok",)]
    except sqlite3.DatabaseError as error:
        if code_of(error) in DAMAGED:
            return False
        raise StoreError(sentence_of(path, error), detail=str(error)) from error


def _journals(path: Path) -> tuple[Path, ...]:
    return tuple(Path(f"{path}{ending}") for ending in _JOURNALS)


def _free_name(path: Path) -> Path:
    when = datetime.datetime.now().astimezone().strftime("%Y-%m-%dT%H-%M-%S")
    name = path.with_name(f"{path.name}.damaged-{when}")
    number = 2
    while name.exists():
        name = path.with_name(f"{path.name}.damaged-{when}-{number}")
        number += 1
    return name


def _move(old: Path, new: Path) -> None:
    if old.exists():
        old.rename(new)
