"""Work on a bead, as its steps: prepare, let the agent work, look at what is there, record it.

It runs in a worker. What it leaves out: judging (`verdict.py`), telling the bead (`telling.py`), and ending
the processes of the run, which the worker does whatever happens here.
"""

import asyncio
import uuid
from collections.abc import Sequence
from enum import Enum

import attrs

from beadwork.agents import (
    Agent,
    AgentEvent,
    AgentRun,
    AgentTask,
    Denied,
    Outcome,
    Spent,
)
from beadwork.beads import Bead, BeadNotFound, BeadTaken, Change, Tracker, TrackerError
from beadwork.checkouts import Checkout, CheckoutError, Checkouts
from beadwork.context import Prompt, PromptKind
from beadwork.errors import BeadworkError
from beadwork.executions import Assignment, Conclusion, EventKind, EventLog, Phase, Stopped
from beadwork.runners import Box, Runner, RunnerName, choose
from beadwork.settings import Settings
from beadwork.state_folder import StateFolder
from beadwork.workflows.journal import log_agent_event, log_error, log_evidence, log_returned
from beadwork.workflows.telling import Report, tell
from beadwork.workflows.telling_agent import Desk, account_of, prompt_for
from beadwork.workflows.verdict import Facts, Halt, Verdict, judge, sentence_of


@attrs.frozen
class Bench:
    """What a worker has at hand for one run."""

    settings: Settings
    state: StateFolder
    tracker: Tracker
    checkouts: Checkouts
    agent: Agent
    actor: str
    """Who claims the bead and signs comments."""
    desk: Desk
    """What it takes to tell the agent what to do."""


class Claim(Enum):
    """What the run has to do with its bead."""

    NONE = "none"
    """It never came to claim it."""
    UNSURE = "unsure"
    """The tracker was asked to, and nobody knows what it did."""
    TAKEN = "taken"
    """It is claimed for this run, and given back when nothing comes of it."""
    KEPT = "kept"
    """It was this person's before, and stays so."""


@attrs.define
class Course:
    """How far a run has come: what its later steps, and a stop at any moment, need to know."""

    claim: Claim = Claim.NONE
    checkout: Checkout | None = None
    outcome: Outcome | None = None
    denied: list[Denied] = attrs.field(factory=list)
    error: BeadworkError | OSError | None = None
    halt: Halt | None = None


async def work(assignment: Assignment, bench: Bench) -> Conclusion:
    """Do the work that `assignment` names; whatever happens on the way, what is there is kept and told."""
    course = Course()
    try:
        await assignment.unless_stopped(_prepare_and_work(assignment, bench, course))
    except Stopped as stopped:
        course.halt = Halt(stopped.intent)
    except (BeadworkError, OSError) as error:
        course.error = error
        log_error(assignment.log, error)
    return await _conclude(assignment, bench, course)


async def _prepare_and_work(assignment: Assignment, bench: Bench, course: Course) -> None:
    order = assignment.run.order
    beads = (await bench.tracker.list()).beads
    bead = _still_open(beads, order.bead)
    await _claim(bench, course, bead, overruled=order.force)
    checkout = await bench.checkouts.prepare(
        order.workspace,
        bead.id,
        base=bench.settings.base,
        with_changes=order.with_changes,
    )
    course.checkout = checkout
    runner, why = await choose(RunnerName(order.runner or bench.settings.runner))
    session = str(uuid.uuid4())
    assignment.note(
        branch=checkout.branch,
        base=checkout.base,
        agent_label=bench.agent.label,
        runner_label=why,
        session=session,
    )
    for note in (f"{bench.agent.label}; {why}.", *checkout.notes):
        assignment.log.write(EventKind.NOTE, text=note)
    prompt = await _prompt(assignment, bench, bead, beads, checkout)
    assignment.enter(Phase.AGENT)
    task = AgentTask(prompt=prompt.text, session=session, model=bench.settings.model)
    await _agent_works(assignment, bench, course, task, runner)


async def _prompt(
    assignment: Assignment, bench: Bench, bead: Bead, beads: Sequence[Bead], checkout: Checkout
) -> Prompt:
    """Make the prompt, and write down where its words came from and what they take."""
    run = assignment.run.id
    prompt = await prompt_for(PromptKind.WORK, bench.desk, bead, beads, checkout, this_run=run)
    assignment.log.write(EventKind.NOTE, text=account_of(prompt))
    for warning in prompt.warnings:
        assignment.log.write(EventKind.NOTE, text=warning)
    return prompt


def _still_open(beads: Sequence[Bead], bead_id: str) -> Bead:
    bead = next((bead for bead in beads if bead.id == bead_id), None)
    if bead is None:
        raise BeadNotFound(f"There is no bead {bead_id} any more; nothing was done.")
    if bead.closed:
        raise TrackerError(f"{bead_id} was closed before work on it began; nothing was done.")
    return bead


