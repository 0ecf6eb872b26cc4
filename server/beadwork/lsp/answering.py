"""The answers to commands: each decodes, asks the Application, and gives what is to be sent.

What it leaves out: the names of commands and their arguments (`table.py`, which costs nothing to load), and
turning answers into JSON (`server.py`).
"""

import asyncio
from collections.abc import Sequence

import attrs

from beadwork.beads import Group
from beadwork.lsp import arguments
from beadwork.lsp.editing_answers import EditingAnswers
from beadwork.lsp.errors import InvalidArguments
from beadwork.lsp.finding_answers import FindingAnswers
from beadwork.lsp.finishing_answers import FinishingAnswers
from beadwork.lsp.output import batches
from beadwork.lsp.session import Session
from beadwork.lsp.transcript import Transcript, gap, heading
from beadwork.lsp.ways import ANYWAY, Ways, anyway, no_ways
from beadwork.lsp.wire import Reply
from beadwork.workflows import Refused, RunView, WalkRequest, WalkView, Wanted, WorkRequest

LONGEST_LOG = 4 * 1024 * 1024
"""Bytes of events that `beadwork.log` answers with, about; it says when there is more."""


class Answers:
    """What a session answers. All of it may raise BeadworkError."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._application = session.application
        self.findings: FindingAnswers = FindingAnswers(session, self._begun)
        """Those about reviews and findings."""
        self.finishing: FinishingAnswers = FinishingAnswers(session, self._begun)
        """Those about work that is done."""
        self.editing: EditingAnswers = EditingAnswers(session)
        """Those about the beads themselves."""

    async def list_beads(self, ask: arguments.ListBeads) -> Reply:
        """Answer `beadwork.list`."""
        folders = self.session.folders
        wanted = Wanted(ask.search, _groups(ask.only), ask.limit)
        places = [folders.named(ask.folder)] if ask.folder else folders.paths
        views = await asyncio.gather(*(self.session.listing(folder, wanted) for folder in places))
        return Reply({"projects": tuple({view.folder: view for view in views}.values())})

    async def show_bead(self, ask: arguments.ShowBead) -> Reply:
        """Answer `beadwork.show`."""
        return Reply({"page": await self._application.page(await self.session.project(ask.folder), ask.id)})

    async def work_on_bead(self, ask: arguments.WorkOnBead) -> Reply:
        """Answer `beadwork.work`."""
        project = await self.session.project(ask.folder)
        request = WorkRequest(
            ask.id, ask.force, ask.with_changes, ask.agent, ask.runner, ask.script, ask.wall_clock
        )
        forced = attrs.evolve(request, force=True)
        answer = await self._application.work(project, request)
        return self._begun(answer, anyway(ANYWAY, lambda: self._application.work(project, forced)))

    async def cancel_run(self, ask: arguments.CancelRun) -> Reply:
        """Answer `beadwork.cancel`."""
        run = await self.session.run(ask.run)
        return self._done(await self._application.cancel(run.id))

    async def answer_run(self, ask: arguments.AnswerRun) -> Reply:
        """Answer `beadwork.answer`."""
        run = await self.session.run(ask.run)
        return self._begun(await self._application.answer(run.id, ask.texts, ask.ask))

    async def tell_run(self, ask: arguments.TellRun) -> Reply:
        """Answer `beadwork.tell`."""
        run = await self.session.run(ask.run)
        return self._begun(await self._application.tell(run.id, ask.text))

    async def pause_run(self, ask: arguments.PauseRun) -> Reply:
        """Answer `beadwork.pause`."""
        run = await self.session.run(ask.run)
        return self._done(await self._application.pause(run.id))

    async def resume_run(self, ask: arguments.ResumeRun) -> Reply:
        """Answer `beadwork.resume`."""
        run = await self.session.run(ask.run)
        return self._begun(await self._application.resume(run.id))

    async def retry_run(self, ask: arguments.RetryRun) -> Reply:
        """Answer `beadwork.retry`."""
        run = await self.session.run(ask.run)
        answer = await self._application.retry(run.id, force=ask.force)
        forced = anyway(ANYWAY, lambda: self._application.retry(run.id, force=True))
        return self._begun(answer, forced)

    async def show_queue(self) -> Reply:
        """Answer `beadwork.queue`."""
        return Reply({"queue": await self._application.queue()})

    async def move_first(self, ask: arguments.MoveFirst) -> Reply:
        """Answer `beadwork.first`."""
        run = await self.session.run(ask.run)
        return self._done(await self._application.move_first(run.id))

    async def work_all_ready(self, ask: arguments.WorkAllReady) -> Reply:
        """Answer `beadwork.workAllReady`."""
        project = await self.session.project(ask.folder)
        request = WalkRequest(ask.limit, ask.agent, ask.runner, ask.script, ask.wall_clock)
        return self._done(await self._application.begin_walk(project, request))

    async def stop_walk(self, ask: arguments.StopWalk) -> Reply:
        """Answer `beadwork.stopWalk`."""
        project = await self.session.project(ask.folder)
        return self._done(await self._application.end_walk(project))

    async def show_costs(self, ask: arguments.ShowCosts) -> Reply:
        """Answer `beadwork.costs`."""
        project = await self.session.project(ask.folder) if ask.folder else None
        return Reply({"costs": await self._application.costs(project, ask.days)})

    async def list_runs(self, ask: arguments.ListRuns) -> Reply:
        """Answer `beadwork.runs`."""
        return Reply({"runs": await self.session.runs(ask)})

    async def read_log(self, ask: arguments.ReadLog) -> Reply:
        """Answer `beadwork.log`."""
        run = await self.session.run(ask.run)
        page = await self._application.log(run.id, ask.after, ask.limit)
        events = next(batches(page.events, LONGEST_LOG), [])
        return Reply({"run": page.run, "events": events, "more": page.more or len(events) < len(page.events)})

    async def follow_output(self, ask: arguments.FollowOutput) -> Reply:
        """Answer `beadwork.output`."""
        run = await self.session.run(ask.run)
        output = self.session.output
        if not ask.follow:
            return Reply({"run": run, "next": output.unsubscribe(run.id, ask.after)})
        after = ask.after
        if ask.last:
            after = max(after, await self._application.last_event(run.id) - ask.last)
        answer = {"run": run, "next": after + 1}
        if not ask.text:
            return Reply(answer, lambda: output.subscribe(run.id, after))
        above = gap(run, after - ask.after)
        answer["text"] = above if ask.after else heading(run) + above
        return Reply(answer, lambda: output.subscribe(run.id, after, Transcript()))

    async def export_log(self, ask: arguments.ExportLog) -> Reply:
        """Answer `beadwork.export`."""
        run = await self.session.run(ask.run)
        return Reply({"html": await self._application.export(run.id)})

    def _begun(self, answer: RunView | Refused, ways: Ways = no_ways) -> Reply:
        """Answer with a run that this window wants to hear of, or why there is none.

        `ways` are what a person can do about a refusal, now or at the end of the run.
        """
        match answer:
            case RunView():
                return Reply({"run": answer}, lambda: self.session.asked_for(answer, ways))
            case Refused():
                return Reply({"refused": answer}, lambda: self.session.refused(answer, ways))

    def _done(self, answer: RunView | WalkView | Refused) -> Reply:
        """Answer with what was done, or why it cannot be."""
        match answer:
            case RunView():
                return Reply({"run": answer})
            case WalkView():
                return Reply({"walk": answer})
            case Refused():
                return Reply({"refused": answer}, lambda: self.session.not_done(answer))


def _groups(names: Sequence[str]) -> frozenset[Group]:
    unknown = sorted(set(names) - set(Group))
    if unknown:
        raise InvalidArguments(f"`only` of `beadwork.list` has {unknown[0]!r}; there are {', '.join(Group)}.")
    return frozenset(map(Group, names))
