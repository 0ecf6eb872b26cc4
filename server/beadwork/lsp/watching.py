"""Watching what other processes change: the runs of all windows, and the beads of each folder.

Both are a glance at a signal many times a second, and a question only when it moved. The glances at beads are
made in a thread of our own, so that a slow disk slows nobody else.

What it leaves out: what an editor is told of a change (`session.py`).
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from beadwork.errors import BeadworkError
from beadwork.lsp.output import active
from beadwork.workflows import Application, RunView

logger = logging.getLogger(__name__)

RUNS_PACE = 0.2
"""Seconds between two looks at the store's signal."""
BEADS_PACE = 0.3
"""Seconds between two looks at the beads' signals."""
TEND_PACE = 3.0
"""Seconds between two tendings while a run is active."""
NEWEST = 200
"""How many runs are compared when something changed."""

Changed = Callable[[RunView, RunView | None], None]

T = TypeVar("T")


class Glances:
    """Short blocking reads, in a thread of our own."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(max_workers=1, thread_name_prefix="glance")

    async def at(self, read: Callable[[], T]) -> T:
        """Give what `read` gives."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, read)

    def close(self) -> None:
        """Begin no more of them."""
        self._threads.shutdown(wait=False, cancel_futures=True)


async def watch_runs(application: Application, changed: Changed, tend: Callable[[], Awaitable[None]]) -> None:
    """Call `changed` with each run that changed and what it was before; never returns.

    At first, with those that are active or wait for an answer. Tends them at the start, after changes and
    while any is active.
    """
    known: dict[str, RunView] = {}
    seen: str | None = None
    due = 0.0
    now = asyncio.get_running_loop().time
    while True:
        try:
            signal = application.runs_signal()
            if signal != seen or (now() >= due and _any_active(known)):
                await tend()
                due = now() + TEND_PACE
            if signal != seen:
                runs = {run.id: run for run in await application.runs(limit=NEWEST)}
                _tell(runs, known, changed, first=seen is None)
                known, seen = runs, signal
        except BeadworkError as error:
            logger.warning("Runs cannot be watched at the moment: %s", error)
            await asyncio.sleep(TEND_PACE)
        await asyncio.sleep(RUNS_PACE)


def _any_active(runs: dict[str, RunView]) -> bool:
    return any(active(run) for run in runs.values())


def _tell(runs: dict[str, RunView], known: dict[str, RunView], changed: Changed, *, first: bool) -> None:
    for run in reversed(runs.values()):
        before = known.get(run.id)
        if run != before and (not first or active(run) or run.state == "needs_input"):
            changed(run, before)


class BeadsWatch:
    """The beads of the folders of one window."""

    def __init__(
        self, application: Application, glances: Glances, folders: Callable[[], Iterable[Path]]
    ) -> None:
        self._application = application
        self._glances = glances
        self._folders = folders
        self._seen: dict[Path, str] = {}

    async def watch(self, changed: Callable[[Path], None]) -> None:
        """Call `changed` with the project, or the folder without one, whose beads may have changed."""
        while True:
            for folder in tuple(self._folders()):
                await self._look(folder, changed)
            await asyncio.sleep(BEADS_PACE)

    async def _look(self, folder: Path, changed: Callable[[Path], None]) -> None:
        project = await project_or_none(self._application, folder)
        signal = ""
        if project is not None:
            try:
                signal = (
                    f"{project}\n{await self._glances.at(lambda: self._application.beads_signal(project))}"
                )
            except (BeadworkError, OSError) as error:
                signal = f"{project}\n{error}"
        before = self._seen.get(folder)
        self._seen[folder] = signal
        if before != signal:  # at first too: what changed since the editor asked would be missed
            changed(project or folder)


class Onward:
    """Takes projects further when their beads changed, one at a time for each.

    What changes while a project is taken further is reason enough to do so once more after.
    """

    def __init__(self, application: Application, say: Callable[[str], None]) -> None:
        self._application = application
        self._say = say
        self._due: set[Path] = set()
        self._at: set[Path] = set()

    async def take(self, folder: Path) -> None:
        """Queue what a change of the beads that serve `folder` makes possible."""
        project = await project_or_none(self._application, folder)
        if project is None:
            return
        self._due.add(project)
        if project in self._at:
            return
        self._at.add(project)
        try:
            while project in self._due:
                self._due.discard(project)
                for sentence in await self._application.beads_changed(project):
                    self._say(sentence)
        except BeadworkError as error:
            logger.warning("The beads of %s changed, but cannot be gone on with: %s", project, error)
        finally:
            self._at.discard(project)


async def project_or_none(application: Application, folder: Path) -> Path | None:
    """Give the folder whose beads serve `folder`; None when there is none."""
    try:
        return await application.project_of(folder)
    except (BeadworkError, OSError):  # why is said when somebody asks for its beads
        return None


async def projects_of(application: Application, folders: Sequence[Path]) -> tuple[Path, ...]:
    """Give the projects that serve `folders`, each once."""
    found = [await project_or_none(application, folder) for folder in folders]
    return tuple(dict.fromkeys(project for project in found if project is not None))
