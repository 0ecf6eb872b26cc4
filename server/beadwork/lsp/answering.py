"""The answers to commands: each decodes, asks the Application, and gives what is to be sent.

What it leaves out: the names of commands and their arguments (`table.py`, which costs nothing to load), and
turning answers into JSON (`server.py`).
"""

import asyncio

from beadwork.lsp import arguments
from beadwork.lsp.output import batches
from beadwork.lsp.session import Session
from beadwork.lsp.wire import Reply
from beadwork.workflows import Refused, WorkRequest

LONGEST_LOG = 4 * 1024 * 1024
"""Bytes of events that `beadwork.log` answers with, about; it says when there is more."""


class Answers:
    """What a session answers. All of it may raise BeadworkError."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._application = session.application

    async def list_beads(self, ask: arguments.ListBeads) -> Reply:
        """Answer `beadwork.list`."""
        folders = self.session.folders
        wanted = [folders.named(ask.folder)] if ask.folder else folders.paths
        views = await asyncio.gather(*(self.session.listing(folder, ask.search) for folder in wanted))
        return Reply({"projects": tuple({view.folder: view for view in views}.values())})

    async def show_bead(self, ask: arguments.ShowBead) -> Reply:
        """Answer `beadwork.show`."""
        return Reply({"page": await self._application.page(await self.session.project(ask.folder), ask.id)})

    async def work_on_bead(self, ask: arguments.WorkOnBead) -> Reply:
        """Answer `beadwork.work`."""
        project = await self.session.project(ask.folder)
        request = WorkRequest(ask.id, ask.force, ask.with_changes, ask.agent, ask.runner, ask.script)
        answer = await self._application.work(project, request)
        if isinstance(answer, Refused):
            return Reply({"refused": answer}, lambda: self.session.refused(project, request, answer))
        return Reply({"run": answer}, lambda: self.session.started(answer))

    async def cancel_run(self, ask: arguments.CancelRun) -> Reply:
        """Answer `beadwork.cancel`."""
        run = await self.session.run(ask.run)
        answer = await self._application.cancel(run.id)
        if isinstance(answer, Refused):
            return Reply({"refused": answer}, lambda: self.session.not_cancelled(answer))
        return Reply({"run": answer})

    async def list_runs(self, ask: arguments.ListRuns) -> Reply:
        """Answer `beadwork.runs`."""
        return Reply({"runs": await self.session.runs(ask.folder, ask.bead, ask.limit)})

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
        return Reply({"run": run, "next": ask.after + 1}, lambda: output.subscribe(run.id, ask.after))
