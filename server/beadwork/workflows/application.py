"""What a person can ask of Beadwork: one object that the command line and the language server both hold.

It checks what can be checked at once, writes orders into the store, and answers; long work is a worker's.
What it leaves out: doing the work (`work.py`), and what an answer looks like (`views.py`).
"""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path

import attrs

from beadwork.beads import Bead, BeadNotFound, Trouble, find_workspace
from beadwork.context import Prompt, PromptKind
from beadwork.errors import BeadworkError
from beadwork.executions import (
    FINAL,
    AlreadyActive,
    Execution,
    Intent,
    Order,
    StartersBusy,
    State,
    read_events,
    recover,
    start_workers,
    stop_worker,
)
from beadwork.settings import Layer
from beadwork.state_folder import StateFolder
from beadwork.workflows.house import House, furnish
from beadwork.workflows.showing import (
    bead_page,
    groups_of_runs,
    project_view,
    run_view,
    unreadable_project,
)
from beadwork.workflows.telling_agent import prompt_for
from beadwork.workflows.untold import tell_the_untold
from beadwork.workflows.views import BeadPage, LogPage, ProjectView, RefusalCode, Refused, RunView
from beadwork.workflows.work import is_own
from beadwork.workflows.workspace import Snapshot, Workspace

PATIENCE = 60.0
"""Seconds that a worker has to end its run in good order before it is ended itself."""
TEND_EVERY = 2.0
"""Seconds between looks for lost workers while somebody waits for a run."""
LOOK_EVERY = 0.1
"""Seconds between looks at the store while somebody waits for a run, or for others who start workers."""
START_LOOKS = 50
"""How often others who start workers are waited for."""


@attrs.frozen
class WorkRequest:
    """What is asked for with *work*."""

    bead: str
    force: bool = False
    """Whether to go on over open blockers, or somebody else's claim."""
    with_changes: bool = False
    agent: str = ""
    runner: str = ""
    script: str = ""


