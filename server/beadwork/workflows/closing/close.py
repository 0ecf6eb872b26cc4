"""Close a bead, as its steps: see that nothing stands in the way, close it, say on it what was seen, tidy up.

It runs in a worker. Until the tracker is told to close it, it can be stopped at any moment and nothing has
changed; what follows then takes seconds and is not stopped, and none of it undoes the closing.
What it leaves out: what stands in the way (`obstacles.py`), and the words on the bead (`evidence.py`).
"""

from collections.abc import Awaitable, Callable, Sequence

import attrs

from beadwork.beads import WORK_DONE, BeadBlocked, Change, Index, TrackerMissing
from beadwork.errors import BeadworkError
from beadwork.executions import Assignment, Conclusion, EventKind, Phase, Reason, State
from beadwork.gates import GateReport, Standing, report_data
from beadwork.workflows.closing.evidence import comment_of, evidence_of, reason_of
from beadwork.workflows.closing.facts import facts_of
from beadwork.workflows.closing.landed_gates import report_of_landing
from beadwork.workflows.closing.obstacles import Facts, obstacles_of, refusal_of
from beadwork.workflows.closing.tidying import tidy_up
from beadwork.workflows.gating.passing import pass_gates
from beadwork.workflows.gating.telling import obstacle_of
from beadwork.workflows.kit import Kit, see_through, turned_down
from beadwork.workflows.views import Obstacle, RefusalCode, Refused
from beadwork.workflows.working.journal import log_error
from beadwork.workflows.working.verdict import conclusion_of, sentence_of


@attrs.frozen
class Ready:
    """A bead that may be closed now."""

    facts: Facts
    report: GateReport | None
    """What became of its gates; None where they were not asked."""
    overruled: tuple[Obstacle, ...]
    """What stands in the way all the same, and a person goes over."""


@attrs.frozen
class Tried:
    """What became of the gates of one commit."""

    head: str
    """Empty for no commit."""
    report: GateReport | None = None
    trouble: Obstacle | None = None
    """Why they could not be run."""

    @property
    def obstacle(self) -> Obstacle | None:
        """What of it stands in the way."""
        if self.report is None or self.report.standing is not Standing.FAILED:
            return self.trouble
        return obstacle_of(self.report)


async def close(assignment: Assignment, kit: Kit) -> Conclusion:
    """Close the bead that `assignment` names, or say what stands in the way. Raises StoreError, LogError."""
    ready = await see_through(assignment, _get_ready(assignment, kit))
    if isinstance(ready, Conclusion):
        return ready
    return await _close(assignment, kit, ready)


async def _get_ready(assignment: Assignment, kit: Kit) -> Ready | Conclusion:
    """Look at the bead, run its gates, and look again: much may change while gates run."""
    order = assignment.run.order
    tried = Tried("")
    before: Facts | None = None
    while True:
        facts = await _look(assignment, kit, before)
        if isinstance(facts, Refused):
            return turned_down(assignment, Reason.REFUSED, facts)
        before = facts
        head = facts.branch.head if facts.branch else ""
        if not head:
            tried = Tried("")  # what ran on a branch that is deleted since says nothing any more
        if order.skip_gates or tried.head == head:
            break
        if (in_the_way := obstacles_of(facts)) and not order.force:
            return _refused(assignment, in_the_way)  # said before gates that may take long
        tried = await _try(assignment, kit, facts, head)
    obstacles = tuple(obstacles_of(attrs.evolve(facts, gates=tried.obstacle)))
    if obstacles and not order.force:
        return _refused(assignment, obstacles)
    return Ready(facts, tried.report, obstacles)


async def _look(assignment: Assignment, kit: Kit, before: Facts | None) -> Facts | Refused:
    """Give how it stands with the bead now; a refusal where nobody can close it any more.

    Raises BeadworkError.
    """
    order = assignment.run.order
    index = Index(await kit.tracker.list())
    bead = index.get(order.bead)
    if not index.beads:  # taken away, as by a switch of branches: that says nothing of the bead
        words = f"There are no beads in {order.workspace} just now, so {order.bead} was not closed."
        raise TrackerMissing(words)
    if bead is None:
        return Refused(RefusalCode.CLOSED, f"There is no bead {order.bead} any more; nothing was done.")
    if bead.closed:
        return Refused(RefusalCode.CLOSED, f"{order.bead} was closed by somebody else; nothing was done.")
    facts = await facts_of(kit.house, order.workspace, bead, index, kit.settings, ask=True, before=before)
    if facts.branch is not None:
        assignment.note(branch=facts.branch.name, base=facts.branch.fork, head=facts.branch.head)
    return facts


