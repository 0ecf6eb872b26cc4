"""Runs that need no agent, and the end of work, held at each of their moments on the ground of faults.

What it leaves out: the harm, which the tests do.
"""

from typing import Any

import attrs

from beadwork.cli.demo.editor import Editor
from beadwork.executions import Phase, Reason, State, Verb
from beadwork.workflows import CloseRequest, GatesRequest, LandRequest, PublishRequest, Refused, RunView
from faults.ground import CLAIMED, DONE, OPEN, WORK, Ground
from remote_places import Remote, branch, remote

CLOSED = ("closed", "", ())
GATE, TRACKER = "gate", "tracker"

REMOTE = (".git/refs/remotes", ".git/logs/refs/remotes")
MAIN = (".git/refs/heads/main", ".git/logs/refs/heads/main")

END = {
    Verb.WORK: (State.COMPLETED, Reason.VERIFIED),
    Verb.GATES: (State.COMPLETED, Reason.GATES_PASSED),
    Verb.PUBLISH: (State.COMPLETED, Reason.PUBLISHED),
    Verb.LAND: (State.COMPLETED, Reason.LANDED),
    Verb.CLOSE: (State.COMPLETED, Reason.CLOSED),
}
"""How a run ends that nobody does harm to."""


@attrs.frozen
class Moment:
    """A moment of a run of demo-1: what it does, and what it is held by there."""

    verb: Verb
    phase: Phase
    by: str
    """A gate, the lock of the tracker, or a word that git is called with then and not before."""

    @property
    def bead(self) -> tuple[str, str, tuple[str, ...]]:
        """What has become of the bead where the run came to nothing."""
        return CLAIMED if self.verb is Verb.WORK else OPEN

    @property
    def bead_after(self) -> tuple[str, str, tuple[str, ...]]:
        """What becomes of it otherwise."""
        return {Verb.WORK: DONE, Verb.CLOSE: CLOSED}.get(self.verb, OPEN)

    @property
    def told(self) -> int:
        """How many comments of the run the bead has where the run came to nothing."""
        return 1 if self.verb is Verb.WORK else 0

    @property
    def told_after(self) -> int:
        """How many it has otherwise: what was published is said without the run."""
        return 1 if self.verb in {Verb.WORK, Verb.CLOSE} else 0


MOMENTS = {
    "gates: preparing": Moment(Verb.GATES, Phase.GATES, "read-tree"),
    "gates: gates": Moment(Verb.GATES, Phase.GATES, GATE),
    "publish: publishing": Moment(Verb.PUBLISH, Phase.PUBLISHING, "push"),
    "land: preparing": Moment(Verb.LAND, Phase.PREPARING, "--no-ff"),
    "land: gates": Moment(Verb.LAND, Phase.GATES, GATE),
    "land: recording": Moment(Verb.LAND, Phase.GATES, "beadwork: land bead/demo-1"),
    "land: publishing": Moment(Verb.LAND, Phase.PUBLISHING, "push"),
    "close: preparing": Moment(Verb.CLOSE, Phase.PREPARING, "ls-remote"),
    "close: gates": Moment(Verb.CLOSE, Phase.GATES, GATE),
    "close: recording": Moment(Verb.CLOSE, Phase.RECORDING, TRACKER),
    "work: publishing": Moment(Verb.WORK, Phase.PUBLISHING, "push"),
}


def furnish(ground: Ground, verb: Verb, **settings: object) -> Remote:
    """Give the user a remote, a branch of demo-1 and gates; give the remote.

    Who lands has a base that went on, on another branch themselves.
    """
    sample = ground.made.repository
    origin = remote(sample, ground.made.folder / "origin.git")
    if verb is not Verb.WORK:
        branch(sample)
    if verb is Verb.LAND:
        sample.git("switch", "-qc", "elsewhere")
        sample.git("update-ref", "refs/heads/main", branch(sample, bead="aside", later="later\n"))
        sample.git("update-ref", "-d", "refs/heads/bead/aside")
    if verb in {Verb.PUBLISH, Verb.LAND, Verb.WORK}:
        ground.may_change = REMOTE
    ground.settings(**{"gates.commands": ["test -f readme"], **settings})
    ground.look_again()
    return origin


async def ask(ground: Ground, verb: Verb) -> str:
    """Ask for it, as a server would; give the run."""
    application, project = ground.application, ground.made.project
    asked: RunView | Refused
    match verb:
        case Verb.GATES:
            asked = await application.gates(project, GatesRequest("demo-1"))
        case Verb.PUBLISH:
            asked = await application.publish(project, PublishRequest("demo-1"))
        case Verb.LAND:
            asked = await application.land(project, LandRequest("demo-1", push=True))
        case Verb.CLOSE:
            asked = await application.close_bead(project, CloseRequest("demo-1", reason="Done.", force=True))
        case _:
            return await ground.work(*WORK)
    assert not isinstance(asked, Refused), asked
    return asked.id


async def held(
    ground: Ground, moment: Moment, *, editor: Editor | None = None, then: str = "true", **settings: Any
) -> str:
    """Begin a run, and hold it at `moment`; give the run. With `editor` it is that one which asks for it.

    `then` is what a gate does that is let go.
    """
    if moment.by == GATE:
        settings["gates.commands"] = [f"{ground.stalling_gate()}; {then}"]
    publishes = (moment.verb, moment.phase) == (Verb.WORK, Phase.PUBLISHING)
    furnish(ground, moment.verb, **{"work.publish": publishes, **settings})
    hold(ground, moment)
    if editor is None:
        run = await ask(ground, moment.verb)
    else:
        more = {"force": True} if moment.verb is Verb.CLOSE else {}
        run = str((await editor.command(moment.verb.value, id="demo-1", **more))["run"]["id"])
    await stands(ground, run, moment)
    return run


def hold(ground: Ground, moment: Moment) -> None:
    """See to it that a run stops at `moment`."""
    if moment.by == TRACKER:
        ground.hold_tracker()
    elif moment.by != GATE:
        ground.hold_git(moment.by)


async def stands(ground: Ground, run: str, moment: Moment) -> None:
    """Wait until a run is held at `moment`."""
    if moment.by == TRACKER:
        await ground.until(run, lambda now: now.phase is Phase.RECORDING)
    else:
        await ground.there(f"{moment.by}.there", run)
    assert ground.get(run).phase is moment.phase, ground.report(run)
