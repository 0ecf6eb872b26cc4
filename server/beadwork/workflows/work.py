"""Work on a bead, as its steps: prepare, let the agent work, look at what is there, record it.

It runs in a worker. What it leaves out: judging (`verdict.py`), telling the bead (`telling.py`), and ending
the processes of the run, which the worker does whatever happens here.
"""

import asyncio
import uuid
from collections.abc import Sequence
from typing import assert_never

import attrs

from beadwork.agents import (
    Agent,
    AgentEvent,
    AgentRun,
    AgentTask,
    Denied,
    Outcome,
    Remark,
    Said,
    Spent,
    ToolCalled,
    ToolReturned,
)
from beadwork.beads import Bead, BeadNotFound, Change, Tracker, TrackerError
from beadwork.checkouts import Checkout, CheckoutError, Checkouts, Evidence, Returned
from beadwork.context import Prompt, PromptKind
from beadwork.errors import BeadworkError
from beadwork.executions import Assignment, Conclusion, EventKind, EventLog, Phase, Stopped
from beadwork.runners import Box, Runner, RunnerName, choose
from beadwork.settings import Settings
from beadwork.state_folder import StateFolder
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


@attrs.define
class Course:
    """How far a run has come: what its later steps, and a stop at any moment, need to know."""

    claimed: bool = False
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
        _log_error(assignment.log, error)
    return await _conclude(assignment, bench, course)


async def _prepare_and_work(assignment: Assignment, bench: Bench, course: Course) -> None:
    order = assignment.run.order
    beads = (await bench.tracker.list()).beads
    bead = _still_open(beads, order.bead)
    await _claim(bench, bead, overruled=order.force)
    course.claimed = True
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


async def _claim(bench: Bench, bead: Bead, *, overruled: bool) -> None:
    if overruled and bead.status != "open" and not is_own(bead, bench.actor):
        await bench.tracker.update(bead.id, Change(status="in_progress", assignee=bench.actor))
        return
    await bench.tracker.claim(bead.id, bench.actor)


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
    course.outcome = await run.outcome()


async def _listen(run: AgentRun, assignment: Assignment, course: Course, grace: float) -> None:
    """Write down what happens until the agent's output ends, or `grace` seconds after its result."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(None) as limit:
            async for event in run.events():
                _write_down(event, assignment, course)
                if run.concluded and limit.when() is None:
                    limit.reschedule(loop.time() + grace)
    except TimeoutError:
        text = f"The agent's process went on for {grace:g} s after its result, so it was ended."
        assignment.log.write(EventKind.NOTE, text=text)


def _write_down(event: AgentEvent, assignment: Assignment, course: Course) -> None:
    log = assignment.log
    match event:
        case Said(text, thinking):
            log.write(EventKind.THINKING if thinking else EventKind.TEXT, text=text)
        case ToolCalled(call, tool, title, data):
            log.write(EventKind.TOOL, call=call, tool=tool, title=title, data=data)
        case ToolReturned(call, ok, text):
            log.write(EventKind.TOOL_RESULT, call=call, ok=ok, text=text)
        case Denied(tool, title, reason):
            course.denied.append(event)
            log.write(EventKind.ERROR, code="denied", text=f"Denied: {tool} {title}".strip(), detail=reason)
        case Spent(usd, input_tokens, output_tokens):
            log.write(EventKind.COST, usd=usd, inputTokens=input_tokens, outputTokens=output_tokens)
            assignment.note(cost_usd=usd, input_tokens=input_tokens, output_tokens=output_tokens)
        case Remark(text, problem):
            if problem:
                log.write(EventKind.ERROR, code="agent", text=text, detail="")
            else:
                log.write(EventKind.NOTE, text=text)
        case _:
            assert_never(event)


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
        _log_error(assignment.log, error)
        return attrs.evolve(facts, error=facts.error or error)
    _log_evidence(assignment.log, course.checkout, evidence)
    facts = attrs.evolve(facts, evidence=evidence)
    if not evidence.commits:
        return facts
    try:
        returned = await bench.checkouts.bring_back(course.checkout, evidence)
    except CheckoutError as error:
        _log_error(assignment.log, error)
        return attrs.evolve(facts, return_error=error)
    _log_returned(assignment.log, returned)
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
    if not course.claimed:
        return True, ""  # the bead never heard of this run
    assignment.enter(Phase.RECORDING)
    report = Report(
        run=run.id,
        state=verdict.state,
        summary=verdict.summary,
        agent=bench.agent.label,
        branch=course.checkout.branch if course.checkout else "",
        commits=facts.evidence.commits if facts.evidence else (),
        claimed=course.claimed,
    )
    try:
        there = await tell(bench.tracker, run.order.bead, bench.actor, report)
    except (BeadworkError, OSError) as error:
        _log_error(assignment.log, error)
        return False, f"The bead could not be told yet: {sentence_of(error)}"
    return True, "" if there else "The bead is not there any more, so it was not told."


def _log_evidence(log: EventLog, checkout: Checkout, evidence: Evidence) -> None:
    number = len(evidence.commits)
    text = f"{number} new commit{'' if number == 1 else 's'} on {checkout.branch}."
    log.write(
        EventKind.GIT,
        text=text,
        branch=checkout.branch,
        commits=[{"sha": commit.sha, "subject": commit.subject} for commit in evidence.commits],
        leftovers=list(evidence.leftovers),
        diffstat=evidence.diffstat,
    )
    for note in evidence.notes:
        log.write(EventKind.NOTE, text=note)


def _log_returned(log: EventLog, returned: Returned) -> None:
    text = f"{returned.branch} is in your repository at {returned.head[:10]}."
    log.write(EventKind.GIT, text=text, branch=returned.branch, head=returned.head)


def _log_error(log: EventLog, error: BeadworkError | OSError) -> None:
    detail = error.detail if isinstance(error, BeadworkError) else ""
    code = error.code if isinstance(error, BeadworkError) else "storage"
    log.write(EventKind.ERROR, code=code, text=sentence_of(error), detail=detail)
