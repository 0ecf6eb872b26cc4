"""Files of a checkout as files: copying objects, removing a tree that an agent has had its way with.

What is left out: anything that git knows.
"""

import asyncio
import os
import shutil
import stat
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from beadwork.checkouts.model import CheckoutError

_TRIES = 3
_FAN_OUT = 2
_BORROWING = ("info/alternates", "info/http-alternates")


async def copy_objects(sources: Sequence[Path], target: Path, *, hard_links: bool) -> None:
    """Copy the object files of `sources` into `target`, or link them.

    A copy is the default: the files of a hard link are the user's own, and git does not hash a pack again
    when it reads it, so what an agent writes into one would be in the user's repository unseen.
    Raises OSError.
    """
    stop = threading.Event()
    try:
        await asyncio.to_thread(_copy_all, sources, target, stop, hard_links=hard_links)
    finally:
        stop.set()


def _copy_all(sources: Sequence[Path], target: Path, stop: threading.Event, *, hard_links: bool) -> None:
    for source in sources:
        for _ in range(_TRIES):
            # A repack removes what it has packed anew: then the next round finds the new pack.
            if _copy(source, target, stop, hard_links=hard_links):
                break
        else:
            raise OSError(f"{source} changes faster than it can be copied")


def _copy(source: Path, target: Path, stop: threading.Event, *, hard_links: bool) -> bool:
    for name in _object_files(source):
        if stop.is_set():
            return True
        wanted = target / name
        if wanted.exists():
            continue
        wanted.parent.mkdir(parents=True, exist_ok=True)
        try:
            _copy_file(source / name, wanted, hard_links=hard_links)
        except FileNotFoundError:
            return False
    return True


def _copy_file(source: Path, target: Path, *, hard_links: bool) -> None:
    if hard_links:
        try:
            os.link(source, target)
        except FileNotFoundError:
            raise
        except OSError:
            hard_links = False  # another file system, or a file of another user: a copy does as well
    if not hard_links:
        shutil.copyfile(source, target)
        target.chmod(0o444)


def _object_files(folder: Path) -> Iterator[Path]:
    """Give the object files below `folder`: loose ones first, since a repack moves them into packs."""
    loose = sorted(path.name for path in folder.iterdir() if len(path.name) == _FAN_OUT)
    for name in (*loose, "info", "pack"):
        for at, _, files in os.walk(folder / name):
            for file in sorted(files, key=lambda each: each.endswith(".idx")):
                found = (Path(at) / file).relative_to(folder)
                if str(found) not in _BORROWING and not file.startswith("tmp_") and ".lock" not in file:
                    yield found


def refuse_odd_files(folder: Path) -> None:
    """Raise CheckoutError when there is more than folders and plain files in `folder`.

    A link among an agent's objects could bring in objects of another repository; a pipe would hold up git.
    """
    if not stat.S_ISDIR(_mode(folder)):
        raise CheckoutError(f"{folder} is no folder any more: nothing of it is read; look into it by hand.")
    wanted = [str(folder)]
    while wanted:
        with os.scandir(wanted.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    wanted.append(entry.path)
                elif not entry.is_file(follow_symlinks=False):
                    raise CheckoutError(
                        f"{entry.path} is a link or a device, where git keeps plain files: "
                        "nothing of it is read; look into it by hand.",
                    )


def read_small(path: Path, size: int) -> bytes | None:
    """Read a plain file of at most `size` bytes; None when there is no such file.

    Links are not followed and a pipe is not waited for.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    with os.fdopen(handle, "rb") as file:
        about = os.fstat(handle)
        if not stat.S_ISREG(about.st_mode) or about.st_size > size:
            return None
        return file.read(size)


def is_plain_folder(path: Path) -> bool:
    """Whether there is a folder at `path`, and no link to one."""
    return stat.S_ISDIR(_mode(path))


def _mode(path: Path) -> int:
    try:
        return path.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return 0


async def discard(path: Path) -> None:
    """Remove a tree, also folders that were made read-only; nothing happens when there is none."""
    await asyncio.to_thread(_discard, path)


def _discard(path: Path) -> None:
    if not _mode(path):
        return
    if not stat.S_ISDIR(_mode(path)):
        path.unlink()
        return
    path.chmod(0o700)
    for at, folders, _ in os.walk(path):
        for name in folders:
            folder = Path(at) / name
            if not folder.is_symlink():
                folder.chmod(0o700)
    shutil.rmtree(path)
