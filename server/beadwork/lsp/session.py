"""One editor's session: the Application, its folders, and who is told what when something changes.

What it leaves out: commands (`table.py`), and when it begins and ends (`server.py`).
"""

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path

from beadwork.errors import BeadworkError
from beadwork.executions import ExecutionNotFound, State
from beadwork.lsp.arguments import ListRuns, instant
from beadwork.lsp.documents import Documents
from beadwork.lsp.editor import Editor, Level
from beadwork.lsp.endings import Endings
from beadwork.lsp.errors import InvalidArguments
from beadwork.lsp.findings import Findings
from beadwork.lsp.folders import Folders
from beadwork.lsp.joining import Client
from beadwork.lsp.output import Output, Spawn
from beadwork.lsp.progress import Presenter
from beadwork.lsp.publishing import Window
from beadwork.lsp.questions import Questions
from beadwork.lsp.refusals import in_words, show_refusal
from beadwork.lsp.watching import BeadsWatch, Glances, Onward, projects_of, watch_runs
from beadwork.lsp.ways import Ways, no_ways
from beadwork.workflows import (
    Application,
    ProjectView,
    Refused,
    RunView,
    Wanted,
    as_json,
    unreadable_project,
)

logger = logging.getLogger(__name__)

_REFRESH_PACE = 0.05
"""Seconds in which changes come together before an editor is told to ask again."""
_MANY = 1000
"""More runs than one bead has."""


