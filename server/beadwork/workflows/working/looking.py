"""What is there after a turn of the agent: evidence, and the branch brought back into the user's repository.

It is done whatever happened, so a stop does not keep it from being done. What it leaves out: gates and
publishing (`rounds.py`), and what all of it amounts to (`verdict.py`).
"""

import attrs

from beadwork.checkouts import CheckoutError
from beadwork.executions import Assignment, Phase
from beadwork.workflows.working.bench import Bench, Course
from beadwork.workflows.working.journal import log_error, log_evidence, log_returned
from beadwork.workflows.working.merging_base import what_is_missing
from beadwork.workflows.working.verdict import Facts


async def look(assignment: Assignment, bench: Bench, course: Course) -> Facts:
    """Give what is known when the agent has ended. Raises StoreError, LogError."""
    facts = Facts(
        halt=course.halt,
        error=course.error,
        overtaken=course.overtaken,
        ask=course.ask,
        outcome=course.outcome,
        denied=tuple(course.denied),
    )
    if course.checkout is None:
        return facts
    assignment.enter(Phase.VERIFYING)
    try:
        evidence = await bench.checkouts.evidence(course.checkout)
    except CheckoutError as error:
        log_error(assignment.log, error)
        return attrs.evolve(facts, error=facts.error or error)
    log_evidence(assignment.log, course.checkout, evidence)
    facts = attrs.evolve(facts, evidence=evidence)
    if not evidence.commits:
        return facts
    try:
        returned = await bench.checkouts.bring_back(course.checkout, evidence)
    except CheckoutError as error:
        log_error(assignment.log, error)
        return attrs.evolve(facts, return_error=error)
    log_returned(assignment.log, returned)
    facts = attrs.evolve(facts, returned=returned)
    if not assignment.run.order.merge_base:
        return facts
    try:
        return attrs.evolve(facts, unresolved=await what_is_missing(assignment, returned.head))
    except CheckoutError as error:
        log_error(assignment.log, error)
        return attrs.evolve(facts, error=facts.error or error)
