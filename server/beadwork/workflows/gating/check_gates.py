"""The verb *gates*: run the gates of a bead's branch, or of the user's working tree, and say what came of it.

What it leaves out: running them (`passing.py`).
"""

from beadwork.checkouts import branch_in
from beadwork.executions import Assignment, Conclusion, Reason, State
from beadwork.gates import GateReport, Standing
from beadwork.workflows.gating.ordering_gates import no_branch
from beadwork.workflows.gating.passing import pass_gates
from beadwork.workflows.gating.telling import obstacle_of, sentence_of
from beadwork.workflows.kit import Kit, see_through, turned_down
from beadwork.workflows.views import RefusalCode, Refused


async def check_gates(assignment: Assignment, kit: Kit) -> Conclusion:
    """Run the gates that `assignment` names. Raises StoreError, LogError."""
    return await see_through(assignment, _steps(assignment, kit))


async def _steps(assignment: Assignment, kit: Kit) -> Conclusion:
    if assignment.run.order.here:
        return _concluded(assignment, await _in_tree_of_user(assignment, kit))
    order = assignment.run.order
    branch = await branch_in(order.workspace, order.bead, base=kit.settings.base)
    if branch is None:
        return turned_down(assignment, Reason.REFUSED, no_branch(order.bead))
    assignment.note(branch=branch.name, base=branch.base, head=branch.head)
    report = await pass_gates(
        assignment, kit.desk, order.bead, branch.head, environment=kit.environment, anew=order.anew
    )
    return _concluded(assignment, report)


async def _in_tree_of_user(assignment: Assignment, kit: Kit) -> GateReport:
    order = assignment.run.order
    tree = await kit.house.checkouts.tree_of_user(order.workspace)
    assignment.note(branch=tree.branch)
    return await pass_gates(assignment, kit.desk, order.bead, "", environment=kit.environment, checkout=tree)


def _concluded(assignment: Assignment, report: GateReport) -> Conclusion:
    words = sentence_of(report)
    match report.standing:
        case Standing.PASSED:
            return Conclusion(State.COMPLETED, Reason.GATES_PASSED, words)
        case Standing.NONE:
            return Conclusion(State.COMPLETED, Reason.NO_GATES, " ".join([words, *report.notes]))
        case Standing.FAILED:
            obstacle = obstacle_of(report)
            refused = Refused(RefusalCode.GATES_FAILED, words, obstacles=(obstacle,))
            return turned_down(assignment, Reason.GATES_FAILED, refused)
