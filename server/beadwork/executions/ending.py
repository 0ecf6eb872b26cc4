"""How an end is told: the sentence for an intent, and the closing event of a log.

What it leaves out: making it end (`worker.py`, `stopping.py`, `recovery.py`).
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs

from beadwork.executions.events import Event, EventKind
from beadwork.executions.log import EventLog
from beadwork.executions.model import Execution, Intent, Reason, State
from beadwork.executions.store import Again


@attrs.frozen
class Conclusion:
    """How a run ended."""

    state: State
    reason: Reason
    summary: str
    """For a person: what came of it, in a sentence or two."""
    fields: Mapping[str, object] = attrs.field(factory=dict)
    """What else is to be written to the execution: head, branch, cost_usd …"""
    again: Again | None = None
    """The next attempt, where what went wrong usually passes."""


def conclusion_of_intent(intent: Intent | None) -> Conclusion:
    """Give the end of a run that was stopped; without an intent it was a bare signal."""
    match intent:
        case Intent.CANCEL:
            return Conclusion(State.CANCELLED, Reason.CANCELLED, "Cancelled.")
        case Intent.TIMEOUT:
            return Conclusion(State.TIMEOUT, Reason.TIMEOUT, "Ended because its time was over.")
        case Intent.SILENCE:
            words = "Ended because nothing was heard of its agent for too long."
            return Conclusion(State.TIMEOUT, Reason.SILENT, words)
        case Intent.PAUSE:
            return Conclusion(State.PAUSED, Reason.PAUSED, "Paused.")
        case None:
            words = "Interrupted: its worker was told to end, as when the machine goes down."
            return Conclusion(State.FAILED, Reason.INTERRUPTED, words)


def conclusion_of_log(events: Sequence[Event], *, resumed: int) -> Conclusion | None:
    """Give the end that the last of `events` tells, if it is a closing event: nothing follows one.

    A log that goes on after a rest holds the closing events of earlier stretches. The end of a run that was
    `resumed` so often stands behind the header that says so; times would not tell, for clocks are set back.
    """
    if not events or events[-1].kind != EventKind.STATE:
        return None
    headers = [event for event in events if event.kind == EventKind.RUN and "resumed" in event.data]
    if resumed and (not headers or headers[-1].data["resumed"] != resumed):
        return None
    data = events[-1].data
    try:
        state, reason = State(str(data.get("state"))), Reason(str(data.get("reason")))
    except ValueError:
        return None
    return Conclusion(state, reason, str(data.get("summary", "")))


def write_closing_event(log: EventLog, conclusion: Conclusion, *, used: float | None = None) -> None:
    """Write the last event of a log: a reader that sees the final state must find the log complete.

    `used` are the seconds of wall clock, where they are known.
    """
    log.write(
        EventKind.STATE,
        state=conclusion.state.value,
        phase=None,
        reason=conclusion.reason.value,
        summary=conclusion.summary,
        told=conclusion.fields.get("told") is True,
        blockedBy=conclusion.fields.get("blocked_by", ""),
        **({} if used is None else {"used": used}),
    )


def close_log_of(run: Execution) -> None:
    """Write the closing event of an execution that was ended while it rested: no worker was there to do it.

    Raises LogError.
    """
    if run.reason is None:
        raise AssertionError("an execution that has ended has a reason")
    log = EventLog.open(Path(run.log))
    try:
        write_closing_event(log, Conclusion(run.state, run.reason, run.summary), used=run.used)
    finally:
        log.close()
