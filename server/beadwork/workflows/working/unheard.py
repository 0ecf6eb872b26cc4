"""What people said that an agent did not get to hear: it waits, goes along to the next one, or is told.

What it leaves out: what the agent heard (`conversation.py`, `going_on.py`).
"""

import time
from collections.abc import Sequence

from beadwork.executions import Again, Ask, AskKind, Assignment, Message, MessageKind, Question
from beadwork.workflows.working.bench import Bench, Course
from beadwork.workflows.working.going_on import RESULT_ASK, words_in_inbox
from beadwork.workflows.working.journal import log_question, log_undelivered, shortened
from beadwork.workflows.working.trying_again import again_of, with_message
from beadwork.workflows.working.verdict import Facts, Verdict


def give_messages_back(assignment: Assignment, course: Course) -> None:
    """Let what the agent did not hear wait until the run goes on."""
    for message in course.undelivered:
        assignment.store.inbox.send(assignment.run.id, message)


def unheard(assignment: Assignment, course: Course) -> Sequence[str]:
    """Give a sentence for each message that came too late: nobody is there to hear it any more."""
    late = assignment.store.inbox.take(assignment.run.id)
    for message in late:
        log_undelivered(assignment.log, message, "The agent had ended its work.")
    return [_not_heard(each) for each in (*course.undelivered, *late) if each.kind is MessageKind.TELL]


async def next_attempt(
    assignment: Assignment, bench: Bench, course: Course, facts: Facts, verdict: Verdict
) -> Again | None:
    """Give the next attempt, where there is to be one; its agent hears what this one did not get to hear."""
    again = again_of(assignment.run, facts, verdict, bench.settings, now=time.time())
    if again is None or assignment.store.walks.has_ended(again.order.walk):
        return None
    told = ["\n".join(message.texts) for message in course.undelivered if message.kind is MessageKind.TELL]
    course.undelivered.clear()
    waiting = await words_in_inbox(assignment, bench.state)
    return with_message(again, "\n\n".join(filter(None, [course.words, *told, waiting])))


def asked_by_result(assignment: Assignment, course: Course) -> Ask:
    """Give what an agent asked by its result, and write it down."""
    outcome = course.outcome
    if outcome is None:
        raise AssertionError("who waits for an answer has asked")
    text = outcome.question or outcome.summary
    ask = Ask(RESULT_ASK, AskKind.QUESTION, (Question(text),))
    log_question(assignment.log, ask)
    return ask


def _not_heard(message: Message) -> str:
    return f"The agent did not hear this any more: {shortened(message)} Tell it again to go on with it."