class Application:
    """Beadwork for one user: all projects, one store. To be used from one event loop, and closed."""

    def __init__(self, house: House) -> None:
        """Take over `house`; nothing is read and nothing is started yet."""
        self._house = house
        self._workspaces: dict[Path, Workspace] = {}
        self._stopping: set[asyncio.Task[None]] = set()
        self._tending = asyncio.Lock()

    async def project_of(self, folder: Path) -> Path:
        """Give the folder whose beads serve `folder`: itself or the nearest one above with `.beads`.

        Raises TrackerMissing when there is none.
        """
        return await asyncio.to_thread(find_workspace, folder)

    async def listing(self, project: Path, search: str = "") -> ProjectView:
        """Give the beads of a project in their groups; an unreadable project is a view with `error`."""
        try:
            loaded = self._house.settings_for(project)
            snapshot = await self._workspace(project).snapshot()
        except BeadworkError as error:
            return unreadable_project(project, error)
        newest = self._house.store.newest_by_bead(str(project))
        return project_view(
            project,
            snapshot.tracker,
            snapshot.index.with_runs(groups_of_runs(newest)),
            newest,
            self._house.state,
            search=search,
            troubles=tuple(Trouble(warning) for warning in loaded.warnings),
        )

    async def page(self, project: Path, bead: str) -> BeadPage:
        """Give one bead with all that is known of it. Raises TrackerError."""
        snapshot = await self._workspace(project).snapshot()
        found = _bead(snapshot, bead)
        newest = self._house.store.newest_by_bead(str(project))
        comments = found.comments
        if found.comment_count > len(comments):
            comments = tuple(await snapshot.tracker.comments(bead))
        runs = self._house.store.list(project=str(project), bead=bead)
        index = snapshot.index.with_runs(groups_of_runs(newest))
        return bead_page(found, index, comments, runs, self._house.state)

    async def work(self, project: Path, request: WorkRequest) -> RunView | Refused:
        """Queue work on a bead and start it when a slot is free. Raises BeadworkError."""
        settings = self._house.settings_for(project).settings
        snapshot = await self._workspace(project).snapshot()
        bead = _bead(snapshot, request.bead)
        actor = await self._house.actor(project)
        if refused := _refusal(bead, snapshot, actor, force=request.force):
            return refused
        await self._house.checkouts.check(project, bead.id, base=settings.base)
        order = Order(
            project=str(project),
            bead=bead.id,
            title=bead.title,
            agent=request.agent or settings.agent,
            script=request.script or settings.script,
            runner=request.runner or settings.runner,
            force=request.force,
            forced_over=snapshot.index.blockers(bead.id) if request.force else (),
            with_changes=request.with_changes,
            status=bead.status,
            assignee=bead.assignee,
            settings=self._house.editor_values(),
        )
        self._house.check(order)
        try:
            run = self._house.store.add(order)
        except AlreadyActive as error:
            return Refused(RefusalCode.ALREADY_ACTIVE, error.message)
        await self._start_queued()
        return self._view(self._house.store.get(run.id))

    async def prompt(self, project: Path, bead: str, kind: PromptKind) -> Prompt:
        """Give what an agent would be sent for a bead now; nothing is claimed, cloned or started.

        Raises BeadworkError.
        """
        snapshot = await self._workspace(project).snapshot()
        found = _bead(snapshot, bead)
        settings = self._house.settings_for(project).settings
        checkout = await self._house.checkouts.imagine(project, found.id, base=settings.base)
        desk = self._house.desk_for(project, settings, snapshot.tracker)
        return await prompt_for(kind, desk, found, snapshot.index.listing.beads, checkout)

    async def cancel(self, run: str) -> RunView | Refused:
        """Say that a run is to end, and make it end; answers at once, the run ends soon after.

        Its worker is watched until it has, see `settle`. Raises ExecutionNotFound.
        """
        found = self._house.store.find(run)
        if found.state in FINAL:
            return Refused(
                RefusalCode.NOT_RUNNING, f"Run {found.id[:8]} of {found.order.bead} is {found.state}."
            )
        after = self._house.store.intend(found.id, Intent.CANCEL)
        if after.state is State.RUNNING:
            self._stop(after, PATIENCE)
            await asyncio.sleep(0)  # so that the worker has its signal even when we are closed right away
        return self._view(after)

    def _stop(self, run: Execution, patience: float) -> None:
        if any(task.get_name() == run.id for task in self._stopping):
            return
        stopping = stop_worker(
            self._house.store, self._house.state, run.id, run.intent or Intent.CANCEL, patience=patience
        )
        task = asyncio.create_task(stopping, name=run.id)
        self._stopping.add(task)
        task.add_done_callback(self._stopping.discard)

    async def wait_for_end(self, run: str) -> RunView:
        """Wait until a run is no longer active, and its bead knows, if that is possible.

        Starts what is queued, and recovers what lost its worker.
        """
        found = self._house.store.find(run)
        loop = asyncio.get_running_loop()
        tended = loop.time()
        while found.active:
            if loop.time() - tended > TEND_EVERY:
                await self.tend()
                tended = loop.time()
            await asyncio.sleep(LOOK_EVERY)
            found = self._house.store.get(found.id)
        if not found.told and found.started_at is not None:
            await self.tend()
        return self._view(found)

    async def runs(self, project: Path | None = None, bead: str = "", limit: int = 50) -> Sequence[RunView]:
        """Give executions, the newest first."""
        found = self._house.store.list(project=str(project) if project else None, bead=bead, limit=limit)
        return [self._view(run) for run in found]

    async def run(self, run: str) -> RunView:
        """Give one execution by its id or an unambiguous beginning of it. Raises ExecutionNotFound."""
        return self._view(self._house.store.find(run))

    async def log(self, run: str, after: int = 0, limit: int = 1000) -> LogPage:
        """Give up to `limit` events with `seq` above `after`. Raises ExecutionNotFound, LogError."""
        found = self._house.store.find(run)
        if not found.log:
            return LogPage(self._view(found), (), more=False)
        events = await asyncio.to_thread(read_events, Path(found.log), after, limit + 1)
        return LogPage(self._view(found), tuple(events[:limit]), more=len(events) > limit)

    async def projects(self) -> Sequence[str]:
        """Give the folders of all projects that have runs."""
        return self._house.store.projects()

    def beads_signal(self, project: Path) -> str:
        """Give a text that changes when the beads of a project may have; starts no process."""
        return self._workspace(project).signal()

    def runs_signal(self) -> str:
        """Give a text that changes when any execution has; reads memory shared with the store."""
        return self._house.store.signal()

    async def tend(self) -> Sequence[str]:
        """Recover runs that lost their worker, start what is queued; give sentences about what went wrong."""
        if self._tending.locked():
            return ()
        async with self._tending:
            self._press_the_deaf()
            said = [_lost(run) for run in await recover(self._house.store, self._house.state)]
            said += await tell_the_untold(self._house)
            await self._start_queued()
            return said

    def _press_the_deaf(self) -> None:
        """End the workers that were told to end their run long ago, by whomever."""
        for run in self._house.store.list(states=frozenset({State.RUNNING}), limit=1000):
            if run.intent_at is not None and time.time() - run.intent_at > PATIENCE:
                self._stop(run, 0.0)

    async def _start_queued(self) -> None:
        """Start what is queued; while another process does so it may be about to start ours, so wait for it.

        One that does not come to an end is no error of ours: the run stays queued, for whoever tends next.
        """
        slots = self._house.user_settings().slots
        house = self._house
        for _ in range(START_LOOKS):
            try:
                start_workers(house.store, slots, house.worker_argv, house.state, patience=0)
            except StartersBusy:
                await asyncio.sleep(LOOK_EVERY)
            else:
                return

    async def settle(self) -> None:
        """Wait until the runs that are being cancelled here have ended."""
        if self._stopping:
            await asyncio.wait(self._stopping)

    def close(self) -> None:
        """Let go of the store. No run is touched; whoever tends next sees to those that do not end."""
        for task in self._stopping:
            task.cancel()
        self._house.store.close()

    def _view(self, run: Execution) -> RunView:
        return run_view(run, self._house.state)

    def _workspace(self, project: Path) -> Workspace:
        if project not in self._workspaces:
            self._workspaces[project] = Workspace(project, self._house.open_tracker)
        return self._workspaces[project]


