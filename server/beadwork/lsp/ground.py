"""Folders that hold what was reviewed, with findings pinned in their files: the user's tree, or a checkout.

What it leaves out: which findings there are, and when files are looked at (`findings.py`).
"""

import contextlib
import os
import stat
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import attrs

from beadwork.findings import KeptFinding, Pinboard

LARGEST = 2 * 1024 * 1024
"""Bytes of the largest file that is read; a larger one has its findings when it is open."""

Stamp = tuple[int, int, int]
"""What tells one state of a file from the next: its time, its size, its inode."""


@attrs.frozen
class Seen:
    """A file as it was found on the disk."""

    stamp: Stamp | None
    """None where there is no file."""
    text: str | None
    """None where there is none that could be read."""


@attrs.frozen
class Way:
    """A workspace folder: as the editor names it, and where it is."""

    named: str
    real: str
    top: str
    """The top of its repository; itself where it is in none."""


def look(root: str, known: Mapping[str, Stamp | bool | None]) -> dict[str, Seen]:
    """Give the files that are not as they were `known` to be (False: never looked at). Blocks."""
    seen = {}
    for path, before in known.items():
        stamp, regular = _stamp(f"{root}/{path}")
        if stamp != before:
            readable = regular and stamp is not None and stamp[1] <= LARGEST
            seen[path] = Seen(stamp, _text(f"{root}/{path}") if readable else None)
    return seen


def ways_of(folders: Iterable[Path]) -> tuple[Way, ...]:
    """Give where folders are. Blocks."""
    return tuple(_way(folder) for folder in folders)


class Ground:
    """One folder, of one project."""

    def __init__(self, project: Path, root: str, *, checkout: bool = False) -> None:
        self.project = project
        self.root = root
        self.checkout = checkout
        """Whether it is no folder of the user's."""
        self.board = Pinboard()
        self.paths: frozenset[str] = frozenset()
        """Of files with findings, relative to `root`."""
        self.homeless: dict[str, tuple[KeptFinding, ...]] = {}
        """By path, the findings whose text was never in the file."""
        self._stamps: dict[str, Stamp | None] = {}

    def key(self, path: str) -> str:
        """Give the absolute path of a file."""
        return f"{self.root}/{path}"

    def path_in(self, key: str) -> str | None:
        """Give the path of a file with findings; None when it is not here, or has none."""
        path = key[len(self.root) + 1 :]
        return path if path in self.paths and key == self.key(path) else None

    def replace(self, found: Sequence[KeptFinding]) -> frozenset[str]:
        """Take `found` as all there are; give the paths of files that are to be read (again) for it."""
        changed = self.board.replace(found)
        self.paths = self.board.paths
        for path in changed:
            self.forget(path)
            if path not in self.paths:
                self.board.read(path, None)
                self.homeless.pop(path, None)
        return changed

    def known(self, leave_out: Iterable[str]) -> dict[str, Stamp | bool | None]:
        """Give what is known of each file on the disk, for `look`; but not of those to leave out, by key."""
        out = set(leave_out)
        return {path: self._stamps.get(path, False) for path in self.paths if self.key(path) not in out}

    def forget(self, path: str) -> None:
        """Read a file again at the next look."""
        self._stamps.pop(path, None)

    def saw(self, path: str, seen: Seen) -> bool:
        """Take in a file of the disk; give whether other findings are without their text now."""
        self._stamps[path] = seen.stamp
        return self.read(path, seen.text)

    def read(self, path: str, text: str | None) -> bool:
        """Take in all of a file's text; give whether other findings are without their text now."""
        if path not in self.paths:
            return False
        self.board.read(path, text)
        before = self.homeless.get(path)
        self.homeless[path] = self.board.homeless(path)
        return before != self.homeless[path]


def _stamp(file: str) -> tuple[Stamp | None, bool]:
    try:
        found = os.stat(file)  # noqa: PTH116  (hundreds of them, many times a minute)
    except (OSError, ValueError):
        return None, False
    return (found.st_mtime_ns, found.st_size, found.st_ino), stat.S_ISREG(found.st_mode)


def _text(file: str) -> str | None:
    with contextlib.suppress(OSError), Path(file).open("rb") as opened:
        return opened.read(LARGEST + 1).decode("utf-8-sig", "replace")
    return None


def _way(folder: Path) -> Way:
    real = Path(os.path.realpath(folder))
    top = next((each for each in (real, *real.parents) if (each / ".git").exists()), real)
    return Way(str(folder), str(real), str(top))
