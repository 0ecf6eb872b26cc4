"""Events: what an event log holds, a line each. What it leaves out: the files (`log.py`)."""

from collections.abc import Mapping
from enum import StrEnum

import attrs


class EventKind(StrEnum):
    """What an event is about. Readers ignore kinds that they do not know."""

    RUN = "run"
    """The first line of a log: `run`, `order`, `queuedAt`, `attempt`, `retryOf`: what a lost store is rebuilt
    from."""
    STATE = "state"
    """`state`, `phase`, `reason`, `summary`."""
    TEXT = "text"
    """`text`: what the agent says."""
    THINKING = "thinking"
    """`text`."""
    TOOL = "tool"
    """`call`, `tool`, `title`, `data`."""
    TOOL_RESULT = "tool_result"
    """`call`, `ok`, `text`."""
    GATE = "gate"
    GIT = "git"
    """`text`, and what it is about: `branch`, `commits`, `diffstat`, `leftovers`."""
    COST = "cost"
    """`usd` (or null), `input_tokens`, `output_tokens`: so far."""
    QUESTION = "question"
    """`text`, `ask` (see `asking.Ask`): the agent waits for a person."""
    ANSWER = "answer"
    """`text`, `ask` (the id), `by`: `person`, or `standing` for what they had said before."""
    MESSAGE = "message"
    """`text`: what a person told the agent."""
    NOTE = "note"
    """`text`: something a person should know."""
    ERROR = "error"
    """`text`, `code`, `detail`."""


@attrs.frozen
class Event:
    """One line of an event log."""

    seq: int
    """From 1, without gaps."""
    at: float
    """Seconds since the epoch."""
    kind: str
    """An EventKind, or one that a newer version wrote."""
    data: Mapping[str, object]
    """The other fields of the line."""
