"""One turn of the agent of a run: started in its box, heard, ended, and its outcome taken down.

What it leaves out: what it is told (`telling_agent.py`, `going_on.py`), and what follows (`rounds.py`).
"""

import uuid
from collections.abc import Sequence

import attrs

from beadwork.agents import AgentRun, AgentTask, Outcome, Spent
from beadwork.checkouts import Checkout
from beadwork.executions import Assignment, EventKind, EventLog, Phase
from beadwork.runners import Box, RunnerName, choose
from beadwork.workflows.working.bench import Bench, Course
from beadwork.workflows.working.budgets import budget_left
from beadwork.workflows.working.conversation import Conversation
from beadwork.workflows.working.going_on import Way

_SHOWN = 1000
"""Characters of what an agent is told that a note repeats."""


@attrs.frozen
class Turn:
    """What an agent begins its turn with."""

    checkout: Checkout
    way: Way
    first: str
    """What it is told first: a whole prompt, or the words of the way."""
    notes: Sequence[str] = ()
    """What a person should know of it."""


async def take_turn(assignment: Assignment, bench: Bench, course: Course, turn: Turn) -> None:
    """Let the agent work; what came of it is in `course`.

    Raises AgentError, RunnerError, StoreError, LogError.
    """
    run, way = assignment.run, turn.way
    course.before = Spent(run.cost_usd, run.input_tokens, run.output_tokens)
    runner, why = await choose(RunnerName(run.order.runner or bench.settings.runner))
    session = way.session or str(uuid.uuid4())
    assignment.note(agent_label=bench.agent.label, runner_label=why, session=session)
    told = f"{way.words[:_SHOWN]}{'…' if len(way.words) > _SHOWN else ''}"
    known = [f"It goes on with its session, and is told: {told}"] if way.session else []
    for note in (f"{bench.agent.label}; {why}.", *turn.notes, *known):
        assignment.log.write(EventKind.NOTE, text=note)
    task = AgentTask(
        prompt=turn.first,
        session=session,
        resume=way.session,
        model=bench.settings.model,
        budget_usd=budget_left(assignment.run, bench.settings),
    )
    box = Box(
        execution=run.id,
        checkout=turn.checkout.path,
        home=bench.state.agent_home_of(run.order.workspace, run.order.bead),
        readable=bench.agent.readable(),
    )
    assignment.enter(Phase.AGENT)
    agent_run = await bench.agent.start(task, runner, box)
    course.words = ""
    await see_through(agent_run, assignment, bench, course, way)


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
