"""Begins with beads in a folder that has none: a file of our own, or a database by the user's bd.

What it leaves out: whether there are beads already (`opening.py`).
"""

import contextlib
import shutil
from collections.abc import Mapping
from pathlib import Path

from beadwork.beads.bd_call import BdCalls
from beadwork.beads.bd_presence import version_of
from beadwork.beads.file_lock import WorkspaceLock, in_thread
from beadwork.beads.opening import find_workspace
from beadwork.beads.port import TrackerError, TrackerMissing, TrackerReadOnly, TrackerUnfit

_INIT = ("init", "--quiet", "--stealth", "--skip-hooks", "--skip-agents", "--non-interactive")
"""What leaves the repository as it is: no commit, no hook, no file beside `.beads`, which git is told to
leave alone in `.git/info/exclude`."""


async def begin_embedded(folder: Path, prefix: str) -> None:
    """Make an issues.jsonl without beads in `folder`, whose ids are to begin with `prefix`.

    Raises TrackerReadOnly, TrackerError.
    """
    await in_thread(lambda: _make(folder / ".beads", prefix))


async def begin_bd(
    folder: Path,
    prefix: str,
    *,
    bd: str,
    timeout: float,  # noqa: ASYNC109  (the program is ended when it is over)
    locks: Path,
    environment: Mapping[str, str],
) -> None:
    """Let bd make a database in `folder`, which is in a git repository; else bd would make one.

    What a bd that failed left behind is removed, as far as it holds no beads. Raises TrackerMissing without a
    bd, TrackerUnfit for one too old, TrackerError with its words.
    """
    calls = BdCalls(
        bd, folder, None, environment, timeout, WorkspaceLock.of(locks, folder / ".beads", timeout)
    )
    version = await version_of(calls)
    if unfit := version.unfit or version.read_only:
        raise TrackerUnfit(unfit)
    async with calls.alone() as session:
        if there := await in_thread(lambda: _found(folder)):
            raise TrackerError(
                f"Somebody else has just begun with beads in {there.parent}; nothing was changed."
            )
        try:
            (await session.call(*_INIT, f"--prefix={prefix}")).check()
        except TrackerError as error:
            left = await in_thread(lambda: _clear(folder))
            raise type(error)(f"{error.message}{left}", detail=error.detail) from error


def _found(folder: Path) -> Path | None:
    """Give the `.beads` that serves `folder`: of a worktree, bd keeps it in the repository."""
    try:
        return find_workspace(folder, {}) / ".beads"
    except TrackerMissing:
        return None


def _clear(folder: Path) -> str:
    """Remove what was begun and cannot be used, for it would keep everybody from beginning again.

    Gives what there is to say of it, with a space before it; nothing where nothing is left.
    """
    beads = _found(folder)
    if beads is None:
        return ""
    if (beads / "metadata.json").exists():  # bd's last word: from then on it finds the database
        return f" There is {beads} all the same; see with bd in a terminal whether it can be used."
    try:
        shutil.rmtree(beads)
    except OSError as error:
        return f" What it left in {beads} cannot be removed: {error.strerror}. Do that before you try again."
    return ""


def _make(beads: Path, prefix: str) -> None:
    config = beads / "config.yaml"
    try:
        beads.mkdir()
    except OSError as error:
        kind = TrackerReadOnly if isinstance(error, PermissionError) else TrackerError
        raise kind(f"{beads} cannot be made: {error.strerror}. Nothing was changed.") from error
    try:
        config.write_text(f'issue-prefix: "{prefix}"\n', "utf-8")
        (beads / "issues.jsonl").touch()
    except OSError as error:
        with contextlib.suppress(OSError):
            config.unlink(missing_ok=True)
            beads.rmdir()
        raise TrackerError(f"The files in {beads} cannot be made: {error.strerror}.") from error
