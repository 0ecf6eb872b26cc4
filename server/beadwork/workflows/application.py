"""What a person can ask of Beadwork: one object that the command line and the language server both hold.

Each method hands on to the module whose one idea it is, and gives what came of it as a view. What it leaves
out: doing the work (`working/work.py`), and what an answer looks like (`views.py`).
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from beadwork.beads import Trouble, find_workspace
from beadwork.context import Prompt, PromptKind
from beadwork.errors import BeadworkError
from beadwork.executions import Execution, State, Walk, last_seq, read_events
from beadwork.executions.reading import each_event
from beadwork.settings import Layer
from beadwork.state_folder import StateFolder
from beadwork.workflows.editing import Editing
from beadwork.workflows.exporting import page_of
from beadwork.workflows.finishing import Finishing
from beadwork.workflows.house import House, furnish
from beadwork.workflows.pages.matter import Matter
from beadwork.workflows.pages.rendering import rendered
from beadwork.workflows.people.notifying import notify_test
from beadwork.workflows.queueing import walking
from beadwork.workflows.queueing.costs import costs_view
from beadwork.workflows.queueing.ordering import WorkRequest, bead_of, order_work
from beadwork.workflows.queueing.queue import move_first, queue_view
from beadwork.workflows.queueing.starting import start_queued
from beadwork.workflows.queueing.stopping import Stopping
from beadwork.workflows.queueing.tending import go_on, tend
from beadwork.workflows.queueing.views import CostsView, NotifyResult, QueueView, WalkView
from beadwork.workflows.queueing.walking import WalkRequest
from beadwork.workflows.requests import CloseRequest, GatesRequest, LandRequest, PublishRequest
from beadwork.workflows.reviews import ReviewRequest, Reviews
from beadwork.workflows.showing import (
    EVERYTHING,
    Wanted,
    bead_page,
    groups_of_runs,
    project_view,
    run_view,
    unreadable_project,
)
from beadwork.workflows.stepping_in import stepping as stepping_in
from beadwork.workflows.views import BeadPage, LogPage, PageView, ProjectView, Refused, RunView
from beadwork.workflows.working.telling_agent import prompt_for
from beadwork.workflows.workspace import Workspaces

TEND_EVERY = 2.0
"""Seconds between looks for lost workers while somebody waits for a run."""
LOOK_EVERY = 0.1
"""Seconds between looks at the store while somebody waits for a run."""


class Application:
    """Beadwork for one user: all projects, one store. To be used from one event loop, and closed.

    Whatever names a run takes its id or an unambiguous beginning of it, and raises ExecutionNotFound.
    """

    def __init__(self, house: House) -> None:
        """Take over `house`; nothing is read and nothing is started yet."""
        self._house = house
        self._workspaces = Workspaces(house.open_tracker)
        self._stopping = Stopping(house)
        self._tending = asyncio.Lock()
        self.reviews = Reviews(house, self._workspaces)
        """What can be asked of findings."""
        self.finishing = Finishing(house, self._workspaces)
        """What can be asked of work that is done."""
        self.editing = Editing(house, self._workspaces)
        """What can be asked of beads themselves."""
        self._unsaid = [house.said] if house.said else []

    async def project_of(self, folder: Path) -> Path:
        """Give the folder whose beads serve `folder`: itself or the nearest one above with `.beads`.

        Raises TrackerMissing when there is none.
        """
        return await asyncio.to_thread(find_workspace, folder)

    async def listing(self, project: Path, wanted: Wanted = EVERYTHING) -> ProjectView:
        """Give the beads of a project in their groups; an unreadable project is a view with `error`."""
        try:
            loaded = self._house.settings_for(project)
            snapshot = await self._workspaces.of(project).snapshot()
        except BeadworkError as error:
            return unreadable_project(project, error)
        newest = self._house.store.newest_by_bead(str(project))
        return project_view(
            project,
            snapshot.tracker,
            snapshot.index.with_runs(groups_of_runs(newest)),
            newest,
            self._house.state,
            wanted=wanted,
            troubles=tuple(Trouble(warning) for warning in loaded.warnings),
        )

    def has_bead(self, project: Path, bead: str) -> bool:
        """Whether a bead with that id was there when the beads were last read; reads nothing."""
        seen = self._workspaces.of(project).seen
        return seen is not None and seen.index.has(bead)

    async def page(self, project: Path, bead: str) -> BeadPage:
        """Give one bead with all that is known of it. Raises TrackerError."""
        snapshot = await self._workspaces.of(project).snapshot()
        found = bead_of(snapshot, bead)
        newest = self._house.store.newest_by_bead(str(project))
        comments = found.comments
        if found.comment_count > len(comments):
            comments = tuple(await snapshot.tracker.comments(bead))
        runs = self._house.store.list(project=str(project), bead=bead)
        index = snapshot.index.with_runs(groups_of_runs(newest))
        return bead_page(
            found,
            index,
            comments,
            runs,
            self._house.state,
            newest=newest.get(bead),
            read_only=bool(snapshot.tracker.read_only),
        )

    async def page_html(self, project: Path, bead: str) -> PageView:
        """Give one bead as a page for a person. Raises BeadworkError."""
        page = await self.page(project, bead)
        found = await self.reviews.findings(project, bead, everything=True)
        snapshot = await self._workspaces.of(project).snapshot()
        matter = Matter(page, found, snapshot.tracker.read_only, snapshot.index.has)
        return await asyncio.to_thread(rendered, matter)

    async def prompt(self, project: Path, bead: str, kind: PromptKind) -> Prompt:
        """Give what an agent would be sent for a bead now; nothing is claimed, cloned or started.

        Raises BeadworkError; NothingToReview of a reviewer when there is nothing.
        """
        if kind is PromptKind.REVIEW:
            return await self.reviews.prompt(project, bead)
        snapshot = await self._workspaces.of(project).snapshot()
        found = bead_of(snapshot, bead)
        settings = self._house.settings_for(project).settings
        checkout = await self._house.checkouts.imagine(project, found.id, base=settings.base)
        desk = self._house.desk_for(project, settings, snapshot.tracker)
        return await prompt_for(kind, desk, found, snapshot.index.listing.beads, checkout)

    async def work(self, project: Path, request: WorkRequest) -> RunView | Refused:
        """Queue work on a bead and start it when a slot is free. Raises BeadworkError."""
        return await self._begun(await order_work(self._house, self._workspaces, project, request))

    async def review(self, project: Path, request: ReviewRequest) -> RunView | Refused:
        """Queue a review and start it when a slot is free. Raises BeadworkError."""
        return await self._begun(await self.reviews.order(project, request))

    async def fix(self, project: Path, findings: Sequence[str], request: WorkRequest) -> RunView | Refused:
        """Queue work that mends findings of one bead, on its branch. Raises BeadworkError."""
        return await self._begun(await self.reviews.order_fix(project, findings, request))

    async def gates(self, project: Path, request: GatesRequest) -> RunView | Refused:
        """Queue the gates of a bead's branch, or of the user's own tree. Raises BeadworkError."""
        return await self._begun(await self.finishing.order_gates(project, request))

    async def publish(self, project: Path, request: PublishRequest) -> RunView | Refused:
        """Queue the publishing of a bead's branch. Raises BeadworkError."""
        return await self._begun(await self.finishing.order_publish(project, request))

    async def land(self, project: Path, request: LandRequest) -> RunView | Refused:
        """Queue the landing of a bead's branch. Raises BeadworkError."""
        return await self._begun(await self.finishing.order_land(project, request))

    async def resolve(self, project: Path, request: WorkRequest) -> RunView | Refused:
        """Queue work that brings a branch's base into it. Raises BeadworkError."""
        return await self._begun(await self.finishing.order_resolve(project, request))

    async def close_bead(self, project: Path, request: CloseRequest) -> RunView | Refused:
        """Queue the closing of a bead, if nothing is seen to stand in the way. Raises BeadworkError."""
        return await self._begun(await self.finishing.order_close(project, request))

    async def cancel(self, run: str) -> RunView | Refused:
        """Say that a run is to end, and make it end; answers at once, the run ends soon after.

        Its worker is watched until it has, see `settle`.
        """
        return self._shown(await stepping_in.cancel(self._house, self._stopping, run))

    async def pause(self, run: str) -> RunView | Refused:
        """Make a run rest, with its agent's session kept; answers at once, as `cancel` does."""
        return self._shown(await stepping_in.pause(self._house, self._stopping, run))

    async def resume(self, run: str) -> RunView | Refused:
        """Go on with a paused run where it stopped, as soon as a slot is free."""
        return await self._begun(stepping_in.resume(self._house, run))

    async def answer(self, run: str, texts: Sequence[str], ask: str = "") -> RunView | Refused:
        """Answer what the agent of a run asks: a text for each question.

        A choice is given by its label, in any case, or its number from 1; several with commas between them.
        With `ask`, the id of the Ask that is answered, nothing else is answered by mistake.
        """
        return await self._begun(await stepping_in.answer(self._house, run, texts, ask))

    async def tell(self, run: str, text: str) -> RunView | Refused:
        """Tell the agent of a run something: in its turn, or by going on with its session.

        Of a run that has ended, the next attempt is given. Raises BeadworkError.
        """
        return await self._begun(await stepping_in.tell(self._house, self._workspaces, run, text))

    async def retry(self, run: str, *, force: bool = False) -> RunView | Refused:
        """Try a run again that came to nothing; give the new one. Raises BeadworkError."""
        return await self._begun(await stepping_in.retry(self._house, self._workspaces, run, force=force))

    async def queue(self) -> QueueView:
        """Give what runs, what waits, and what it waits for."""
        return queue_view(self._house)

    async def move_first(self, run: str) -> RunView | Refused:
        """Put a queued run before all others."""
        return await self._begun(move_first(self._house, run))

    async def begin_walk(self, project: Path, request: WalkRequest) -> WalkView | Refused:
        """Work on all that is ready, and on what becomes so, until there is a reason to stop.

        Raises BeadworkError.
        """
        walk = await walking.begin_walk(self._house, self._workspaces, project, request)
        await start_queued(self._house)
        return self._walk_shown(walk)

    async def end_walk(self, project: Path) -> WalkView | Refused:
        """Stop working on all that is ready: queued runs are cancelled, running ones go on."""
        return self._walk_shown(walking.end_walk(self._house, project))

    async def costs(self, project: Path | None = None, days: int = 30) -> CostsView:
        """Give what the runs of the last days cost, today among them: of a project, or of all."""
        return costs_view(self._house, project, days)

    async def notify_test(self) -> Sequence[NotifyResult]:
        """Send a notification to each address of the user's settings, and say what became of it."""
        return await notify_test(self._house)

    async def export(self, run: str) -> str:
        """Give a run with its log as one HTML page that needs nothing else. Raises LogError."""
        return await asyncio.to_thread(_exported, self._house.store.find(run))

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

    async def runs(
        self,
        project: Path | None = None,
        bead: str = "",
        limit: int = 50,
        *,
        states: frozenset[State] | None = None,
        since: float = 0.0,
        text: str = "",
    ) -> Sequence[RunView]:
        """Give executions, the newest first; each argument that is given narrows them.

        `since` is the earliest time of queueing, in seconds since the epoch; `text` stands in the bead's id,
        the title, the summary, the agent's label or the run's id, in any case.
        """
        found = self._house.store.list(
            project=str(project) if project else None,
            bead=bead,
            limit=limit,
            states=states,
            since=since,
            text=text,
        )
        return [self._view(run) for run in found]

    async def run(self, run: str) -> RunView:
        """Give one execution."""
        return self._view(self._house.store.find(run))

    async def log(self, run: str, after: int = 0, limit: int = 1000) -> LogPage:
        """Give up to `limit` events with `seq` above `after`. Raises LogError."""
        found = self._house.store.find(run)
        if not found.log:
            return LogPage(self._view(found), (), more=False)
        events = await asyncio.to_thread(read_events, Path(found.log), after, limit + 1)
        return LogPage(self._view(found), tuple(events[:limit]), more=len(events) > limit)

    async def last_event(self, run: str) -> int:
        """Give the `seq` of the last event in a run's log; 0 when there is none. Raises LogError."""
        found = self._house.store.find(run)
        return await asyncio.to_thread(last_seq, Path(found.log)) if found.log else 0

    async def projects(self) -> Sequence[str]:
        """Give the folders of all projects that have runs."""
        return self._house.store.projects()

    def beads_signal(self, project: Path) -> str:
        """Give a text that changes when the beads of a project may have; starts no process."""
        return self._workspaces.of(project).signal()

    def runs_signal(self) -> str:
        """Give a text that changes when any execution has; reads memory shared with the store."""
        return self._house.store.signal()

    async def tend(self) -> Sequence[str]:
        """Recover runs that lost their worker, take walks further, start what is queued.

        Gives sentences about what went wrong. Returns at once while another call of it goes on.
        """
        if self._tending.locked():
            return ()
        async with self._tending:
            said = [*self._unsaid, *await tend(self._house, self._workspaces, self._stopping)]
            self._unsaid = []
            return said

    async def beads_changed(self, project: Path) -> Sequence[str]:
        """Queue what a change of the beads of a project makes possible, if a walk or a setting wants that.

        For whoever watches `beads_signal`. Gives sentences about what went wrong.
        """
        said = await go_on(self._house, self._workspaces, project)
        await start_queued(self._house)
        return said

    async def settle(self) -> None:
        """Wait until the runs that are being ended here have ended."""
        await self._stopping.settle()

    def close(self) -> None:
        """Let go of the stores. No run is touched; whoever tends next sees to those that do not end."""
        self._stopping.close()
        self._house.close()

    async def _begun(self, found: Execution | Refused) -> RunView | Refused:
        """Start what is queued, and show a run as it then is."""
        if isinstance(found, Refused):
            return found
        await start_queued(self._house)
        return self._view(self._house.store.get(found.id))

    def _shown(self, found: Execution | Refused) -> RunView | Refused:
        return found if isinstance(found, Refused) else self._view(found)

    def _walk_shown(self, found: Walk | Refused) -> WalkView | Refused:
        return found if isinstance(found, Refused) else walking.walk_view(self._house, found)

    def _view(self, run: Execution) -> RunView:
        return run_view(run, self._house.state)


def _exported(run: Execution) -> str:
    return "".join(page_of(run, each_event(Path(run.log)) if run.log else ()))


def build(state: StateFolder, editor: Layer | None = None) -> Application:
    """Make the application. Raises StateFolderError, StoreError."""
    return Application(furnish(state, editor))
