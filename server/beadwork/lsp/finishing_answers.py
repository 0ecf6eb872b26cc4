"""The answers to commands about work that is done: gates, publish, land, resolve, close, and what changed.

What can be done about a refusal is the same whether the command is refused or its run ends so. What it leaves
out: asking the person (`refusals.py`, `endings.py`).
"""

from pathlib import Path
from typing import Protocol

import attrs

from beadwork.lsp import finishing_arguments as arguments
from beadwork.lsp.editor import Level
from beadwork.lsp.errors import InvalidArguments
from beadwork.lsp.session import Session
from beadwork.lsp.ways import ANYWAY, Way, Ways, anyway, no_ways
from beadwork.lsp.wire import Reply
from beadwork.workflows import (
    Application,
    ChangesView,
    CloseRequest,
    GatesRequest,
    LandRequest,
    PublishRequest,
    RefusalCode,
    Refused,
    RunView,
    Since,
    WorkRequest,
)

BRING_TREE = "Bring my working tree along"
RESOLVE = "Resolve with agent"
_SHOWN = 20


class Begin(Protocol):
    """Gives the answer to what began a run, or was refused."""

    def __call__(self, answer: RunView | Refused, ways: Ways = no_ways, /) -> Reply:
        """Answer; `ways` are what a person can do about a refusal, now or at the end of the run."""
        ...


class FinishingAnswers:
    """What a session answers about work that is done. All of it may raise BeadworkError."""

    def __init__(self, session: Session, begun: Begin) -> None:
        self._session = session
        self._application = session.application
        self._begun = begun

    async def gates(self, ask: arguments.RunGates) -> Reply:
        """Answer `beadwork.gates`."""
        if not ask.id and not ask.here:
            raise InvalidArguments("`beadwork.gates` needs `id`, or `here` for the working tree as it is.")
        project = await self._session.project(ask.folder)
        request = GatesRequest(ask.id, ask.here, ask.anew, ask.runner)
        return self._begun(await self._application.gates(project, request))

    async def publish(self, ask: arguments.PublishBranch) -> Reply:
        """Answer `beadwork.publish`."""
        project = await self._session.project(ask.folder)
        request = PublishRequest(ask.id, ask.draft, ask.force)
        forced = attrs.evolve(request, force=True)
        ways = anyway("Publish anyway", lambda: self._application.publish(project, forced))
        return self._begun(await self._application.publish(project, request), ways)

    async def land(self, ask: arguments.LandBranch) -> Reply:
        """Answer `beadwork.land`."""
        project = await self._session.project(ask.folder)
        request = LandRequest(ask.id, ask.how, ask.update_tree, ask.push, ask.force)
        ways = ways_to_land(self._application, project, request)
        return self._begun(await self._application.land(project, request), ways)

    async def resolve(self, ask: arguments.ResolveConflicts) -> Reply:
        """Answer `beadwork.resolve`."""
        project = await self._session.project(ask.folder)
        request = WorkRequest(
            ask.id,
            ask.force,
            agent=ask.agent,
            runner=ask.runner,
            script=ask.script,
            wall_clock=ask.wall_clock,
        )
        ways = ways_to_resolve(self._application, project, request)
        return self._begun(await self._application.resolve(project, request), ways)

    async def close(self, ask: arguments.CloseBead) -> Reply:
        """Answer `beadwork.close`."""
        project = await self._session.project(ask.folder)
        request = CloseRequest(ask.id, ask.reason, ask.skip_gates, ask.force)
        forced = attrs.evolve(request, force=True)
        ways = anyway("Close anyway", lambda: self._application.close_bead(project, forced))
        return self._begun(await self._application.close_bead(project, request), ways)

    async def reopen(self, ask: arguments.ReopenBead) -> Reply:
        """Answer `beadwork.reopen`."""
        project = await self._session.project(ask.folder)
        refused = await self._application.finishing.reopen(project, ask.id)
        if refused is not None:
            return Reply({"refused": refused}, lambda: self._session.not_done(refused))
        return Reply({"page": await self._application.page(project, ask.id)})

    async def changes(self, ask: arguments.ListChanges) -> Reply:
        """Answer `beadwork.changes`."""
        project = await self._session.project(ask.folder)
        changes = await self._application.finishing.changes(project, ask.id, Since(ask.since))
        return Reply({"changes": changes}, lambda: self._session.tell(Level.INFO, text_of(changes)))

    async def patch(self, ask: arguments.GivePatch) -> Reply:
        """Answer `beadwork.patch`."""
        project = await self._session.project(ask.folder)
        return Reply({"patch": await self._application.finishing.patch(project, ask.id, Since(ask.since))})

    async def content(self, ask: arguments.GiveContent) -> Reply:
        """Answer `beadwork.content`."""
        project = await self._session.project(ask.folder)
        return Reply({"text": await self._application.finishing.content(project, ask.commit, ask.path)})


def ways_to_land(application: Application, project: Path, request: LandRequest) -> Ways:
    """Give what can be done where `request` is refused: bringing a working tree along is asked by itself."""

    def ways(refused: Refused) -> tuple[Way, ...]:
        codes = {refused.code, *(obstacle.code for obstacle in refused.obstacles)}
        if RefusalCode.CONFLICT in codes:
            work = WorkRequest(request.bead)
            to_resolve = ways_to_resolve(application, project, work)
            return (Way(RESOLVE, lambda: application.resolve(project, work), to_resolve),)
        if not refused.can_force:
            return ()
        bring = codes == {RefusalCode.TREE_IN_USE}
        again = attrs.evolve(request, update_tree=True) if bring else attrs.evolve(request, force=True)
        onward = ways_to_land(application, project, again)
        return (
            Way(BRING_TREE if bring else "Land anyway", lambda: application.land(project, again), onward),
        )

    return ways


def ways_to_resolve(application: Application, project: Path, request: WorkRequest) -> Ways:
    """Give what can be done where work that brings the base into a branch is refused."""
    forced = attrs.evolve(request, force=True)
    return anyway(ANYWAY, lambda: application.resolve(project, forced))


def text_of(changes: ChangesView) -> str:
    """Give what changed as a text for a message."""
    if not changes.files:
        return f"{changes.branch} changes nothing since {changes.base_ref}."
    count = len(changes.files)
    named = [f"{each.path} ({each.kind})" for each in changes.files[:_SHOWN]]
    more = [f"and {count - _SHOWN} more"] if count > _SHOWN else []
    head = f"{changes.branch} changes {count} {'file' if count == 1 else 'files'} since {changes.base_ref}:"
    return "\n".join([head, *named, *more])
