"""Gates of a branch that has landed: those of the commit that its base became then speak for it.

They ran on both sides together, which is more than the branch alone. What it leaves out: running gates.
"""

from beadwork.gates import GateReport, Standing
from beadwork.workflows.closing.obstacles import Facts, Kept
from beadwork.workflows.gating.known import known_report
from beadwork.workflows.house import House
from beadwork.workflows.landing.landed import landed_commit, landed_head
from beadwork.workflows.working.telling_agent import Desk


async def report_of_landing(house: House, desk: Desk, facts: Facts) -> GateReport | None:
    """Give what became of the gates when this head of the branch landed, if they are known to have passed.

    Raises CheckoutError, StoreError.
    """
    if facts.kept is not Kept.BASE or facts.branch is None:
        return None
    project, bead = str(desk.workspace), facts.bead.id
    commit = landed_commit(house, project, bead)
    if not commit or landed_head(house, project, bead) != facts.branch.head:
        return None
    report = await known_report(desk, bead, commit)
    return report if report is not None and report.standing is Standing.PASSED else None