def _bead(snapshot: Snapshot, bead: str) -> Bead:
    found = snapshot.index.get(bead)
    if found is None:
        raise BeadNotFound(f"There is no bead {bead!r} here; `beadwork list` shows those that are.")
    return found


def _refusal(bead: Bead, snapshot: Snapshot, actor: str, *, force: bool) -> Refused | None:
    if snapshot.tracker.read_only:
        return Refused(RefusalCode.READ_ONLY, snapshot.tracker.read_only)
    if bead.closed:
        return Refused(RefusalCode.CLOSED, f"{bead.id} is closed; reopen it to work on it.")
    blockers = snapshot.index.blockers(bead.id)
    if blockers and not force:
        words = f"{bead.id} is blocked by {', '.join(blockers)}."
        return Refused(RefusalCode.BLOCKED, words, blockers, can_force=True)
    if bead.status == "open" or is_own(bead, actor) or force:
        return None
    if bead.status == "in_progress":
        words = f"{bead.id} is being worked on by {bead.assignee or 'somebody who gave no name'}."
        return Refused(RefusalCode.TAKEN, words, can_force=True)
    return Refused(RefusalCode.NOT_OPEN, f"{bead.id} is {bead.status}, not open.", can_force=True)


def _lost(run: Execution) -> str:
    return f"{run.order.bead}: {run.summary} Its log is kept: `beadwork log {run.id[:8]}`."


def build(state: StateFolder, editor: Layer | None = None) -> Application:
    """Make the application. Raises StateFolderError, StoreError."""
    return Application(furnish(state, editor))
