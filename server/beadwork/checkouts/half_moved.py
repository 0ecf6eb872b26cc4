"""A working tree that git was bringing along when it was killed: put back as it was, or taken to its end.

A note of ours says what was being done. It is written when nothing in the tree is uncommitted, and taken away
when git has ended; so what is half new there afterwards is git's, and only that is put back. A file that is
neither as before, nor gone, nor (the beginning of) the new one is somebody's, and stays.
Whoever notes or settles holds the lock of the place. What it leaves out: bringing a tree along (`trees.py`).
"""

import asyncio
import json
import os
from collections.abc import Sequence
from pathlib import Path

import attrs
import psutil

from beadwork.checkouts.git import LONG, Git
from beadwork.checkouts.model import CheckoutError
from beadwork.checkouts.places import Places

_ADDED = "A"


@attrs.frozen
class Move:
    """A working tree that is being brought from one commit to another."""

    top: Path
    branch: str
    """Full name of the ref that is checked out there."""
    old: str
    new: str

    def note(self, places: Places) -> None:
        """Write down that it is going on. Raises OSError."""
        file = _file(places)
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = file.with_suffix(".new")
        unfinished.write_text(json.dumps({**attrs.asdict(self), "top": str(self.top)}), "utf-8")
        unfinished.replace(file)


def forget_move(places: Places) -> None:
    """Take the note away."""
    _file(places).unlink(missing_ok=True)


def is_half_moved(places: Places) -> bool:
    """Whether a tree is being brought along, or was left half-way."""
    return _file(places).exists()


async def settle_move(places: Places) -> bool:
    """See to a tree that was left half-way, if there is one; give whether it is at its new commit now.

    Raises CheckoutError when it cannot be seen to yet; the note then stays.
    """
    move = await asyncio.to_thread(_noted, places)
    if move is None:
        return False
    git = Git.of_user(move.top).having(GIT_LFS_SKIP_SMUDGE="0")
    lock = Path(os.fsdecode(await _lock_of(git)))
    await asyncio.to_thread(_unlock, lock, move.top, _file(places))
    done = await _is_done(git, move)
    if not done and await _at(git, move) == move.old:
        await _put_back(git, move)
    await asyncio.to_thread(forget_move, places)
    return done


async def _is_done(git: Git, move: Move) -> bool:
    """Whether all of it is new; where only the ref is not, it is moved, or else the files go back."""
    at = await _at(git, move)
    if at != move.old:
        return at == move.new
    code, _, _ = await git.ask("diff-index", "--cached", "--quiet", move.new, "--", limit=LONG)
    if code != 0:
        return False
    code, _, _ = await git.ask("update-ref", "-m", "beadwork: land", move.branch, move.new, move.old)
    if code != 0:
        await git.bytes_of("read-tree", "-m", "-u", move.new, move.old, limit=LONG)
    return code == 0


async def _put_back(git: Git, move: Move) -> None:
    words = ("--raw", "-z", "--no-renames", "--no-abbrev", "--no-ext-diff")
    listing = (await git.bytes_of("diff", *words, move.old, move.new, "--", limit=LONG)).split(b"\0")
    await git.ask("update-index", "-q", "--refresh", limit=LONG)
    left_out = await _left_out(git)
    back: list[bytes] = []
    for about, path in zip(listing[::2], listing[1::2], strict=False):
        if path in left_out or b".beads" in path.split(b"/"):  # trackers write there all the time
            continue
        *_, old, blob, letter = about.decode("ascii").split(" ")
        target = move.top / os.fsdecode(path)
        there = await asyncio.to_thread(_content, target)
        if there is not None:
            if not await _is_new(git, os.fsdecode(path), there, old=old, new=blob):
                continue
            await asyncio.to_thread(_remove, target, move.top)
        back += [] if letter == _ADDED else [path]
    names = b"".join(path + b"\0" for path in back)
    if names:
        await git.bytes_of("checkout-index", "-q", "-f", "-z", "--stdin", stdin=names, limit=LONG)
    await git.ask("update-index", "-q", "--refresh", limit=LONG)


async def _left_out(git: Git) -> frozenset[bytes]:
    """Give the paths that the user does not want to have in the tree, as of a sparse checkout."""
    listing = await git.bytes_of("ls-files", "-t", "-z", limit=LONG)
    return frozenset(entry[2:] for entry in listing.split(b"\0") if entry.startswith(b"S "))


async def _is_new(git: Git, path: str, there: bytes, *, old: str, new: str) -> bool:
    """Whether a file is the new one, or the beginning of it; one that is as before is not."""
    if not new.strip("0"):
        return False
    hashed = await git.line("hash-object", f"--path={path}", "--stdin", stdin=there, limit=LONG)
    if hashed in {old, new}:
        return hashed == new
    code, content, _ = await git.ask("cat-file", "blob", new, limit=LONG)
    return code == 0 and content.startswith(there)


def _content(target: Path) -> bytes | None:
    """Give what a file holds, or a link; None where there is neither."""
    if target.is_symlink():
        return os.fsencode(target.readlink())
    return target.read_bytes() if target.is_file() else None


def _remove(target: Path, top: Path) -> None:
    target.unlink()
    folder = target.parent
    while folder != top and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


async def _at(git: Git, move: Move) -> str:
    code, commit, _ = await git.ask("rev-parse", "--verify", "--quiet", move.branch)
    return commit.decode("ascii").strip() if code == 0 else ""


async def _lock_of(git: Git) -> bytes:
    output = await git.bytes_of("rev-parse", "--path-format=absolute", "--git-path", "index.lock")
    return output.removesuffix(b"\n")


def _unlock(lock: Path, top: Path, note: Path) -> None:
    """Remove a lock that our git left. Raises CheckoutError when somebody may be holding it.

    One that is older than our note is somebody else's, and stays.
    """
    if not lock.exists() or lock.stat().st_mtime_ns < note.stat().st_mtime_ns:
        return
    if _holders(lock, top):
        raise CheckoutError(f"A git is at work there: {lock} is in use. Try again when it has ended.")
    lock.unlink(missing_ok=True)


def _holders(lock: Path, top: Path) -> Sequence[int]:
    """Give who has it open, or is a git at work there: one that waits for an editor has closed it."""
    found = []
    for process in psutil.process_iter():
        try:
            at_work = process.name() == "git" and Path(process.cwd()).is_relative_to(top)
            if at_work or any(Path(each.path) == lock for each in process.open_files()):
                found.append(process.pid)
        except (psutil.Error, OSError):
            continue
    return found


def _file(places: Places) -> Path:
    return places.shadows.with_name(f"{places.shadows.name}.moving")


def _noted(places: Places) -> Move | None:
    try:
        told = json.loads(_file(places).read_text("utf-8"))
        return Move(Path(told["top"]), str(told["branch"]), str(told["old"]), str(told["new"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CheckoutError(f"{_file(places)} cannot be read: {error}. Remove it, and try again.") from error
