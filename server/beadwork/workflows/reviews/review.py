"""Review what was done, as its steps: make it ready to read, let agents read, take their word, keep it.

It runs in a worker. Nothing is claimed and nothing comes back: whether the reader changed something is looked
at, and then its word does not count. What it leaves out: prompts (`reading_tasks.py`), what becomes of the
answers (`taking.py`), and how it ended in words (`outcome.py`).
"""

import uuid

import attrs

from beadwork.agents import AgentTask, OutcomeKind, Spent
from beadwork.checkouts import Checkout, Difference, Subject
from beadwork.errors import BeadworkError
from beadwork.executions import BRANCH, CHANGES, Assignment, Conclusion, EventKind, Phase, Stopped
from beadwork.findings import SCHEMA, FindingStore, Review, Tree
from beadwork.runners import Box, Runner, RunnerName, choose
from beadwork.workflows.bench import Bench, Course
from beadwork.workflows.conversation import Conversation
from beadwork.workflows.going_on import Way, find_way, first_words
from beadwork.workflows.journal import log_error
from beadwork.workflows.reviews.outcome import conclude
from beadwork.workflows.reviews.reading_tasks import Task, merging_task, portions_as_tasks, prompt_of
from beadwork.workflows.reviews.taking import Answer, Answers, Taken, as_one, take, tree_of
from beadwork.workflows.verdict import Halt


@attrs.define
class Reading:
    """How far a review has come."""

    course: Course
    taken: Taken | None = None


def subject_of(bead: str) -> Subject:
    """Give what an order's bead, or what stands for one, says is to be reviewed."""
    match bead:
        case str() if bead == BRANCH:
            return Subject.BRANCH
        case str() if bead == CHANGES:
            return Subject.CHANGES
        case _:
            return Subject.BEAD


async def review(assignment: Assignment, bench: Bench, findings: FindingStore) -> Conclusion:
    """Do the review that `assignment` names, and keep what was found. Raises StoreError, LogError."""
    run = assignment.run
    reading = Reading(Course(before=Spent(run.cost_usd, run.input_tokens, run.output_tokens)))
    try:
        await assignment.unless_stopped(_prepare_and_read(assignment, bench, reading))
    except Stopped as stopped:
        reading.course.halt = Halt(stopped.intent)
    except (BeadworkError, OSError) as error:
        reading.course.error = error
        log_error(assignment.log, error)
    return await conclude(assignment, bench, findings, reading.course, reading.taken)


async def _prepare_and_read(assignment: Assignment, bench: Bench, reading: Reading) -> None:
    order = assignment.run.order
    checkout = await bench.checkouts.prepare_review(
        order.workspace, order.bead, subject_of(order.bead), base=bench.settings.base
    )
    reading.course.checkout = checkout
    assignment.note(branch=checkout.branch, base=checkout.start, head=checkout.base)
    difference = await bench.checkouts.difference(checkout)
    runner, why = await choose(RunnerName(order.runner or bench.settings.runner))
    way = await find_way(assignment, bench)
    assignment.note(agent_label=bench.agent.label, runner_label=why)
    what = f"{checkout.branch} at {checkout.base[:10]}, compared with {checkout.base_ref}"
    for note in (f"{bench.agent.label}; {why}.", f"Reviewing {what}.", *checkout.notes):
        assignment.log.write(EventKind.NOTE, text=note)
    assignment.enter(Phase.AGENT)
    seat = _Seat(assignment, bench, reading.course, runner, way)
    tree = await tree_of(bench, checkout, difference)
    answers = await _read_all(seat, difference, tree)
    if answers is None:
        return
    assignment.enter(Phase.VERIFYING)
    reading.taken = await take(bench, checkout, difference, tree, answers)


@attrs.frozen
class _Seat:
    """What every reader of one review sits on."""

    assignment: Assignment
    bench: Bench
    course: Course
    runner: Runner
    way: Way

    @property
    def checkout(self) -> Checkout:
        """What is read."""
        if self.course.checkout is None:
            raise AssertionError("a reader needs a checkout")
        return self.course.checkout

    def say(self, text: str) -> None:
        """Write a note into the log."""
        self.assignment.log.write(EventKind.NOTE, text=text)


async def _read_all(seat: _Seat, difference: Difference, tree: Tree) -> Answers | None:
    """Let an agent read each portion, and one more put it all together; None when one came to no end."""
    tasks = portions_as_tasks(seat.checkout, difference, seat.bench.settings.prompt_budget)
    parts: list[Answer] = []
    for number, task in enumerate(tasks, 1):
        if len(tasks) > 1:
            seat.say(f"Part {number} of {len(tasks)}: {len(task.changes)} files.")
        answer = await _ask(seat, task, session=seat.way.session if len(tasks) == 1 else "")
        if answer is None:
            return None
        parts.append(answer)
    together = as_one(parts, tree)
    if len(parts) == 1 or not isinstance(together, Review):
        return Answers(tuple(parts))
    seat.say(f"Putting {len(parts)} parts together.")
    answer = await _ask(seat, merging_task(seat.checkout, together), session="")
    return None if answer is None else Answers(tuple(parts), answer)


async def _ask(seat: _Seat, task: Task, *, session: str) -> Answer | None:
    """Let one agent read and answer, None when it came to no end; its cost is added to that of the run."""
    assignment, bench, course = seat.assignment, seat.bench, seat.course
    chosen = session or str(uuid.uuid4())
    assignment.note(session=chosen)
    whole = await prompt_of(task, assignment, bench)
    agent_task = AgentTask(
        prompt=seat.way.words if session else first_words(whole, seat.way.words),
        session=chosen,
        resume=session,
        model=bench.settings.model,
        budget_usd=bench.settings.run_budget,
        schema=SCHEMA,
        read_only=True,
    )
    order = assignment.run.order
    box = Box(
        execution=assignment.run.id,
        checkout=seat.checkout.path,
        home=bench.state.agent_home_of(order.workspace, order.bead),
        readable=bench.agent.readable(),
        read_only=True,
    )
    run = await bench.agent.start(agent_task, seat.runner, box)
    try:
        await Conversation(run, assignment, course, seat.way.leave, bench).hold()
    finally:
        await run.end(grace=bench.settings.cancel_grace)
    outcome = await run.outcome()
    course.outcome = attrs.evolve(outcome, summary=assignment.log.masked(outcome.summary))
    run_now = assignment.run
    course.before = Spent(run_now.cost_usd, run_now.input_tokens, run_now.output_tokens)
    return Answer(outcome.answer, outcome.text) if outcome.kind is OutcomeKind.DONE else None
