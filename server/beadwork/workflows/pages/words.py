"""Facts of beads and runs as words of a page. Pure."""

import datetime

from beadwork.workflows.views import RunView

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_PRIORITIES = {0: "critical", 1: "high", 2: "medium", 3: "low", 4: "backlog"}
_STATES = {"needs_input": "needs an answer", "timeout": "timed out"}
_INTENTS = {"cancel": "being cancelled", "pause": "being paused"}
_DEPENDS = {
    "blocks": "Waits for",
    "conditional-blocks": "Waits for, on a condition",
    "waits-for": "Waits for the children of",
    "discovered-from": "Found while at work on",
    "related": "Related to",
}
_DEPENDENTS = {
    "blocks": "Holds up",
    "conditional-blocks": "Holds up, on a condition",
    "waits-for": "Its children hold up",
    "discovered-from": "Led to",
    "related": "Related to",
}


def spaced(name: str) -> str:
    """Give a name as words: `in_progress` is `in progress`."""
    return name.replace("_", " ").replace("-", " ")


def priority(number: int) -> str:
    """Give a priority in number and word: `1 (high)`."""
    word = _PRIORITIES.get(number)
    return f"{number} ({word})" if word else str(number)


def count(number: int, word: str) -> str:
    """Give a number with its word: `1 comment`, `3 comments`."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def depends(kind: str) -> str:
    """Say how a bead depends on another."""
    return _DEPENDS.get(kind, spaced(kind).capitalize())


def dependent(kind: str) -> str:
    """Say how another bead depends on this one."""
    return _DEPENDENTS.get(kind, f"{spaced(kind).capitalize()}, from")


def state(run: RunView) -> str:
    """Give the state of a run, and what it is at: `running: agent`, `being paused`."""
    if run.intent is not None and run.ended_at is None:
        return _INTENTS.get(run.intent, "being ended")
    words = _STATES.get(run.state, run.state)
    return f"{words}: {run.phase}" if run.state == "running" and run.phase else words


def took(run: RunView) -> str:
    """Give how long a run took: `12 s`, `3 min`, `2 h 5 min`; empty while it goes on."""
    if run.started_at is None or run.ended_at is None:
        return ""
    began, ended = (datetime.datetime.fromisoformat(each) for each in (run.started_at, run.ended_at))
    # A run that rested began anew after it; what it used in all is kept apart.
    seconds = max(run.used_seconds, (ended - began).total_seconds())
    if seconds < _MINUTE:
        return f"{seconds:.0f} s"
    if seconds < _HOUR:
        return f"{int(seconds // _MINUTE)} min"
    return f"{int(seconds // _HOUR)} h {int(seconds % _HOUR // _MINUTE)} min"


def cost(run: RunView) -> str:
    """Give what a run cost; empty where its agent does not say."""
    return f"${run.cost_usd:,.2f}" if run.cost_usd is not None else ""
