"""What a run of work writes into its event log, and in which words. What it leaves out: when."""

from typing import assert_never

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
from beadwork.executions import EventKind, EventLog
from beadwork.workflows.verdict import sentence_of


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
