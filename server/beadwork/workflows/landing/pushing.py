"""The base at the remote: knowing where it is before a landing, and pushing it after one; never by force.

What it leaves out: the bead's own branch at the remote (`publishing/`).
"""

from beadwork.checkouts import Merged, RemoteError, Target, ask_remote, contains, fetch_base, push, remote_of
from beadwork.executions import Assignment, Conclusion, EventKind, Phase, Reason, State
from beadwork.workflows.kit import Kit, turned_down
from beadwork.workflows.landing.obstacles import refused
from beadwork.workflows.views import Obstacle, RefusalCode

_SAID = 4000
"""Characters of the end of what git said that are kept."""


async def know_the_remote(assignment: Assignment, kit: Kit, base: str) -> None:
    """Bring what is known of the base at the remote up to date; nothing where the remote has none.

    Raises RemoteError.
    """
    project, limit = assignment.run.order.workspace, kit.settings.publish_limit
    remote = await remote_of(project, kit.settings.publish_remote)
    if remote and await ask_remote(project, remote, base, environment=kit.environment, limit=limit):
        await fetch_base(project, remote, base, environment=kit.environment, limit=limit)


async def push_base(assignment: Assignment, kit: Kit, merged: Merged) -> str | Conclusion:
    """Push the base, ask the remote, and say that it has it; else the end of the run."""
    try:
        return await _pushed(assignment, kit, merged)
    except RemoteError as error:
        words = f"{_here(merged.target, merged.commit)} {error.message}"
        return Conclusion(State.FAILED, Reason.REMOTE, words)


async def _pushed(assignment: Assignment, kit: Kit, merged: Merged) -> str | Conclusion:
    project, limit = assignment.run.order.workspace, kit.settings.publish_limit
    base, commit = merged.target.base, merged.commit
    assignment.enter(Phase.PUBLISHING)
    remote = await remote_of(project, kit.settings.publish_remote)
    if not remote:
        words = f"{_here(merged.target, commit)} There is no remote to push it to."
        return turned_down(assignment, Reason.REMOTE, refused([Obstacle(RefusalCode.NO_REMOTE, words)]))
    done = await push(project, remote, base, environment=kit.environment, limit=limit)
    if done.said:
        assignment.log.write(EventKind.GIT, text=done.said)
    there = await ask_remote(project, remote, base, environment=kit.environment, limit=limit)
    if there == commit or await contains(project, there, commit):
        _note_pushed(assignment)
        return f"{remote} has it."
    known = await contains(project, commit, there)
    code = RefusalCode.REMOTE_REFUSED if known or not there else RefusalCode.REMOTE_AHEAD
    why = "refused it" if code is RefusalCode.REMOTE_REFUSED else f"has commits on {base} that are not here"
    words = f"{_here(merged.target, commit)} {remote} {why}, so it was not pushed; nothing was forced."
    found = Obstacle(code, words, output=done.said[-_SAID:])
    return turned_down(assignment, Reason.REMOTE, refused([found]))


def _here(target: Target, commit: str) -> str:
    return f"{target.base} is at {commit[:10]} here."


def _note_pushed(assignment: Assignment) -> None:
    land = assignment.run.results.get("land")
    assignment.give(land={**(land if isinstance(land, dict) else {}), "pushed": True})
