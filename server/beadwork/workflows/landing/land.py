"""Land a bead's branch, as its steps: merge it in a place of ours, pass the gates, move the base, push.

It runs in a worker; of landings a project has one at a time. A base that moves meanwhile is landed on anew,
gates included. What it leaves out: what stands in the way in words (`obstacles.py`).
"""

import attrs

from beadwork.checkouts import (
    BaseMoved,
    CheckoutError,
    Conflicts,
    How,
    InTheWay,
    Merged,
    NothingToReview,
    RemoteError,
    Target,
    branch_of,
    discard_merge,
    in_the_way,
    land_merged,
    merge,
    remote_of,
    settle_landing,
    target_of,
)
from beadwork.errors import BeadworkError
from beadwork.executions import Assignment, Conclusion, EventKind, Reason, State
from beadwork.gates import Standing
from beadwork.workflows.gating.passing import pass_gates
from beadwork.workflows.gating.telling import obstacle_of, sentence_of
from beadwork.workflows.kit import Kit, see_through, turned_down
from beadwork.workflows.landing.by_pull_request import Opened, merge_it, opened_for
from beadwork.workflows.landing.landed import note_landed
from beadwork.workflows.landing.obstacles import (
    conflict,
    lying_in_the_way,
    obstacles_of,
    refused,
    require_possible,
)
from beadwork.workflows.landing.pushing import know_the_remote, push_base
from beadwork.workflows.landing.undivided import to_its_end
from beadwork.workflows.views import Obstacle, RefusalCode
from beadwork.workflows.working.journal import log_error

_ROUNDS = 5
"""How often it begins anew because the base moved."""


async def land(assignment: Assignment, kit: Kit) -> Conclusion:
    """Land the branch that `assignment` names. Raises StoreError, LogError."""
    try:
        ended = await see_through(assignment, _land(assignment, kit))
    finally:
        await _tidy(assignment, kit)
    landed = assignment.run.results.get("land")
    if landed and ended.state is not State.COMPLETED and ended.reason is not Reason.REMOTE:
        words = f"{ended.summary} It had landed by then: {_told(assignment)}"
        return attrs.evolve(ended, summary=words)
    return ended


async def _land(assignment: Assignment, kit: Kit) -> Conclusion:
    await settle_landing(kit.house.state, assignment.run.order.workspace)
    target = await _target(assignment, kit)
    opened = await opened_for(assignment, kit, target.branch)
    if assignment.run.order.push or opened:
        try:
            await know_the_remote(assignment, kit, target.base)
        except RemoteError as error:
            return Conclusion(State.FAILED, Reason.REMOTE, f"Nothing was landed. {error.message}")
    for _ in range(_ROUNDS):
        try:
            return await _one_round(assignment, kit, opened, base=target.base)
        except BaseMoved as moved:
            assignment.log.write(EventKind.NOTE, text=f"{moved.message} It is begun anew.")
    raise BaseMoved("The base moves faster than the branch can be checked on it: try again later.")


async def _one_round(assignment: Assignment, kit: Kit, opened: Opened | None, *, base: str) -> Conclusion:
    order, settings = assignment.run.order, kit.settings
    how = How.named(order.how or settings.land_how)
    if opened and how is How.FAST_FORWARD:
        how = How.MERGE  # a forge has no other that keeps the commits
    target = await _target(assignment, kit)
    if target.base != base:
        words = f"The base was {base} when this began, and is {target.base} now, so nothing was landed"
        raise CheckoutError(f"{words}: see whether that is meant, then try again.")
    require_possible(target, how)
    found = [*obstacles_of(target, update_tree=order.update_tree)]
    found += await opened.obstacles(target) if opened else []
    if found:
        return turned_down(assignment, Reason.REFUSED, refused(found))
    assignment.note(branch=target.branch, base=target.onto)
    title = " ".join(f"{order.bead}: {order.title}".split())
    merged = await merge(kit.house.state, order.workspace, target, how, title)
    if isinstance(merged, Conflicts):
        found = [conflict(target, merged.paths, order.bead)]
        return turned_down(assignment, Reason.CONFLICT, refused(found))
    assignment.log.write(EventKind.NOTE, text=_what_is_landed(merged))
    if lying := await in_the_way(kit.house.state, order.workspace, merged):
        return turned_down(assignment, Reason.REFUSED, refused([lying_in_the_way(target, lying)]))
    gates = await _gates(assignment, kit, merged)
    if isinstance(gates, Conclusion):
        return gates
    ended = await (
        merge_it(assignment, kit, merged, opened) if opened else _land_here(assignment, kit, merged)
    )
    if isinstance(ended, Conclusion):
        return ended
    summary = " ".join(filter(None, [_told(assignment), ended, gates]))
    return Conclusion(State.COMPLETED, Reason.LANDED, summary)


