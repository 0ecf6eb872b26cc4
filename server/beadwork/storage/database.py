"""A database file that several processes share: opening, transactions, errors in words.

What it leaves out: what the rows mean (each room brings the schema of its own file), and making a damaged
file anew (`damage.py`).
"""

import contextlib
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs
import filelock

from beadwork.errors import BeadworkError

BUSY_SECONDS = 5.0
"""How long a change waits for another process's; each takes a few milliseconds."""


class StoreError(BeadworkError):
    """A store cannot be read or written."""

    code = "store"


class StoreBusy(StoreError):  # noqa: N818
    """Another process held a store for too long; it passes."""

    code = "store-busy"


class StoreDamaged(StoreError):  # noqa: N818
    """The file of a store is damaged, or no store at all."""

    code = "store-damaged"


@attrs.frozen
class Schema:
    """What a file holds."""

    version: int
    """Kept in `user_version`. A higher one is of a newer Beadwork, and refused."""
    statements: tuple[str, ...]
    """They make an empty store."""
    upgrades: Mapping[int, tuple[str, ...]] = attrs.field(factory=dict)
    """By the version that they make into the present one."""


class Database:
    """A connection to the file. Use it from one thread at a time, within `reading` or `changing`."""

    def __init__(self, path: Path, schema: Schema) -> None:
        """Open the file at `path`, or make it, readable by its user alone. Raises StoreError."""
        self._path = path
        self._schema = schema
        self._own_changes = 0
        with self._in_words():
            self._db = _connection(path)
            self._file = _file_of(path)
        try:
            with self._in_words():
                self._prepare()
        except BaseException:
            self._db.close()
            raise

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def execute(self, statement: str, values: Mapping[str, Any] | None = None) -> sqlite3.Cursor:
        """Execute one statement with named values."""
        return self._db.execute(statement, values or {})

    def signal(self) -> str:
        """Give a text that differs when the file was changed since, by this connection or any other."""
        version = self._db.execute("PRAGMA data_version").fetchone()[0]
        return f"{version}.{self._own_changes}"

    @contextlib.contextmanager
    def changing(self) -> Iterator[None]:
        """One transaction that holds the write lock from its start, so that what it read stays true."""
        with self.reading():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise
            self._own_changes += 1

    @contextlib.contextmanager
    def reading(self) -> Iterator[None]:
        """Turn whatever goes wrong inside into a StoreError of one sentence."""
        with self._in_words():
            self._follow()
            yield

    def _follow(self) -> None:
        """Go over to the file that was put in the place of a damaged one, whoever did it."""
        if self._db.in_transaction or _file_of(self._path) in {None, self._file}:
            return
        self._db.close()
        self._db = _connection(self._path)
        self._file = _file_of(self._path)
        self._own_changes += 1
        self._prepare()

    @contextlib.contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            if code_of(error) not in DAMAGED:
                family = StoreBusy if code_of(error) in _HELD else StoreError
                raise family(sentence_of(self._path, error), detail=str(error)) from error
            # Who opens the store next looks at all of it; without the mark they find it by themselves.
            with contextlib.suppress(OSError):
                damage_mark(self._path).touch(mode=0o600)
            raise StoreDamaged(sentence_of(self._path, error), detail=str(error)) from error
        except OSError as error:
            raise StoreError(
                f"The store {self._path} cannot be opened: {error.strerror or error}. "
                "Make its folder writable, or name another one in BEADWORK_STATE.",
            ) from error
        except ValueError as error:
            raise StoreError(
                f"A row of the store {self._path} cannot be understood: {error}. "
                "Was it written by another version of Beadwork?",
            ) from error

    def _prepare(self) -> None:
        if self._version() == self._schema.version:
            return
        # Only who makes the store comes here. The lock keeps two from switching the journal at once, which
        # SQLite answers with "busy" without waiting.
        with filelock.FileLock(f"{self._path}.setup", timeout=BUSY_SECONDS, mode=0o600):
            version = self._version()
            if version == 0:
                self._db.execute("PRAGMA journal_mode = WAL")
                self._change_schema(self._schema.statements)
            elif version in self._schema.upgrades:
                self._change_schema(self._schema.upgrades[version])

    def _change_schema(self, statements: Iterable[str]) -> None:
        self._db.execute("BEGIN IMMEDIATE")
        for statement in statements:
            self._db.execute(statement)
        self._db.execute(f"PRAGMA user_version = {self._schema.version}")
        self._db.execute("COMMIT")

    def _version(self) -> int:
        version = int(self._db.execute("PRAGMA user_version").fetchone()[0])
        if version > self._schema.version:
            raise StoreError(
                f"The store {self._path} was written by a newer Beadwork (schema {version}, this one knows "
                f"{self._schema.version}): update Beadwork, or name another folder in BEADWORK_STATE.",
            )
        return version


def damage_mark(path: Path) -> Path:
    """Give the path of the file that says that the database at `path` was found damaged."""
    return path.with_name(f"{path.name}.damaged")


def _file_of(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _connection(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Made here rather than by SQLite, for its mode; the journal files take theirs from it. A file that is
    # there is not opened: to close it would take away the locks of any other connection of this process, and
    # the next process to leave would delete the journal under it.
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    db = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    db.row_factory = sqlite3.Row
    # A power cut may lose the last moments, never the file; a worker's death loses nothing.
    db.execute("PRAGMA synchronous = NORMAL")
    return db


DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
"""SQLite's codes for a file that holds no sound database."""


_HELD = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})


def code_of(error: sqlite3.Error) -> int:
    """Give SQLite's primary code of an error."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def sentence_of(path: Path, error: sqlite3.Error) -> str:
    """Say in a sentence what went wrong with the store at `path`, and what can be done."""
    match code_of(error):
        case sqlite3.SQLITE_FULL:
            return f"The disk that holds the store {path} is full: free some space and try again."
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return (
                f"The store {path} cannot be written: make the file and its folder writable, "
                "or name another one in BEADWORK_STATE."
            )
        case code if code in _HELD:
            return f"The store {path} was held by another process for {BUSY_SECONDS:g} s: try again."
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return (
                f"The store {path} is damaged or no store at all: it is made anew when it is opened the next "
                "time."
            )
        case _:
            return f"The store {path} cannot be read or written: {error}."
