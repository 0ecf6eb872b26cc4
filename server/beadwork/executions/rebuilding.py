"""A store that is damaged is moved aside and made anew from the logs, and that is said.

Nothing is deleted. What had not begun has no log, so it is lost; so are walks and messages.
What it leaves out: what a log knows (`recollecting.py`).
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

import attrs

from beadwork.executions.model import UNFINISHED, Execution, State
from beadwork.executions.recollecting import execution_of_log, interrupted
from beadwork.executions.store import Store
from beadwork.state_folder import StateFolder
from beadwork.storage import StoreDamaged, fresh_path, is_known_damaged, opening, replace_damaged


@attrs.frozen
class Rebuilt:
    """What came of making a store anew."""

    count: int
    """How many executions it holds."""
    skipped: int
    """How many logs say too little, as older ones do."""
    moved_to: Path
    """Where the damaged file is now."""

    @property
    def sentence(self) -> str:
        """What a person must know."""
        older = (
            f" Logs that say too little to be listed, as older ones do: {self.skipped}."
            if self.skipped
            else ""
        )
        return (
            f"The store was damaged. It was moved to {self.moved_to}, and made anew from the logs. "
            f"Runs in it: {self.count}; what was only queued is not, so ask for that again.{older}"
        )


def open_store(state: StateFolder) -> tuple[Store, str]:
    """Open the store, or make it anew when it is damaged; give it, and then a sentence for a person.

    Raises StoreError.
    """
    with opening(state.database):
        store = None if _is_known_damaged(state) else _opened(state.database)
        if store is not None:
            return store, ""
        rebuilt = rebuild(state)
        return Store(state.database), rebuilt.sentence


def mend_store(state: StateFolder) -> str:
    """Make the store anew if it is damaged, for somebody who has it open: they go over to the new one.

    Gives a sentence for a person, empty when all was well. Raises StoreError.
    """
    store, said = open_store(state)
    store.close()
    return said


def rebuild(state: StateFolder) -> Rebuilt:
    """Move the store's file aside and make it anew from the logs; `open_store` calls it under its lock.

    Until the new one is whole the old one stays. Raises StoreError, OSError.
    """
    found, skipped = _recollected(state)
    fresh = _made(state, found)
    return Rebuilt(len(found), skipped, replace_damaged(state.database, fresh))


def _is_known_damaged(state: StateFolder) -> bool:
    path = state.database
    if path.exists() and path.stat().st_size == 0:
        return any(_logs(state))  # SQLite would take it for a new one
    return is_known_damaged(path)


def _opened(path: Path) -> Store | None:
    """Open the store; None when it is seen to be damaged."""
    try:
        store = Store(path)
    except StoreDamaged:
        return None
    try:
        store.counts()
    except StoreDamaged:
        store.close()
        return None
    return store


def _logs(state: StateFolder) -> Iterable[Path]:
    return (state.root / "logs").glob("*/*/*.jsonl")


def _recollected(state: StateFolder) -> tuple[Sequence[Execution], int]:
    """Give what the logs know, the oldest first, and how many said too little."""
    runs: dict[str, Execution] = {}
    skipped = 0
    for path in _logs(state):
        run = execution_of_log(path)
        if run is None:
            skipped += 1
        elif run.id not in runs or runs[run.id].resumed < run.resumed:
            runs[run.id] = run
    return _consistent(sorted(runs.values(), key=lambda run: run.queued_at)), skipped


def _consistent(runs: Sequence[Execution]) -> Sequence[Execution]:
    """Link attempts both ways, and let only the newest run of a bead be unfinished."""
    retried = {run.retry_of: run.id for run in runs if run.retry_of}
    newest = {(run.order.project, run.order.bead): run.id for run in runs if run.state in UNFINISHED}
    return [
        attrs.evolve(
            run if run.id in newest.values() or run.state not in UNFINISHED else interrupted(run),
            retried_by=retried.get(run.id, ""),
        )
        for run in map(_workable, runs)
    ]


def _workable(run: Execution) -> Execution:
    """Give `run` as a store takes it: one that runs has a worker. A dead one is recovered later."""
    return interrupted(run) if run.state is State.RUNNING and run.worker is None else run


def _made(state: StateFolder, runs: Iterable[Execution]) -> Path:
    fresh = fresh_path(state.database)
    store = Store(fresh)
    try:
        store.insert(*runs)
    finally:
        store.close()
    return fresh