async def _try(assignment: Assignment, kit: Kit, facts: Facts, head: str) -> Tried:
    """Run the gates of `head`; with force, also what keeps them from running at all is gone over."""
    order = assignment.run.order
    try:
        if landed := await report_of_landing(kit.house, kit.desk, facts):
            assignment.give(gates=report_data(landed))
            return Tried(head, landed)
        report = await pass_gates(
            assignment, kit.desk, order.bead, head, environment=kit.environment, runner=order.runner
        )
    except (BeadworkError, OSError) as error:
        if not order.force:
            raise
        log_error(assignment.log, error)
        words = f"Its gates could not be run: {sentence_of(error)}"
        return Tried(head, trouble=Obstacle(RefusalCode.GATES_FAILED, words))
    return Tried(head, report)


def _refused(assignment: Assignment, obstacles: Sequence[Obstacle]) -> Conclusion:
    only_gates = {obstacle.code for obstacle in obstacles} == {RefusalCode.GATES_FAILED}
    reason = Reason.GATES_FAILED if only_gates else Reason.REFUSED
    return turned_down(assignment, reason, refusal_of(assignment.run.order.bead, obstacles))


async def _close(assignment: Assignment, kit: Kit, ready: Ready) -> Conclusion:
    """Close it, and do what follows; what of that goes wrong is said, and the bead is closed all the same."""
    order = assignment.run.order
    assignment.enter(Phase.RECORDING)
    overruled = [obstacle.message for obstacle in ready.overruled]
    seen = evidence_of(kit.house, order, ready.facts, ready.report, overruled)
    why = order.why or reason_of(seen)
    try:
        await kit.tracker.close(order.bead, why, force=order.force)
    except BeadBlocked as error:
        words = f"{order.bead} was not closed. {error.message}"
        blocked = Refused(RefusalCode.BLOCKED, words, can_force=True)
        return attrs.evolve(turned_down(assignment, Reason.REFUSED, blocked), fields={"told": True})
    except (BeadworkError, OSError) as error:
        log_error(assignment.log, error)
        if not await _is_closed(kit, order.bead):
            return attrs.evolve(conclusion_of(error), fields={"told": True})
    comment = assignment.log.masked(comment_of(assignment.run.id, kit.actor, why, seen))
    following = _following(kit, ready, order.bead, comment)
    said = [await _tried(assignment, failed, step) for failed, step in following]
    notes = [sentence for sentence in said if sentence]
    for note in notes:
        assignment.log.write(EventKind.NOTE, text=note)
    assignment.give(close={"why": why, "overruled": list(seen.overruled), "notes": notes})
    summary = [f"Closed {order.bead}: {why.rstrip('.')}.", *seen.sentences, *notes]
    return Conclusion(State.COMPLETED, Reason.CLOSED, " ".join(summary), {"told": True})


async def _is_closed(kit: Kit, bead: str) -> bool:
    """Whether a bead is closed although the tracker did not say so: it may have been ended too late."""
    try:
        found = Index(await kit.tracker.list()).get(bead)
    except (BeadworkError, OSError):
        return False  # what went wrong before is what is told
    return found is not None and found.closed


Step = Callable[[], Awaitable[str]]


def _following(kit: Kit, ready: Ready, bead: str, comment: str) -> Sequence[tuple[str, Step]]:
    """Give what follows the closing, each with what it is for who reads that it failed."""
    tracker = kit.tracker

    async def tell() -> str:
        await tracker.comment(bead, comment, kit.actor)
        return ""

    async def take_label() -> str:
        if WORK_DONE in ready.facts.bead.labels:
            await tracker.update(bead, Change(remove_labels=(WORK_DONE,)))
        return ""

    async def tidy() -> str:
        return await tidy_up(kit.house, kit.desk.workspace, bead, kit.settings)

    async def sync() -> str:
        return await tracker.sync() if kit.settings.close_sync else ""

    return (
        ("The bead was not told", tell),
        (f"The label {WORK_DONE} is still on it", take_label),
        ("Its checkouts were kept", tidy),
        ("The beads were not synced", sync),
    )


async def _tried(assignment: Assignment, failed: str, step: Step) -> str:
    """Do a step, and give its sentence, or the one that says that it failed and why."""
    try:
        return await step()
    except (BeadworkError, OSError) as error:
        log_error(assignment.log, error)
        return f"{failed}: {sentence_of(error)}"
