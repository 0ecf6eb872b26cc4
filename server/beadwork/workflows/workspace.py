"""The beads of one project, kept in memory and asked for again only when they may have changed.

What it leaves out: executions (`application.py` lays them over the beads).
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import attrs

from beadwork.beads import Index, Tracker, TrackerError, opening_signal

Opener = Callable[[Path], Awaitable[Tracker]]
"""Opens the tracker of a project. Raises TrackerError."""


@attrs.frozen
class Snapshot:
    """The beads at one moment, and who keeps them."""

    tracker: Tracker
    index: Index
    """Without executions laid over it."""


class Workspace:
    """One project. Its lock makes refreshes single: who comes while one runs gets its result."""

    def __init__(self, project: Path, opener: Opener) -> None:
        """Know of a project; nothing is opened yet."""
        self._project = project
        self._opener = opener
        self._lock = asyncio.Lock()
        self._opened: tuple[str, Tracker] | None = None
        self._seen: tuple[str, Snapshot] | None = None

    async def snapshot(self) -> Snapshot:
        """Give the beads as they are; no process is started while nothing changed. Raises TrackerError."""
        async with self._lock:
            tracker = await self._tracker()
            # Read before the listing: a change while it is made leaves the signal old, so it is made again.
            signal = self.signal()
            if self._seen is not None and self._seen[0] == signal:
                return self._seen[1]
            listing = await tracker.list()
            snapshot = Snapshot(tracker, Index(listing))
            self._seen = (signal, snapshot)
            return snapshot

    @property
    def seen(self) -> Snapshot | None:
        """The beads as they were when they were last read; None before that."""
        return self._seen[1] if self._seen is not None else None

    def signal(self) -> str:
        """Give a text that changes when the beads may have, or who keeps them."""
        shape = opening_signal(self._project)
        if self._opened is None or self._opened[0] != shape:
            return f"{shape}|"
        try:
            return f"{shape}|{self._opened[1].change_signal()}"
        except TrackerError as error:
            return f"{shape}|{error.code}"

    async def _tracker(self) -> Tracker:
        shape = opening_signal(self._project)
        if self._opened is None or self._opened[0] != shape:
            self._opened = (shape, await self._opener(self._project))
        return self._opened[1]


class Workspaces:
    """The workspaces that somebody asked for, each kept with what is known of its beads."""

    def __init__(self, opener: Opener) -> None:
        """Know of none yet."""
        self._opener = opener
        self._known: dict[Path, Workspace] = {}

    def of(self, project: Path) -> Workspace:
        """Give the workspace of a project; nothing is opened by that."""
        if project not in self._known:
            self._known[project] = Workspace(project, self._opener)
        return self._known[project]
