"""Which finished runs and logs are kept, by age, number and size; and the removing of the others.

Files go before their row: if this is ended half-way, the row is found again by the next who looks. What it
leaves out: when (`retention.py`); checkouts (`retained_checkouts.py`).
"""

import contextlib
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import attrs

from beadwork.executions import FINAL, UNFINISHED, Execution, Store, Verb, readable_path
from beadwork.executions.places import reserve_path
from beadwork.settings import Settings
from beadwork.state_folder import StateFolder, safe_name

DAY = 86400.0
EVERYTHING = 1_000_000
_COUNTED = 2 * DAY
"""Seconds for which the row of a run is kept in any case: the budget of the day counts it."""
_MEGABYTE = 1024 * 1024

Bead = tuple[str, str]
"""A project's folder, and the id of a bead in it."""


@attrs.frozen
class Removal:
    """What goes."""

    logs: tuple[Execution, ...]
    """The runs whose logs go."""
    rows: tuple[Execution, ...]
    """Those of them that are forgotten as well."""


def what_goes(
    runs: Sequence[Execution],
    kept_beads: frozenset[Bead],
    sizes: Mapping[str, int],
    settings: Settings,
    now: float,
) -> Removal:
    """Choose among all `runs`, the newest first.

    The newest run of each of `kept_beads` stays, and whatever has not ended. `sizes` are the bytes of logs by
    the ids of runs.
    """
    free = [run for run in runs if run.state in FINAL and run.id not in _newest_of(runs, kept_beads)]
    logs = {run.id: run for run in [*_too_old(free, settings, now), *_too_many(runs, free, settings, now)]}
    room = settings.keep_megabytes * _MEGABYTE
    taken = sum(size for run, size in sizes.items() if run not in logs)
    for run in reversed(free):
        if not settings.keep_megabytes or taken <= room:
            break
        if run.id not in logs and sizes.get(run.id):
            logs[run.id] = run
            taken -= sizes[run.id]
    going = tuple(run for run in runs if run.id in logs)
    return Removal(going, tuple(run for run in going if now - _age_from(run) > _COUNTED))


def remove_runs(
    state: StateFolder, settings: Settings, kept_beads: frozenset[Bead], now: float
) -> Sequence[str]:
    """Remove what is not kept any more, with empty folders; say what went. For a thread of its own.

    Raises StoreError, OSError.
    """
    store = Store(state.database)
    try:
        runs = store.list(limit=EVERYTHING)
        sizes = {run.id: sum(_size(path) for path in _files(state, run)) for run in runs}
        removal = what_goes(runs, kept_beads, sizes, settings, now)
        for run in removal.logs:
            for path in _files(state, run):
                path.unlink(missing_ok=True)
        for run in removal.rows:
            store.forget(run.id)
            _forget_told(state, run)
        orphans = _orphans(state, store.logs(), settings, now)
        freed = sum(sizes[run.id] for run in removal.logs) + sum(map(_size, orphans))
        for path in orphans:
            path.unlink(missing_ok=True)
        _remove_empty_folders(state, store)
    finally:
        store.close()
    return _said(len(removal.rows), len(removal.logs) - len(removal.rows) + len(orphans), freed)


def _newest_of(runs: Sequence[Execution], beads: frozenset[Bead]) -> set[str]:
    """Give the newest run of each of `beads`, of each verb: a review says nothing of how the work stands."""
    newest: dict[tuple[Bead, Verb], str] = {}
    for run in runs:
        bead = (run.order.project, run.order.bead)
        if bead in beads:
            newest.setdefault((bead, run.order.verb), run.id)
    return set(newest.values())


def _too_old(free: Iterable[Execution], settings: Settings, now: float) -> list[Execution]:
    return [run for run in free if settings.keep_days and now - _age_from(run) > settings.keep_days * DAY]


def _too_many(
    runs: Iterable[Execution], free: Iterable[Execution], settings: Settings, now: float
) -> list[Execution]:
    """Give the oldest of each bead beyond the number that is kept."""
    if not settings.keep_runs:
        return []
    may_go = {run.id for run in free}
    finished: dict[Bead, list[Execution]] = defaultdict(list)
    for run in runs:
        if run.state in FINAL:
            finished[run.order.project, run.order.bead].append(run)
    return [
        run
        for of_bead in finished.values()
        for run in of_bead[settings.keep_runs :]
        if run.id in may_go and now - _age_from(run) > _COUNTED
    ]


def _age_from(run: Execution) -> float:
    return run.ended_at or run.queued_at


def _files(state: StateFolder, run: Execution) -> Sequence[Path]:
    """Give the files of a run's log; none that lie anywhere but below the folder of logs."""
    if not run.log:
        return ()
    path = Path(os.path.normpath(run.log))
    if not path.is_relative_to(state.run_logs) or path.suffix != ".jsonl":
        return ()
    return path, readable_path(path), reserve_path(path)


def _orphans(state: StateFolder, known: frozenset[str], settings: Settings, now: float) -> list[Path]:
    """Give old files of logs that no run has: what a process left that was ended while it removed them."""
    if not settings.keep_days:
        return []
    stems = {os.path.splitext(os.path.normpath(log))[0] for log in known}  # noqa: PTH122
    return [
        path
        for folder in _bead_folders(state)
        for path in _entries(folder)
        if path.suffix in {".jsonl", ".log", ".reserve"}
        and os.path.splitext(path)[0] not in stems  # noqa: PTH122
        and now - _changed(path, now) > settings.keep_days * DAY
    ]


def _remove_empty_folders(state: StateFolder, store: Store) -> None:
    """Remove empty folders of beads and projects; not those where a worker may begin a log just now."""
    busy = {
        (state.project(run.order.workspace), safe_name(run.order.bead))
        for run in store.list(states=UNFINISHED, limit=EVERYTHING)
    }
    for folder in _bead_folders(state):
        if (folder.parent.name, folder.name) not in busy:
            _remove_if_empty(folder)
    projects = {project for project, _ in busy}
    for folder in _entries(state.run_logs):
        if folder.is_dir() and folder.name not in projects:
            _remove_if_empty(folder)


def _remove_if_empty(folder: Path) -> None:
    with contextlib.suppress(OSError):  # not empty, or gone already
        folder.rmdir()


def _forget_told(state: StateFolder, run: Execution) -> None:
    for path in state.notified.glob(f"{run.id}-*"):
        path.unlink(missing_ok=True)


def _bead_folders(state: StateFolder) -> Iterator[Path]:
    for project in _entries(state.run_logs):
        if project.is_dir() and not project.is_symlink():
            yield from (each for each in _entries(project) if each.is_dir() and not each.is_symlink())


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0


def _changed(path: Path, default: float) -> float:
    try:
        return path.lstat().st_mtime
    except OSError:
        return default


def _said(rows: int, logs: int, freed: int) -> list[str]:
    if not rows and not logs:
        return []
    what = [f"{rows} old run{'s' if rows > 1 else ''}"] if rows else []
    what += [f"{logs} old log{'s' if logs > 1 else ''}"] if logs else []
    return [f"Removed {' and '.join(what)}: {freed / _MEGABYTE:.1f} MB."]
