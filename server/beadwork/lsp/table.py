"""Every command of the server: its name, its argument, and what answers it.

A handler decodes, asks the Application, and encodes; whatever takes longer is a run, and belongs to a worker.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import attrs

from beadwork.lsp import arguments
from beadwork.lsp.output import batches
from beadwork.lsp.session import Session
from beadwork.workflows import Refused, WorkRequest, as_json

Answer = Mapping[str, object]

LONGEST_LOG = 4 * 1024 * 1024
"""Bytes of events that `beadwork.log` answers with, about; it says when there is more."""


async def list_beads(session: Session, ask: arguments.ListBeads) -> Answer:
    """Answer `beadwork.list`."""
    folders = [session.folders.named(ask.folder)] if ask.folder else session.folders.paths
    views = await asyncio.gather(*(session.listing(folder, ask.search) for folder in folders))
    return {"projects": as_json(tuple({view.folder: view for view in views}.values()))}


async def show_bead(session: Session, ask: arguments.ShowBead) -> Answer:
    """Answer `beadwork.show`."""
    project = await session.project(ask.folder)
    return {"page": as_json(await session.application.page(project, ask.id))}


async def work_on_bead(session: Session, ask: arguments.WorkOnBead) -> Answer:
    """Answer `beadwork.work`."""
    project = await session.project(ask.folder)
    request = WorkRequest(ask.id, ask.force, ask.with_changes, ask.agent, ask.runner, ask.script)
    answer = await session.application.work(project, request)
    if isinstance(answer, Refused):
        session.refused(project, request, answer)
        return {"refused": as_json(answer)}
    session.started(answer)
    return {"run": as_json(answer)}


async def cancel_run(session: Session, ask: arguments.CancelRun) -> Answer:
    """Answer `beadwork.cancel`."""
    answer = await session.application.cancel(ask.run)
    return {"refused" if isinstance(answer, Refused) else "run": as_json(answer)}


async def list_runs(session: Session, ask: arguments.ListRuns) -> Answer:
    """Answer `beadwork.runs`."""
    return {"runs": as_json(await session.runs(ask.folder, ask.bead, ask.limit))}


async def read_log(session: Session, ask: arguments.ReadLog) -> Answer:
    """Answer `beadwork.log`."""
    page = await session.application.log(ask.run, ask.after, ask.limit)
    events = next(batches(page.events, LONGEST_LOG), [])
    more = page.more or len(events) < len(page.events)
    return {"run": as_json(page.run), "events": events, "more": more}


async def follow_output(session: Session, ask: arguments.FollowOutput) -> Answer:
    """Answer `beadwork.output`."""
    run = await session.application.run(ask.run)
    output = session.output
    following = output.subscribe(run.id, ask.after) if ask.follow else output.unsubscribe(run.id, ask.after)
    return {"run": as_json(run), "next": following}


@attrs.frozen
class Command:
    """A command of the server."""

    name: str
    argument: type
    handler: Callable[[Session, Any], Awaitable[Answer]]

    @property
    def title(self) -> str:
        """What it does, as a menu says it: the first line of its argument's docstring."""
        return (self.argument.__doc__ or "").split("\n")[0].rstrip(".")


COMMANDS: Mapping[str, Command] = {
    command.name: command
    for command in (
        Command("beadwork.list", arguments.ListBeads, list_beads),
        Command("beadwork.show", arguments.ShowBead, show_bead),
        Command("beadwork.work", arguments.WorkOnBead, work_on_bead),
        Command("beadwork.cancel", arguments.CancelRun, cancel_run),
        Command("beadwork.runs", arguments.ListRuns, list_runs),
        Command("beadwork.log", arguments.ReadLog, read_log),
        Command("beadwork.output", arguments.FollowOutput, follow_output),
    )
}