async def _claim(bench: Bench, course: Course, bead: Bead, *, overruled: bool) -> None:
    if is_own(bead, bench.actor):
        course.claim = Claim.KEPT
        return
    course.claim = Claim.UNSURE
    try:
        if overruled and bead.status != "open":
            await bench.tracker.update(bead.id, Change(status="in_progress", assignee=bench.actor))
        else:
            await bench.tracker.claim(bead.id, bench.actor)
    except (BeadTaken, BeadNotFound):
        course.claim = Claim.NONE
        raise
    course.claim = Claim.TAKEN


def is_own(bead: Bead, actor: str) -> bool:
    """Whether `actor` is the one who works on the bead."""
    return bead.status == "in_progress" and bead.assignee == actor


async def _agent_works(
    assignment: Assignment,
    bench: Bench,
    course: Course,
    task: AgentTask,
    runner: Runner,
) -> None:
    order, checkout = assignment.run.order, course.checkout
    if checkout is None:
        raise AssertionError("an agent needs a checkout")
    box = Box(
        execution=assignment.run.id,
        checkout=checkout.path,
        home=bench.state.agent_home_of(order.workspace, order.bead),
        readable=bench.agent.readable(),
    )
    run = await bench.agent.start(task, runner, box)
    try:
        await _listen(run, assignment, course, bench.settings.result_grace)
    finally:
        ending = await run.end(grace=bench.settings.cancel_grace)
        if ending.steps:
            assignment.log.write(
                EventKind.NOTE, text=f"The agent was ended ({', then '.join(ending.steps)})."
            )
    course.outcome = _masked(await run.outcome(), assignment.log)


async def _listen(run: AgentRun, assignment: Assignment, course: Course, grace: float) -> None:
    """Write down what happens until the agent's output ends, or `grace` seconds after its result."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(None) as limit:
            async for event in run.events():
                _take_in(event, assignment, course)
                if run.concluded and limit.when() is None:
                    limit.reschedule(loop.time() + grace)
    except TimeoutError:
        text = f"The agent's process went on for {grace:g} s after its result, so it was ended."
        assignment.log.write(EventKind.NOTE, text=text)


def _masked(outcome: Outcome, log: EventLog) -> Outcome:
    """Give the agent's last words without secrets: they go to the bead, which others read."""
    return attrs.evolve(
        outcome,
        summary=log.masked(outcome.summary),
        blocker=log.masked(outcome.blocker),
        question=log.masked(outcome.question),
    )


def _take_in(event: AgentEvent, assignment: Assignment, course: Course) -> None:
    log_agent_event(assignment.log, event)
    match event:
        case Denied():
            course.denied.append(event)
        case Spent(usd, input_tokens, output_tokens):
            assignment.note(cost_usd=usd, input_tokens=input_tokens, output_tokens=output_tokens)
        case _:
            pass


async def _conclude(assignment: Assignment, bench: Bench, course: Course) -> Conclusion:
    facts = await _facts(assignment, bench, course)
    verdict = judge(facts)
    told, words = await _tell(assignment, bench, course, facts, verdict)
    head = facts.evidence.head if facts.evidence else ""
    summary = " ".join(filter(None, [verdict.summary, words]))
    return Conclusion(verdict.state, verdict.reason, summary, {"head": head, "told": told})


async def _facts(assignment: Assignment, bench: Bench, course: Course) -> Facts:
    facts = Facts(
        halt=course.halt,
        error=course.error,
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
    return attrs.evolve(facts, returned=returned)


async def _tell(
    assignment: Assignment,
    bench: Bench,
    course: Course,
    facts: Facts,
    verdict: Verdict,
) -> tuple[bool, str]:
    """Tell the bead; give whether it was told, and what a person must know when it was not."""
    run = assignment.run
    if course.claim in {Claim.NONE, Claim.UNSURE}:
        return course.claim is Claim.NONE, ""  # who tends next looks at the bead itself
    assignment.enter(Phase.RECORDING)
    report = Report(
        run=run.id,
        state=verdict.state,
        summary=verdict.summary,
        agent=bench.agent.label,
        branch=course.checkout.branch if course.checkout else "",
        commits=facts.evidence.commits if facts.evidence else (),
        claimed=course.claim is Claim.TAKEN,
        before=Change(status=run.order.status, assignee=run.order.assignee),
    )
    try:
        there = await tell(bench.tracker, run.order.bead, bench.actor, report)
    except (BeadworkError, OSError) as error:
        log_error(assignment.log, error)
        return False, f"The bead could not be told yet: {sentence_of(error)}"
    return True, "" if there else "The bead is not there any more, so it was not told."
