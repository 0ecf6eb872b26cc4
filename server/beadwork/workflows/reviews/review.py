"""Review what was done, as its steps: make it ready to read, let agents read, take their word, keep it.

It runs in a worker. Nothing is claimed and nothing comes back: whether the reader changed something is looked
at, and then its word does not count. What it leaves out: prompts (`reading_tasks.py`), what becomes of the
answers (`taking.py`), and how it ended in words (`outcome.py`).
"""

import uuid
from collections.abc import Sequence

import attrs

from beadwork.agents import AgentTask, OutcomeKind, Spent
from beadwork.checkouts import Checkout, Difference
from beadwork.errors import BeadworkError
from beadwork.executions import Assignment, Conclusion, EventKind, Phase, Stopped
from beadwork.findings import SCHEMA, FindingStore, Review, Tree
from beadwork.runners import Box, Runner, RunnerName, choose
from beadwork.workflows.reviews.ordering_review import subject_of
from beadwork.workflows.reviews.outcome import conclude
from beadwork.workflows.reviews.reading_tasks import merging_task, portions_as_tasks, prompt_of
from beadwork.workflows.reviews.taking import Answer, Answers, Taken, as_one, take, tree_of, unseen_of
from beadwork.workflows.working.agent_turn import see_through
from beadwork.workflows.working.bench import Bench, Course
from beadwork.workflows.working.budgets import budget_left, spent_already
from beadwork.workflows.working.going_on import GO_ON, Way, find_way, first_words
from beadwork.workflows.working.journal import log_error
from beadwork.workflows.working.verdict import Halt

MOST_PARTS = 24
"""Readers that one review may have; what is left then is said not to have been looked at."""


@attrs.define
class Reading:
    """How far a review has come."""

    course: Course
    taken: Taken | None = None
    unread: list[str] = attrs.field(factory=list)
    """Paths of changes that no reader was told."""
    cut: list[str] = attrs.field(factory=list)
    """Paths of changes that their reader was told only in part."""
    notes: list[str] = attrs.field(factory=list)


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
    way = await find_way(assignment, bench)
    reading.course.words = way.words
    checkout = await bench.checkouts.prepare_review(
        order.workspace, order.bead, subject_of(order.bead), base=bench.settings.base
    )
    reading.course.checkout = checkout
    assignment.note(branch=checkout.branch, base=checkout.start, head=checkout.base)
    difference = await bench.checkouts.difference(checkout)
    runner, why = await choose(RunnerName(order.runner or bench.settings.runner))
    if runner.isolates:  # what is said of the box is meant for who works in it
        why = f"{runner.name}: the agent may only read"
    assignment.note(agent_label=bench.agent.label, runner_label=why)
    what = f"{checkout.branch} at {checkout.base[:10]}, compared with {checkout.base_ref}"
    for note in (f"{bench.agent.label}; {why}.", f"Reviewing {what}.", *checkout.notes):
        assignment.log.write(EventKind.NOTE, text=note)
    assignment.enter(Phase.AGENT)
    seat = _Seat(assignment, bench, reading, runner, way)
    tree = await tree_of(bench, checkout, difference)
    answers = await _read_all(seat, difference, tree)
    if answers is None:
        return
    assignment.enter(Phase.VERIFYING)
    unseen = [*checkout.notes, *unseen_of(difference, reading.unread, reading.cut), *reading.notes]
    reading.taken = await take(bench, checkout, tree, answers, unseen)


@attrs.frozen
class _Seat:
    """What every reader of one review sits on."""

    assignment: Assignment
    bench: Bench
    reading: Reading
    runner: Runner
    way: Way

    @property
    def checkout(self) -> Checkout:
        """What is read."""
        if self.reading.course.checkout is None:
            raise AssertionError("a reader needs a checkout")
        return self.reading.course.checkout

    def say(self, text: str) -> None:
        """Write a note into the log."""
        self.assignment.log.write(EventKind.NOTE, text=text)


async def _read_all(seat: _Seat, difference: Difference, tree: Tree) -> Answers | None:
    """Let an agent read each portion, and one more put it all together; None when one came to no end."""
    tasks = portions_as_tasks(seat.checkout, difference, seat.bench.settings.prompt_budget)
    seat.reading.unread += [change.path for task in tasks[MOST_PARTS:] for change in task.changes]
    tasks = tasks[:MOST_PARTS]
    parts: list[Answer] = []
    for number, task in enumerate(tasks, 1):
        if len(tasks) > 1:
            seat.say(f"Part {number} of {len(tasks)}: {len(task.changes)} files.")
        told = await prompt_of(task, seat.assignment, seat.bench)
        seat.reading.cut += told.cut
        answer = await _ask(seat, told.text, session=seat.way.session if len(tasks) == 1 else "")
        if answer is None:
            return None
        parts.append(answer)
    together = as_one(parts, tree)
    if len(parts) == 1 or not isinstance(together, Review):
        return Answers(tuple(parts))
    return await _put_together(seat, parts, together)


async def _put_together(seat: _Seat, parts: Sequence[Answer], together: Review) -> Answers | None:
    """Let one more agent put the parts together, where it can be told all that was found."""
    told = await prompt_of(merging_task(seat.checkout, together), seat.assignment, seat.bench)
    if not told.whole:
        seat.reading.notes.append(
            f"The findings of {len(parts)} readers were too many to be put together, so all are kept."
        )
        return Answers(tuple(parts))
    seat.say(f"Putting {len(parts)} parts together.")
    answer = await _ask(seat, told.text, session="")
    return None if answer is None else Answers(tuple(parts), answer)


async def _ask(seat: _Seat, prompt: str, *, session: str) -> Answer | None:
    """Let one agent read and answer, None when it came to no end; its cost is added to that of the run."""
    assignment, bench, course, way = seat.assignment, seat.bench, seat.reading.course, seat.way
    run = assignment.run
    course.before = Spent(run.cost_usd, run.input_tokens, run.output_tokens)
    course.outcome = spent_already(run, bench.settings)
    if course.outcome is not None:
        return None
    chosen = session or str(uuid.uuid4())
    assignment.note(session=chosen)
    task = AgentTask(
        prompt=way.words if session else first_words(prompt, "" if way.words == GO_ON else way.words),
        session=chosen,
        resume=session,
        model=bench.settings.model,
        budget_usd=budget_left(run, bench.settings),
        schema=SCHEMA,
        read_only=True,
    )
    box = Box(
        execution=run.id,
        checkout=seat.checkout.path,
        home=bench.state.agent_home_of(run.order.workspace, run.order.bead),
        readable=bench.agent.readable(),
        read_only=True,
    )
    agent_run = await bench.agent.start(task, seat.runner, box)
    course.words = ""
    await see_through(agent_run, assignment, bench, course, way)
    outcome = course.outcome
    if outcome is None or outcome.kind is not OutcomeKind.DONE or course.ask is not None:
        return None
    return Answer(outcome.answer, outcome.text)
