"""Work on a bead, as its steps: claim it, prepare, let the agent work, conclude.

It runs in a worker, once for each stretch of a run. What it leaves out: what goes on with the agent
(`conversation.py`), the end (`concluding.py`), and ending the processes of the run, which the worker does
whatever happens here.
"""

import uuid
from collections.abc import Sequence

import attrs

from beadwork.agents import AgentRun, AgentTask, Outcome, Spent
from beadwork.beads import Bead
from beadwork.checkouts import Checkout
from beadwork.context import PromptKind
from beadwork.errors import BeadworkError
from beadwork.executions import (
    Assignment,
    Conclusion,
    EventKind,
    EventLog,
    Execution,
    Order,
    Phase,
    State,
    Stopped,
    Store,
)
from beadwork.runners import Box, RunnerName, choose
from beadwork.workflows.working.bench import Bench, Course
from beadwork.workflows.working.budgets import budget_left, spent_already
from beadwork.workflows.working.claiming import is_own, take_bead
from beadwork.workflows.working.concluding import conclude
from beadwork.workflows.working.conversation import Conversation
from beadwork.workflows.working.going_on import Way, find_way, first_words
from beadwork.workflows.working.journal import log_error
from beadwork.workflows.working.merging_base import base_to_merge, told_to_merge
from beadwork.workflows.working.telling_agent import account_of, prompt_for
from beadwork.workflows.working.verdict import Halt

__all__ = ["is_own", "work"]


async def work(assignment: Assignment, bench: Bench) -> Conclusion:
    """Do the work that `assignment` names; whatever happens on the way, what is there is kept and told."""
    run = assignment.run
    course = Course(before=Spent(run.cost_usd, run.input_tokens, run.output_tokens))
    try:
        await assignment.unless_stopped(_prepare_and_work(assignment, bench, course))
    except Stopped as stopped:
        course.halt = Halt(stopped.intent)
    except (BeadworkError, OSError) as error:
        course.error = error
        log_error(assignment.log, error)
    return await conclude(assignment, bench, course)


async def _prepare_and_work(assignment: Assignment, bench: Bench, course: Course) -> None:
    order = assignment.run.order
    beads = (await bench.tracker.list()).beads
    bead = await take_bead(assignment.run, bench, course, beads)
    checkout = await _checkout(assignment, bench, course)
    if order.merge_base:
        checkout = told_to_merge(checkout, await base_to_merge(assignment, bench))
    if (spent := spent_already(assignment.run, bench.settings)) is not None:
        course.outcome = spent
        return
    runner, why = await choose(RunnerName(order.runner or bench.settings.runner))
    way = await find_way(assignment, bench)
    session = way.session or str(uuid.uuid4())
    assignment.note(agent_label=bench.agent.label, runner_label=why, session=session)
    known = [f"It goes on with its session, and is told: {way.words}"] if way.session else []
    for note in (f"{bench.agent.label}; {why}.", *checkout.notes, *known):
        assignment.log.write(EventKind.NOTE, text=note)
    course.words = way.words
    first = way.words if way.session else await _whole_prompt(assignment, bench, bead, beads, checkout)
    task = AgentTask(
        prompt=first if way.session else first_words(first, way.words),
        session=session,
        resume=way.session,
        model=bench.settings.model,
        budget_usd=budget_left(assignment.run, bench.settings),
    )
    box = Box(
        execution=assignment.run.id,
        checkout=checkout.path,
        home=bench.state.agent_home_of(order.workspace, order.bead),
        readable=bench.agent.readable(),
    )
    assignment.enter(Phase.AGENT)
    agent_run = await bench.agent.start(task, runner, box)
    course.words = ""
    await see_through(agent_run, assignment, bench, course, way)


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


async def _whole_prompt(
    assignment: Assignment, bench: Bench, bead: Bead, beads: Sequence[Bead], checkout: Checkout
) -> str:
    """Make the prompt, and write down where its words came from and what they take."""
    run = assignment.run.id
    order = assignment.run.order
    kind = _kind_of(order)
    named = order.findings
    findings = bench.findings_of(named) if named else bench.open_findings(order.bead, beads)
    prompt = await prompt_for(kind, bench.desk, bead, beads, checkout, findings=findings, this_run=run)
    assignment.log.write(EventKind.NOTE, text=account_of(prompt))
    for warning in prompt.warnings:
        assignment.log.write(EventKind.NOTE, text=warning)
    return prompt.text


def _kind_of(order: Order) -> PromptKind:
    if order.merge_base:
        return PromptKind.CONFLICT
    return PromptKind.FIX if order.findings else PromptKind.WORK


async def see_through(run: AgentRun, assignment: Assignment, bench: Bench, course: Course, way: Way) -> None:
    """Hold the conversation with an agent, end it, and take down its outcome. Raises StoreError, LogError."""
    try:
        await Conversation(run, assignment, course, way.leave, bench).hold()
    finally:
        ending = await run.end(grace=bench.settings.cancel_grace)
        if ending.steps:
            assignment.log.write(
                EventKind.NOTE, text=f"The agent was ended ({', then '.join(ending.steps)})."
            )
    outcome = _masked(await run.outcome(), assignment.log)
    if outcome.session and outcome.session != assignment.run.session:
        assignment.note(session=outcome.session)
    course.outcome = outcome


def _masked(outcome: Outcome, log: EventLog) -> Outcome:
    """Give the agent's last words without secrets: they go to the bead, which others read."""
    return attrs.evolve(
        outcome,
        summary=log.masked(outcome.summary),
        blocker=log.masked(outcome.blocker),
        question=log.masked(outcome.question),
    )
