"""What is kept of gates, by age and size: what became of them on a commit goes with all that they said there.

It can be found out anew, so nothing is lost but time. What it leaves out: when (`retention.py`), and the
checkouts that gates run in (`retained_checkouts.py`).
"""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import attrs

from beadwork.gates import KnownGates
from beadwork.settings import Settings
from beadwork.state_folder import StateFolder
from beadwork.workflows.keeping.retained_runs import DAY

_MEGABYTE = 1024 * 1024


@attrs.frozen
class _Kept:
    """What is kept of the gates of one commit."""

    folder: Path
    size: int
    changed_at: float


def remove_gates(state: StateFolder, settings: Settings, now: float) -> Sequence[str]:
    """Forget what became of gates on old commits, and on the oldest where all takes too much; say so.

    What was written today stays: people are told where it is. For a thread of its own. Raises OSError.
    """
    projects = _folders(state.gates)
    gone = 0
    if settings.keep_days:
        gone += sum(KnownGates(each).tidy(settings.keep_days * DAY, now=now) for each in projects)
    kept = sorted((_kept(each) for project in projects for each in _folders(project)), key=_age)
    taken, room = sum(each.size for each in kept), settings.keep_megabytes * _MEGABYTE
    for each in kept:
        if not room or taken <= room or now - each.changed_at < DAY:
            break
        shutil.rmtree(each.folder)
        taken -= each.size
        gone += 1
    return [f"Forgot what became of gates on {gone} commit{'' if gone == 1 else 's'}."] if gone else []


def _age(kept: _Kept) -> float:
    return kept.changed_at


def _kept(folder: Path) -> _Kept:
    found = [path.stat() for path in _files(folder)]
    newest = max((each.st_mtime for each in found), default=folder.stat().st_mtime)
    return _Kept(folder, sum(each.st_size for each in found), newest)


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.iterdir() if path.is_file())


def _folders(folder: Path) -> Sequence[Path]:
    if not folder.is_dir():
        return ()
    return sorted(each for each in folder.iterdir() if each.is_dir() and not each.is_symlink())
