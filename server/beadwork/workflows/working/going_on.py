"""Going on with an agent's session: whether there is one, and what the agent is told then.

A session is gone on with after a rest, when a person tells an ended run something, and when a run is tried
again. Where it cannot be, the agent begins anew with the whole prompt, and the same words after it. What it
leaves out: starting the agent (`work.py`).
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import attrs

from beadwork.executions import (
    Ask,
    AskKind,
    Assignment,
    EventKind,
    Execution,
    Message,
    MessageKind,
    Permit,
    Reason,
    ask_of,
    read_events,
)
from beadwork.settings import SettingsError
from beadwork.state_folder import StateFolder
from beadwork.workflows.gating.telling import report_in, words_for_agent
from beadwork.workflows.working.bench import Bench
from beadwork.workflows.working.conversation import refusal_of, texts_for
from beadwork.workflows.working.journal import log_answer, log_error, log_message, log_undelivered
from beadwork.workflows.working.permissions import Leave, allows, permissions_file, permit_of

RESULT_ASK = "result"
"""The id of what an agent asks by its result, having ended its turn."""
GO_ON = "You were interrupted. Look at where you stopped, and go on with your work."
"""What an agent is told whom nobody has anything else to say."""


@attrs.frozen
class Way:
    """How an agent is to begin."""

    session: str
    """The session to go on with; empty to begin a new one."""
    words: str
    """What it is told, instead of the prompt or, without a session, after it; empty for a first beginning."""
    leave: Leave


async def find_way(assignment: Assignment, bench: Bench) -> Way:
    """Find out how the agent of a run is to begin, and take the messages that wait for it.

    Raises StoreError, LogError.
    """
    run, order = assignment.run, assignment.run.order
    said = await _said_before(run) if assignment.resumed else _Said()
    leave = _leave(run, bench.state, said)
    session = session_of(run, bench)
    if run.resumed and run.session:
        return Way(session, _words_waiting(assignment, said.asks, leave) or GO_ON, leave)
    if run.retry_of:
        return Way(session, _words_of_retry(assignment, known=bool(session)), leave)
    return Way(session, order.message or (GO_ON if session else ""), leave)


async def way_back(assignment: Assignment, bench: Bench, words: str) -> Way:
    """Give how an agent begins that is told `words` of its own work in the same run. Raises LogError."""
    leave = _leave(assignment.run, bench.state, await _said_before(assignment.run))
    return Way(session_of(assignment.run, bench), words, leave)


async def words_in_inbox(assignment: Assignment, state: StateFolder) -> str:
    """Give what waits for the agent of a run, taken and put into words, for another that follows it."""
    if not assignment.store.inbox.waiting(assignment.run.id):
        return ""
    said = await _said_before(assignment.run)
    return _words_waiting(assignment, said.asks, _leave(assignment.run, state, said))


def session_of(run: Execution, bench: Bench) -> str:
    """Give the session of an agent that `run` can go on with; empty where none was kept."""
    home = bench.state.agent_home_of(run.order.workspace, run.order.bead)
    for session in (run.session, run.order.resume):
        if session and bench.agent.capabilities.resume and bench.agent.resumable(session, home):
            return session
    return ""


@attrs.frozen
class _Said:
    """What a log holds of questions and answers."""

    asks: Mapping[str, Ask] = attrs.field(factory=dict)
    permits: Mapping[str, tuple[Ask, Permit | None]] = attrs.field(factory=dict)


async def _said_before(run: Execution) -> _Said:
    events = await asyncio.to_thread(read_events, Path(run.log))
    asks: dict[str, Ask] = {}
    permits: dict[str, tuple[Ask, Permit | None]] = {}
    for event in events:
        match event.kind, event.data:
            case EventKind.QUESTION, {"ask": dict(data)}:
                ask = ask_of(data)
                asks[ask.id] = ask
            case EventKind.ANSWER, {"ask": str(name), "text": str(text), "by": "person"} if name in asks:
                if asks[name].kind is AskKind.PERMISSION:
                    permits[f"{len(permits)}"] = (asks[name], permit_of(text))
            case _:
                pass
    return _Said(asks, permits)


def _leave(run: Execution, state: StateFolder, said: _Said) -> Leave:
    lock = state.locks / "permissions.lock"
    return Leave(run.order.project, permissions_file(), lock, said.permits.values())


def _words_waiting(assignment: Assignment, asks: Mapping[str, Ask], leave: Leave) -> str:
    words, answered = [], set()
    for message in assignment.store.inbox.take(assignment.run.id):
        if message.kind is MessageKind.ANSWER and message.ask in answered:
            log_undelivered(assignment.log, message, "Another answer came before.")
            continue
        if message.kind is MessageKind.ANSWER:
            answered.add(message.ask)
        words.append(_words_of(assignment, message, asks, leave))
    return "\n\n".join(filter(None, words))


def _words_of(assignment: Assignment, message: Message, asks: Mapping[str, Ask], leave: Leave) -> str:
    log = assignment.log
    if message.kind is MessageKind.TELL:
        text = "\n".join(message.texts)
        log_message(log, text)
        return text
    ask = asks.get(message.ask) or (list(asks.values())[-1] if asks and not message.ask else None)
    if ask is None:
        log_undelivered(log, message, "It is not known what it answers.")
        return f"The answer to your question: {', '.join(message.texts)}"
    log_answer(log, ask, "\n".join(message.texts), by="person")
    if ask.kind is AskKind.PERMISSION:
        return _permission_after_rest(assignment, ask, message.texts[0], leave)
    pairs = zip(ask.questions, texts_for(ask, message), strict=True)
    return "\n".join(f"You asked: {question.text}\nThe answer: {text}" for question, text in pairs)


def _permission_after_rest(assignment: Assignment, ask: Ask, text: str, leave: Leave) -> str:
    permit = permit_of(text)
    try:
        leave.take(ask, permit)
    except SettingsError as error:
        log_error(assignment.log, error)
    wanted = f"You wanted leave to use {ask.tool}: {ask.title}"
    if allows(permit):
        leave.allow_for_the_run(ask)  # it asks again under another id
        return f"{wanted}\nIt is granted. Try again, then go on with your work."
    return f"{wanted}\nIt is denied. {refusal_of(text)} Go on with your work without it."


def _words_of_retry(assignment: Assignment, *, known: bool) -> str:
    """Say what a person told, else how the last attempt ended; the whole prompt knows that by itself."""
    run = assignment.run
    last = assignment.store.get(run.retry_of)
    failing = _words_of_gates(last)
    if run.order.message:
        log_message(assignment.log, run.order.message)
        return "\n\n".join(filter(None, [run.order.message, failing]))
    if failing or not known:
        return failing
    return (
        f"Your last attempt at this ended: {last.state}. {last.summary}\n"
        "Look at what is there by now, then go on with the work and finish it."
    )


def _words_of_gates(last: Execution) -> str:
    """Give what an attempt that failed by its gates is to be told of them; of any other, nothing."""
    report = report_in(last)
    return words_for_agent(report) if report and last.reason is Reason.GATES_FAILED else ""


def first_words(prompt: str, words: str) -> str:
    """Give the whole prompt, and after it what an agent has to know that begins anew in the middle."""
    if not words:
        return prompt
    heading = "Work on this was begun before, by an agent whose memory of it is lost. To go on, know this:"
    return f"{prompt}\n\n{heading}\n\n{words}"
