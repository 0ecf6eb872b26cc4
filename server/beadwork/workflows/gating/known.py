"""What is known of the gates of a commit from earlier runs.

What it leaves out: running them (`passing.py`).
"""

from beadwork.gates import GateReport, KnownGates
from beadwork.workflows.gating.finding import gates_for
from beadwork.workflows.working.telling_agent import Desk


async def known_report(desk: Desk, bead: str, commit: str) -> GateReport | None:
    """Give what became of the gates of a commit, if each has run on it; no program but git is started.

    Where the project has no gates, that is known too. Raises CheckoutError.
    """
    found = await gates_for(desk, await desk.checkouts.imagine_gates(desk.workspace, bead, commit))
    known = KnownGates(desk.state.gates_of(desk.workspace))
    results = [known.get(commit, gate) for gate in found.gates]
    there = tuple(each for each in results if each is not None)
    return GateReport(commit, there, found.notes) if len(there) == len(results) else None
