"""The whole prompt for a run of work: which kind it is, and of what it tells.

What it leaves out: gathering that (`telling_agent.py`), and going on with a session (`going_on.py`).
"""

from collections.abc import Sequence

from beadwork.beads import Bead, BeadNotFound
from beadwork.checkouts import Checkout
from beadwork.context import PromptKind
from beadwork.executions import Assignment, EventKind, Order
from beadwork.workflows.working.bench import Bench
from beadwork.workflows.working.merging_base import base_to_merge, told_to_merge
from beadwork.workflows.working.telling_agent import account_of, prompt_for


async def as_told(assignment: Assignment, bench: Bench, checkout: Checkout) -> Checkout:
    """Give the checkout as the agent is told of it. Raises CheckoutError, StoreError, LogError."""
    if not assignment.run.order.merge_base:
        return checkout
    return told_to_merge(checkout, await base_to_merge(assignment, bench))


async def whole_prompt(
    assignment: Assignment, bench: Bench, checkout: Checkout, beads: Sequence[Bead]
) -> str:
    """Make the prompt, and write down where its words came from and what they take. Raises BeadworkError.

    `beads` are all of the workspace.
    """
    order = assignment.run.order
    bead = next((each for each in beads if each.id == order.bead), None)
    if bead is None:
        raise BeadNotFound(f"There is no bead {order.bead} any more; what was done before is kept.")
    findings = bench.findings_of(order.findings) if order.findings else bench.open_findings(bead.id, beads)
    prompt = await prompt_for(
        _kind_of(order), bench.desk, bead, beads, checkout, findings=findings, this_run=assignment.run.id
    )
    assignment.log.write(EventKind.NOTE, text=account_of(prompt))
    for warning in prompt.warnings:
        assignment.log.write(EventKind.NOTE, text=warning)
    return prompt.text


def _kind_of(order: Order) -> PromptKind:
    if order.merge_base:
        return PromptKind.CONFLICT
    return PromptKind.FIX if order.findings else PromptKind.WORK
