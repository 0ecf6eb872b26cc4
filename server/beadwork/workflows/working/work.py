"""Work on a bead, as its steps: claim it, prepare, let the agent work, see it through its gates, conclude.

It runs in a worker, once for each stretch of a run. What it leaves out: what goes on with the agent
(`conversation.py`), what follows its turn (`rounds.py`), the end (`concluding.py`), and ending the processes
of the run, which the worker does whatever happens here.
"""

import attrs

from beadwork.agents import Spent
from beadwork.checkouts import Checkout
from beadwork.executions import Assignment, Conclusion, Execution, State, Store
from beadwork.workflows.kit import Kit
from beadwork.workflows.working.agent_turn import Turn, take_turn
from beadwork.workflows.working.bench import Bench, Course
from beadwork.workflows.working.budgets import spent_already
from beadwork.workflows.working.claiming import take_bead
from beadwork.workflows.working.concluding import conclude
from beadwork.workflows.working.first_prompt import as_told, whole_prompt
from beadwork.workflows.working.going_on import find_way, first_words
from beadwork.workflows.working.rounds import finished_before, hold_rounds, take_up


async def work(assignment: Assignment, bench: Bench, kit: Kit) -> Conclusion:
    """Do the work that `assignment` names; whatever happens on the way, what is there is kept and told."""
    run = assignment.run
    course = Course(before=Spent(run.cost_usd, run.input_tokens, run.output_tokens))
    await take_up(assignment, course, _prepare_and_work(assignment, bench, course))
    facts = await hold_rounds(assignment, bench, kit, course)
    return await conclude(assignment, bench, course, facts)


async def _prepare_and_work(assignment: Assignment, bench: Bench, course: Course) -> None:
    beads = (await bench.tracker.list()).beads
    await take_bead(assignment.run, bench, course, beads)
    checkout = await _checkout(assignment, bench, course)
    checkout = await as_told(assignment, bench, checkout)
    course.outcome = finished_before(assignment) or spent_already(assignment.run, bench.settings)
    if course.outcome is not None:
        return
    way = await find_way(assignment, bench)
    course.words = way.words
    first = way.words
    if not way.session:
        first = first_words(await whole_prompt(assignment, bench, checkout, beads), way.words)
    await take_turn(assignment, bench, course, Turn(checkout, way, first, checkout.notes))


async def _checkout(assignment: Assignment, bench: Bench, course: Course) -> Checkout:
    """Make the checkout or go on in it; what counts as this run's work is counted from where it began."""
    run = assignment.run
    checkout = await bench.checkouts.prepare(
        run.order.workspace,
        run.order.bead,
        base=bench.settings.base,
        with_changes=run.order.with_changes and not run.base,
    )
    base = _counted_from(run, assignment.store, checkout)
    course.checkout = attrs.evolve(checkout, base=base)
    assignment.note(branch=checkout.branch, base=base)
    return checkout


def _counted_from(run: Execution, store: Store, checkout: Checkout) -> str:
    if run.base:
        return run.base
    before = store.get(run.retry_of) if run.retry_of else None
    untouched = before is not None and before.head == checkout.base
    if before is not None and before.base and untouched and before.state is not State.COMPLETED:
        return before.base
    return checkout.base