class Session:
    """What is going on between an editor and Beadwork."""

    def __init__(  # noqa: PLR0917  (each is a thing of its own)
        self,
        application: Application,
        client: Client,
        editor: Editor,
        folders: Folders,
        documents: Documents,
        spawn: Spawn,
    ) -> None:
        self.application = application
        self.folders = folders
        self.output = Output(application, editor, spawn)
        self._client = client
        self._editor = editor
        self._spawn = spawn
        self._glances = Glances()
        endings = Endings(application, editor, spawn, self.asked_for, documents=client.documents)
        self._presenter = Presenter(application, editor, spawn, endings, progress=client.progress)
        self._questions = Questions(application, editor, spawn, self.asked_for, documents=client.documents)
        self._onward = Onward(application, self._say)
        self._asked: set[Path] = set()
        """Projects that are no folder of this window, but that it asked about."""
        self._refreshing = self._outdated = False
        """Whether an editor that asks for diagnostics is yet to be told to do so again."""
        window = Window(client.traits, editor.notify_json, self._refresh, self._findings_changed)
        self.findings = Findings(application, window, self._glances, documents, self._places)

    def begin(self) -> None:
        """Begin to watch, and to tell the editor."""
        beads = BeadsWatch(self.application, self._glances, self._places)
        self._spawn(self.findings.watch(), "watching findings")
        self._spawn(watch_runs(self.application, self._runs_changed, self._tend), "watching runs")
        self._spawn(beads.watch(self._beads_moved), "watching beads")

    def close(self) -> None:
        """Let go of everything; no run is touched."""
        self._glances.close()
        self.application.close()

    async def project(self, folder: str) -> Path:
        """Give the project that a command means by `folder`. Raises LspError and TrackerMissing."""
        project = await self.application.project_of(self.folders.named(folder))
        if folder:
            self._asked.add(project)
        return project

    async def listing(self, folder: Path, wanted: Wanted) -> ProjectView:
        """Give the beads that serve a folder; why there are none is part of the answer."""
        try:
            return await self.application.listing(await self.application.project_of(folder), wanted)
        except BeadworkError as error:
            return unreadable_project(folder, error)

    async def runs(self, ask: ListRuns) -> Sequence[RunView]:
        """Give the newest runs of a folder, else of all folders of the window, else of all projects.

        Raises InvalidArguments for a state that there is not, and for a time that is none.
        """
        since = instant("beadwork.runs", "since", ask.since) if ask.since else 0.0
        states = _states(ask.states) if ask.states else None

        async def of(project: Path | None) -> Sequence[RunView]:
            return await self.application.runs(
                project, ask.bead, ask.limit, states=states, since=since, text=ask.text
            )

        if ask.folder:
            return await of(await self.project(ask.folder))
        if not self.folders.paths:
            return await of(None)
        found = await asyncio.gather(*map(of, await projects_of(self.application, self.folders.paths)))
        newest = sorted((run for runs in found for run in runs), key=lambda run: run.queued_at, reverse=True)
        return newest[: ask.limit]

    async def run(self, name: str) -> RunView:
        """Give the run with an id, or the newest of a bead. Raises ExecutionNotFound.

        A bead is looked for where `runs` looks without a folder, and must have runs in one project only:
        two projects may have beads of one name.
        """
        try:
            return await self.application.run(name)
        except ExecutionNotFound:
            found = await self.runs(ListRuns(bead=name, limit=_MANY))
            if not found:
                raise
        if len(folders := sorted({run.folder for run in found})) > 1:
            words = f"{name} has runs in several projects ({', '.join(folders)}): name one by its id."
            raise ExecutionNotFound(words)
        return found[0]

    def asked_for(self, run: RunView, ways: Ways = no_ways) -> None:
        """Take note that `run` was begun, or goes on, because of this window.

        `ways` are what a person can do when something stands in its way.
        """
        self._asked.add(Path(run.folder))
        if not self._client.notifications:
            self._presenter.asked_for_here(run, ways)

    def refused(self, refused: Refused, ways: Ways) -> None:
        """Tell the person why, and ask whether they insist, unless the editor does that itself."""
        if not self._client.asks:
            self._spawn(self._show_refusal(refused, ways), "a refusal")

    def not_done(self, refused: Refused) -> None:
        """Tell the person why something cannot be, unless the editor does that itself."""
        self.tell(Level.WARNING, in_words(refused))

    def tell(self, level: Level, text: str) -> None:
        """Tell the person what came of a command, unless the editor does that itself."""
        if not self._client.asks and text:
            self._editor.show(level, text)

    def progress_cancelled(self, token: str | int) -> None:
        """End the run whose progress a person cancelled."""
        self._presenter.cancelled(token)

    async def _show_refusal(self, refused: Refused, ways: Ways) -> None:
        begun = await show_refusal(self._editor, refused, ways, documents=self._client.documents)
        if begun is not None:
            self.asked_for(begun.run, begun.ways)

    def _runs_changed(self, run: RunView, before: RunView | None) -> None:
        self._spawn(self._tell_of(run, before), f"telling of {run.id[:8]}")

    async def _tell_of(self, run: RunView, before: RunView | None) -> None:
        project = Path(run.folder)
        if project not in self._asked and project not in await projects_of(
            self.application, self.folders.paths
        ):
            return
        if not self._client.asks:
            self._questions.saw(run)
        if not self._client.notifications:
            self._presenter.saw(run)
            return
        self._editor.notify("beadwork/executionChanged", {"run": as_json(run)})
        if before is None or before.state != run.state:
            self._beads_changed(project)

    def _beads_moved(self, folder: Path) -> None:
        self._beads_changed(folder)
        self.findings.moved(folder)
        self._spawn(self._onward.take(folder), f"going on in {folder.name}")

    def _beads_changed(self, folder: Path) -> None:
        if self._client.notifications:
            self._editor.notify("beadwork/beadsChanged", {"folder": str(folder)})

    def _places(self) -> tuple[Path, ...]:
        return (*self.folders.paths, *self._asked)

    def _refresh(self) -> None:
        self._outdated = True
        if self._client.traits.refreshes and not self._refreshing:
            self._refreshing = True
            self._spawn(self._refresh_all(), "asking for a look at diagnostics")

    async def _refresh_all(self) -> None:
        while self._outdated:  # what changes before the editor has answered is asked for once more
            await asyncio.sleep(_REFRESH_PACE)
            self._outdated = False
            await self._editor.refresh_diagnostics()
        self._refreshing = False

    def _findings_changed(self, project: Path) -> None:
        if self._client.notifications:
            self._editor.notify("beadwork/findingsChanged", {"folder": str(project)})

    async def _tend(self) -> None:
        for sentence in await self.application.tend():
            self._say(sentence)

    def _say(self, sentence: str) -> None:
        logger.warning("%s", sentence)
        self._editor.show(Level.WARNING, sentence)


def _states(names: Sequence[str]) -> frozenset[State]:
    unknown = sorted(set(names) - set(State))
    if unknown:
        words = f"`states` of `beadwork.runs` has {unknown[0]!r}; there are {', '.join(State)}."
        raise InvalidArguments(words)
    return frozenset(map(State, names))
