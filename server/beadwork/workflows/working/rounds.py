"""The rounds of a run of work: what the agent did is looked at, its gates run, what fails goes back to it.

What is brought back stays on the branch whatever the gates say. What it leaves out: the agent's first turn
(`work.py`), and telling how it ended (`concluding.py`).
"""

from collections.abc import Coroutine, Mapping
from typing import Any

import attrs

from beadwork.agents import Outcome, OutcomeKind
from beadwork.checkouts import RemoteError
from beadwork.errors import BeadworkError
from beadwork.executions import Assignment, EventKind, Reason, State, Stopped
from beadwork.gates import GateState, Standing
from beadwork.workflows.gating.known import known_report
from beadwork.workflows.gating.passing import give_report, pass_gates
from beadwork.workflows.gating.telling import words_for_agent
from beadwork.workflows.kit import Kit
from beadwork.workflows.publishing.publish import publishing_steps
from beadwork.workflows.views import RefusalCode, Refused, as_json
from beadwork.workflows.working.agent_turn import Turn, take_turn
from beadwork.workflows.working.bench import Bench, Course
from beadwork.workflows.working.budgets import spent_already
from beadwork.workflows.working.first_prompt import as_told, whole_prompt
from beadwork.workflows.working.going_on import first_words, way_back
from beadwork.workflows.working.journal import log_error
from beadwork.workflows.working.looking import look
from beadwork.workflows.working.verdict import Facts, Halt, Unpublished, judge


async def take_up(assignment: Assignment, course: Course, steps: Coroutine[Any, Any, None]) -> None:
    """Take steps that end when the run is to end; that, or what went wrong, is in `course` then."""
    try:
        await assignment.unless_stopped(steps)
    except Stopped as stopped:
        course.halt = Halt(stopped.intent)
    except (BeadworkError, OSError) as error:
        course.error = error
        log_error(assignment.log, error)


async def hold_rounds(assignment: Assignment, bench: Bench, kit: Kit, course: Course) -> Facts:
    """See what the agent did through to where nothing more can be done; give what is known then.

    Raises StoreError, LogError.
    """
    while True:
        facts = await look(assignment, bench, course)
        if judge(facts).state is not State.COMPLETED:
            return attrs.evolve(facts, gates=course.gates)
        facts = await _gated(assignment, bench, kit, course, facts)
        if not _goes_back(assignment, bench, facts):
            break
        await take_up(assignment, course, _go_back(assignment, bench, course))
    if bench.settings.work_publish and judge(facts).state is State.COMPLETED:
        return await _published(assignment, kit, facts)
    return facts


def finished_before(assignment: Assignment) -> Outcome | None:
    """Give what the agent had said at its end, if the run rested after that, and nobody told it anything.

    Raises StoreError.
    """
    said = _notes_of(assignment).get("done")
    if not assignment.resumed or not said or assignment.store.inbox.waiting(assignment.run.id):
        return None
    words = "The agent had done its work before the run rested: what it left is looked at, without it."
    assignment.log.write(EventKind.NOTE, text=words)
    return Outcome(OutcomeKind.DONE, str(said), session=assignment.run.session)


async def _gated(assignment: Assignment, bench: Bench, kit: Kit, course: Course, facts: Facts) -> Facts:
    """Add what became of the gates on what was brought back.

    What passed before, or that there is none, is taken as it is known, and no stop comes in between. What
    failed is run once more: it may have been the machine.
    """
    if not bench.settings.gates_after_work or facts.returned is None:
        return facts
    bead, head = assignment.run.order.bead, facts.returned.head
    try:
        known = await known_report(bench.desk, bead, head)
    except (BeadworkError, OSError) as error:
        log_error(assignment.log, error)
        return attrs.evolve(facts, error=error)
    if known is not None and known.standing is not Standing.FAILED:
        give_report(assignment, known)
        return attrs.evolve(facts, gates=known)
    anew = known is not None or (course.gates is not None and course.gates.commit == head)

    async def run_them() -> None:
        course.gates = await pass_gates(
            assignment, bench.desk, bead, head, environment=kit.environment, anew=anew
        )

    _note_done(assignment, facts)
    await take_up(assignment, course, run_them())
    return attrs.evolve(facts, halt=course.halt, error=course.error, gates=course.gates)


def _goes_back(assignment: Assignment, bench: Bench, facts: Facts) -> bool:
    """Whether the agent is to mend what fails; that it may cost no more is said."""
    if judge(facts).reason is not Reason.GATES_FAILED or facts.gates is None:
        return False
    if all(each.state is GateState.BROKEN for each in facts.gates.failed):
        return False  # they could not be started at all, which nobody mends in the project
    if _times_back(assignment) >= bench.settings.gates_retries:
        return False
    spent = spent_already(assignment.run, bench.settings)
    if spent is not None:
        assignment.log.write(EventKind.NOTE, text=f"It does not go back to the agent. {spent.summary}")
    return spent is None


async def _go_back(assignment: Assignment, bench: Bench, course: Course) -> None:
    """Tell the agent what fails, and let it work on: in its session, or anew where it has none."""
    report, checkout = course.gates, course.checkout
    if report is None or checkout is None:
        raise AssertionError("what goes back has failed in a checkout")
    assignment.give(work={"back": _times_back(assignment) + 1})
    course.outcome = None
    names = ", ".join(each.gate.name for each in report.failed)
    assignment.log.write(EventKind.NOTE, text=f"It goes back to the agent, since this fails: {names}")
    way = await way_back(assignment, bench, words_for_agent(report))
    course.words = way.words
    first = way.words
    if not way.session:
        checkout = attrs.evolve(checkout, base=report.commit, continued=True)
        checkout = await as_told(assignment, bench, checkout)
        beads = (await bench.tracker.list()).beads
        first = first_words(await whole_prompt(assignment, bench, checkout, beads), way.words)
    await take_turn(assignment, bench, course, Turn(checkout, way, first))


async def _published(assignment: Assignment, kit: Kit, facts: Facts) -> Facts:
    """Publish what was brought back, and add what came of that."""
    said = facts.outcome.summary if facts.outcome else ""
    _note_done(assignment, facts)
    try:
        done = await assignment.unless_stopped(publishing_steps(assignment, kit, said=said))
    except Stopped as stopped:
        return attrs.evolve(facts, halt=Halt(stopped.intent))
    except RemoteError as error:
        log_error(assignment.log, error)
        return attrs.evolve(facts, unpublished=Unpublished(Reason.REMOTE, error.message))
    except (BeadworkError, OSError) as error:
        log_error(assignment.log, error)
        return attrs.evolve(facts, error=error)
    if isinstance(done, Refused):
        assignment.give(refused=as_json(done))
        reason = Reason.REMOTE if done.code is RefusalCode.REMOTE_REFUSED else Reason.REFUSED
        return attrs.evolve(facts, unpublished=Unpublished(reason, done.message))
    return attrs.evolve(facts, published=done.sentence)


def _note_done(assignment: Assignment, facts: Facts) -> None:
    """Note that the agent has done its work: after a rest it need not be asked again."""
    said = facts.outcome.summary if facts.outcome else ""
    assignment.give(work={"done": said, "back": _times_back(assignment)})


def _times_back(assignment: Assignment) -> int:
    number = _notes_of(assignment).get("back")
    return number if isinstance(number, int) else 0


def _notes_of(assignment: Assignment) -> Mapping[str, object]:
    noted = assignment.run.results.get("work")
    return noted if isinstance(noted, Mapping) else {}