async def _land_here(assignment: Assignment, kit: Kit, merged: Merged) -> str | Conclusion:
    """Move the base, and push it if that was asked for; give what is to be said of that."""
    try:
        await to_its_end(_move(assignment, kit, merged))
    except InTheWay as error:
        found = Obstacle(RefusalCode.TREE_DIRTY, error.message, paths=error.paths)
        return turned_down(assignment, Reason.REFUSED, refused([found]))
    return await push_base(assignment, kit, merged) if assignment.run.order.push else ""


async def _target(assignment: Assignment, kit: Kit) -> Target:
    order, settings = assignment.run.order, kit.settings
    remote = await remote_of(order.workspace, settings.publish_remote)
    target = await target_of(order.workspace, order.bead, base=settings.base, remote=remote)
    if target is None:
        raise NothingToReview(f"There is no branch {branch_of(order.bead)} any more.")
    return target


async def _gates(assignment: Assignment, kit: Kit, merged: Merged) -> str | Conclusion:
    """Say how it stands with the gates; the end of the run where they stand in the way."""
    if merged.commit == merged.target.onto:
        return ""
    commit = merged.target.head if merged.same_files else merged.commit
    report = await pass_gates(
        assignment,
        kit.desk,
        assignment.run.order.bead,
        commit,
        environment=kit.environment,
        checkout=merged.checkout,
    )
    words = sentence_of(report)
    if report.standing is not Standing.FAILED:
        return words
    if not assignment.run.order.force:
        return turned_down(assignment, Reason.GATES_FAILED, refused([obstacle_of(report)]))
    assignment.give(overruled=[words])
    return f"Overruled: {words}"


async def _move(assignment: Assignment, kit: Kit, merged: Merged) -> None:
    order, target = assignment.run.order, merged.target
    await land_merged(
        kit.house.state,
        order.workspace,
        merged,
        update_tree=order.update_tree,
        environment=kit.environment,
    )
    note_landed(assignment, merged, merged.commit, pushed=False, pull_request="")
    assignment.log.write(EventKind.GIT, text=_told(assignment), branch=target.base, head=merged.commit)


def _what_is_landed(merged: Merged) -> str:
    target = merged.target
    if merged.commit == target.onto:
        return f"{target.onto_ref} has all that is on {target.branch} already."
    onto = f"{target.onto_ref} ({target.onto[:10]})"
    match merged.how:
        case How.FAST_FORWARD if merged.moves_branch:
            return f"{onto} was merged into {target.branch} first: {merged.commit[:10]}."
        case How.FAST_FORWARD:
            return f"{target.branch} contains {onto}."
        case How.MERGE:
            return f"{target.branch} merged into {onto}: {merged.commit[:10]}."
        case How.SQUASH:
            return f"{target.branch} as one commit on {onto}: {merged.commit[:10]}."


def _told(assignment: Assignment) -> str:
    """Say what was landed, as the run has it."""
    told = assignment.run.results.get("land")
    if not isinstance(told, dict):
        return ""
    return (
        f"{told['base']} is at {str(told['commit'])[:10]} now, with {assignment.run.branch} ({told['how']})."
    )


async def _tidy(assignment: Assignment, kit: Kit) -> None:
    """Remove our place; what cannot be removed now is by the next landing."""
    try:
        await discard_merge(kit.house.state, assignment.run.order.workspace)
    except (BeadworkError, OSError) as error:
        log_error(assignment.log, error)
