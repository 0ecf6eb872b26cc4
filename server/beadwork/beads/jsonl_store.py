"""The file of an embedded tracker on disk: read whole, replaced whole, by one writer at a time.

What it leaves out: what is in the file (`jsonl_file.py`).
"""

import contextlib
import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import attrs

from beadwork.beads.file_lock import WorkspaceLock, in_thread
from beadwork.beads.jsonl_file import JsonlFile
from beadwork.beads.port import TrackerError, TrackerReadOnly

T = TypeVar("T")

_TRIES = 5


@attrs.frozen
class JsonlStore:
    """One issues.jsonl. A link stays a link: the file that it names is replaced."""

    path: Path
    lock: WorkspaceLock

    async def read(self, want: Callable[[JsonlFile], T]) -> T:
        """Read it and give what `want`, called in a thread, makes of it; a file that is not there is empty.

        Needs no lock, since the file is only ever replaced. Raises TrackerError.
        """
        return await in_thread(lambda: want(self._read()))

    async def rewrite(self, change: Callable[[JsonlFile], JsonlFile]) -> JsonlFile:
        """Replace the file by what `change` makes of it, under the lock. A change of nothing writes nothing.

        `change` may be called again when somebody else wrote the file meanwhile, and may raise TrackerError.
        Raises TrackerLocked and TrackerReadOnly.
        """
        async with self.lock.held():
            return await in_thread(lambda: self._rewrite(change))

    @property
    def absent(self) -> bool:
        """Whether there is no such file at the moment."""
        return not self.path.exists()

    def signal(self) -> str:
        """Give the file's identity: device, inode, size, times.

        That is enough here, since unlike a database nobody touches it to read it. The time of the last change
        of any kind is in it, because a copy that keeps the other time (`cp -p`, `rsync -a`) may have the size
        of what it is written over.
        """
        try:
            found = self.path.stat()
        except OSError:
            return "absent"
        return f"{found.st_dev}:{found.st_ino}:{found.st_size}:{found.st_mtime_ns}:{found.st_ctime_ns}"

    def _read(self) -> JsonlFile:
        try:
            return JsonlFile.parse(self.path.read_bytes())
        except FileNotFoundError:
            return JsonlFile()
        except OSError as error:
            raise TrackerError(
                f"{self.path} cannot be read: {error.strerror}. Make it a file that you may read."
            ) from error

    def _rewrite(self, change: Callable[[JsonlFile], JsonlFile]) -> JsonlFile:
        for _ in range(_TRIES):
            before = self.signal()
            old = self._read()
            new = change(old)
            data = new.data
            if data == old.data:
                return old
            if self._replace(data, before):
                return new
        raise TrackerError(f"{self.path} was changed by somebody else again and again; try again later.")

    def _replace(self, data: bytes, before: str) -> bool:
        """Write `data` beside the file and put it in its place; False when the file moved on meanwhile."""
        target = self.path.resolve()
        # One name, so that what a killed process left is overwritten and nothing piles up.
        beside = target.with_name(f"{target.name}.beadwork-new")
        try:
            mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o644
            if target.exists() and not os.access(target, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            beside.unlink(missing_ok=True)
            _write(beside, data, mode)
            if self.signal() != before:
                beside.unlink()
                return False
            beside.replace(target)
            _sync_folder(target.parent)
        except OSError as error:
            with contextlib.suppress(OSError):
                beside.unlink(missing_ok=True)
            kind = (
                TrackerReadOnly
                if isinstance(error, PermissionError) or error.errno == errno.EROFS
                else TrackerError
            )
            raise kind(
                f"{self.path} cannot be written: {error.strerror}. Nothing was changed in it."
            ) from error
        return True


def _write(path: Path, data: bytes, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(descriptor, mode)
        file.write(data)
        file.flush()
        os.fsync(descriptor)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
