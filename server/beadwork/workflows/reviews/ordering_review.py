"""Orders reviews, and work that mends what they found: checks what can be checked at once.

What it leaves out: starting them (`queueing/starting.py`), and the review itself (`review.py`).
"""

from collections.abc import Sequence
from pathlib import Path

import attrs

from beadwork.checkouts import Subject
from beadwork.executions import BRANCH, CHANGES, Execution, Order, Verb
from beadwork.findings import KeptFinding
from beadwork.settings import Settings
from beadwork.workflows.house import House
from beadwork.workflows.queueing.ordering import WorkRequest, bead_of, order_for, order_work, place
from beadwork.workflows.views import RefusalCode, Refused
from beadwork.workflows.workspace import Workspaces

_TITLES = {Subject.BRANCH: "The branch that is checked out", Subject.CHANGES: "What is not committed"}
_STAND_INS = {Subject.BRANCH: BRANCH, Subject.CHANGES: CHANGES}


@attrs.frozen
class ReviewRequest:
    """What is asked for with *review*."""

    subject: Subject = Subject.BEAD
    bead: str = ""
    """With BEAD: its id."""
    create_beads: bool = False
    agent: str = ""
    runner: str = ""
    script: str = ""


async def order_review(
    house: House, workspaces: Workspaces, project: Path, request: ReviewRequest
) -> Execution | Refused:
    """Queue a review. Raises BeadworkError; NothingToReview when there is nothing."""
    settings = house.settings_for(project).settings
    order = await _order(house, workspaces, project, request, settings)
    return await _placed(house, workspaces, order, settings)


async def order_review_again(
    house: House, workspaces: Workspaces, before: Execution, message: str
) -> Execution | Refused:
    """Queue the next attempt of a review, whose reader goes on with its session and is told `message`.

    Raises BeadworkError as `order_review` does.
    """
    order = before.order
    if order.about_bead:
        bead = bead_of(await workspaces.of(order.workspace).snapshot(), order.bead)
        order = attrs.evolve(order, title=bead.title, status=bead.status, priority=bead.priority)
    again = attrs.evolve(order, resume=before.session, message=message)
    settings = house.settings_for(order.workspace).settings
    return await _placed(house, workspaces, again, settings, retry_of=before.id)


async def _placed(
    house: House, workspaces: Workspaces, order: Order, settings: Settings, *, retry_of: str = ""
) -> Execution | Refused:
    tracker = (await workspaces.of(order.workspace).snapshot()).tracker
    if tracker.read_only and order.create_beads:
        words = f"{tracker.read_only} So no beads can be made of findings: review without that."
        return Refused(RefusalCode.READ_ONLY, words)
    subject = subject_of(order.bead)
    await house.checkouts.require_review(order.workspace, order.bead, subject, base=settings.base)
    house.check(order)
    return place(house, order, retry_of=retry_of)


def subject_of(bead: str) -> Subject:
    """Give what an order's bead, or what stands for one, says is to be reviewed."""
    match bead:
        case str() if bead == BRANCH:
            return Subject.BRANCH
        case str() if bead == CHANGES:
            return Subject.CHANGES
        case _:
            return Subject.BEAD


async def order_fix(
    house: House, workspaces: Workspaces, project: Path, found: Sequence[KeptFinding], request: WorkRequest
) -> Execution | Refused:
    """Queue work that mends findings, all of one bead, on that bead's branch. Raises BeadworkError."""
    subjects = sorted({each.subject for each in found})
    if len(subjects) != 1 or subjects[0].startswith("@"):
        words = "Only findings of one bead's branch can be mended at once: make beads of the others."
        return Refused(RefusalCode.NOT_ONE_BEAD, words)
    asked = attrs.evolve(request, bead=subjects[0])
    return await order_work(house, workspaces, project, asked, findings=tuple(each.id for each in found))


async def _order(
    house: House, workspaces: Workspaces, project: Path, request: ReviewRequest, settings: Settings
) -> Order:
    asked = WorkRequest(request.bead, agent=request.agent, runner=request.runner, script=request.script)
    if request.subject is Subject.BEAD:
        snapshot = await workspaces.of(project).snapshot()
        bead = bead_of(snapshot, request.bead)
        order = order_for(house, settings, project, asked)
        order = attrs.evolve(
            order,
            bead=bead.id,
            title=bead.title,
            status=bead.status,
            assignee=bead.assignee,
            priority=bead.priority,
        )
    else:
        order = order_for(house, settings, project, asked)
        order = attrs.evolve(order, bead=_STAND_INS[request.subject], title=_TITLES[request.subject])
    return attrs.evolve(order, verb=Verb.REVIEW, create_beads=request.create_beads)
