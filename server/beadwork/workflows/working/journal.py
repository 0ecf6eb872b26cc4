"""What a run of work writes into its event log, and in which words. What it leaves out: when."""

from typing import assert_never

import attrs

from beadwork.agents import (
    AgentEvent,
    Asked,
    Denied,
    Remark,
    Said,
    Spent,
    ToolCalled,
    ToolReturned,
    Withdrawn,
)
from beadwork.checkouts import Checkout, Evidence, Returned
from beadwork.errors import BeadworkError
from beadwork.executions import Ask, EventKind, EventLog, Message, MessageKind
from beadwork.workflows.working.verdict import sentence_of

_SHOWN = 200
"""Characters of a person's message that a note repeats."""


def log_agent_event(log: EventLog, event: AgentEvent) -> None:
    """Write down what the agent did."""
    match event:
        case Said(text, thinking):
            log.write(EventKind.THINKING if thinking else EventKind.TEXT, text=text)
        case ToolCalled(call, tool, title, data):
            log.write(EventKind.TOOL, call=call, tool=tool, title=title, data=data)
        case ToolReturned(call, ok, text):
            log.write(EventKind.TOOL_RESULT, call=call, ok=ok, text=text)
        case Denied(tool, title, reason):
            log.write(EventKind.ERROR, code="denied", text=f"Denied: {tool} {title}".strip(), detail=reason)
        case Asked() | Withdrawn():
            pass  # who puts it to a person writes it down
        case Spent(usd, input_tokens, output_tokens):
            log.write(EventKind.COST, usd=usd, inputTokens=input_tokens, outputTokens=output_tokens)
        case Remark(text, True):
            log.write(EventKind.ERROR, code="agent", text=text, detail="")
        case Remark(text):
            log.write(EventKind.NOTE, text=text)
        case _:
            assert_never(event)


def log_question(log: EventLog, ask: Ask) -> None:
    """Write down what the agent asks."""
    log.write(EventKind.QUESTION, text=ask.text, ask=attrs.asdict(ask))


def log_answer(log: EventLog, ask: Ask, text: str, *, by: str) -> None:
    """Write down the answer; `by` is `person`, or `standing` for what they had said before."""
    log.write(EventKind.ANSWER, text=text, ask=ask.id, by=by)


def log_message(log: EventLog, text: str) -> None:
    """Write down what a person told the agent."""
    log.write(EventKind.MESSAGE, text=text)


def log_undelivered(log: EventLog, message: Message, why: str) -> None:
    """Write down what a person said that the agent did not get to hear."""
    what = "An answer" if message.kind is MessageKind.ANSWER else "A message"
    log.write(EventKind.NOTE, text=f"{what} was not delivered: {shortened(message)} {why}")


def shortened(message: Message) -> str:
    """Give a person's words in quotes, cut where they are long."""
    words = " / ".join(message.texts)
    return f"“{words[:_SHOWN]}{'…' if len(words) > _SHOWN else ''}”."


def log_evidence(log: EventLog, checkout: Checkout, evidence: Evidence) -> None:
    """Write down what is there after the agent."""
    number = len(evidence.commits)
    log.write(
        EventKind.GIT,
        text=f"{number} new commit{'' if number == 1 else 's'} on {checkout.branch}.",
        branch=checkout.branch,
        commits=[{"sha": commit.sha, "subject": commit.subject} for commit in evidence.commits],
        leftovers=list(evidence.leftovers),
        diffstat=evidence.diffstat,
    )
    for note in evidence.notes:
        log.write(EventKind.NOTE, text=note)


def log_returned(log: EventLog, returned: Returned) -> None:
    """Write down that the branch is back."""
    text = f"{returned.branch} is in your repository at {returned.head[:10]}."
    log.write(EventKind.GIT, text=text, branch=returned.branch, head=returned.head)


def log_error(log: EventLog, error: BeadworkError | OSError) -> None:
    """Write down what went wrong on our side."""
    detail = error.detail if isinstance(error, BeadworkError) else ""
    code = error.code if isinstance(error, BeadworkError) else "storage"
    log.write(EventKind.ERROR, code=code, text=sentence_of(error), detail=detail)
