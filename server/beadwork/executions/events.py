"""Events: what an event log holds, a line each. What it leaves out: the files (`log.py`)."""

from collections.abc import Mapping
from enum import StrEnum

import attrs


class EventKind(StrEnum):
    """What an event is about. Readers ignore kinds that they do not know."""

    RUN = "run"
    """What a lost store is rebuilt from. The first line of a log, and again when it goes on: `run`, `order`,
    `queuedAt`, `startedAt`, `attempt`, `retryOf`, `resumed`, `worker`; others only tell what is new of it."""
    STATE = "state"
    """`state`, `phase`; the last one of a stretch also `reason`, `summary`, `told`, `used`, `blockedBy`."""
    TEXT = "text"
    """`text`: what the agent says."""
    THINKING = "thinking"
    """`text`."""
    TOOL = "tool"
    """`call`, `tool`, `title`, `data`."""
    TOOL_RESULT = "tool_result"
    """`call`, `ok`, `text`."""
    GATE = "gate"
    """`gate` (its name), and either `text`: some of what it says, or `state`: `started` or how it ended;
    then also `code`, `seconds`, `tail`, `output` (the file with all of it), `hint`, `known`, `text`."""
    GIT = "git"
    """`text`, and what it is about: `branch`, `commits`, `diffstat`, `leftovers`."""
    COST = "cost"
    """`usd` (or null), `inputTokens`, `outputTokens`: so far."""
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
