"""Whose a bead is when a run begins: found still open, and claimed. What it leaves out: giving it back."""

from collections.abc import Sequence

from beadwork.beads import Bead, BeadNotFound, BeadTaken, Change, TrackerError
from beadwork.executions import Execution
from beadwork.workflows.working.bench import Bench, Claim, Course


async def take_bead(run: Execution, bench: Bench, course: Course, beads: Sequence[Bead]) -> Bead:
    """Claim the bead of `run`, which is among `beads`, and give it. Raises TrackerError.

    A run that goes on after a rest, or tries again, has its claim already as a rule.
    """
    bead = _still_open(run, beads, course)
    if is_own(bead, bench.actor):
        course.claim = Claim.TAKEN if _from_before(run, bench.actor) else Claim.KEPT
        return bead
    course.claim = Claim.UNSURE
    try:
        if run.order.force and bead.status != "open":
            await bench.tracker.update(bead.id, Change(status="in_progress", assignee=bench.actor))
        else:
            await bench.tracker.claim(bead.id, bench.actor)
    except (BeadTaken, BeadNotFound):
        course.claim = Claim.NONE
        course.overtaken = True
        raise
    course.claim = Claim.TAKEN
    return bead


def is_own(bead: Bead, actor: str) -> bool:
    """Whether `actor` is the one who works on the bead."""
    return bead.status == "in_progress" and bead.assignee == actor


def _from_before(run: Execution, actor: str) -> bool:
    """Whether the claim is an earlier stretch's or attempt's, which did not find the bead as `actor`'s."""
    if not run.resumed and not run.retry_of:
        return False
    return (run.order.status, run.order.assignee) != ("in_progress", actor)


def _still_open(run: Execution, beads: Sequence[Bead], course: Course) -> Bead:
    name = run.order.bead
    so_far = "what was done before is kept" if run.resumed else "nothing was done"
    bead = next((bead for bead in beads if bead.id == name), None)
    course.overtaken = bead is None or bead.closed
    if bead is None:
        raise BeadNotFound(f"There is no bead {name} any more; {so_far}.")
    if bead.closed:
        raise TrackerError(f"{name} was closed before work on it could begin or go on; {so_far}.")
    return bead
