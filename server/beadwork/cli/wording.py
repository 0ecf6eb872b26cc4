"""Times, sums and states as a person says them."""

import datetime

from beadwork.executions import BRANCH, CHANGES, HERE, Verb
from beadwork.workflows import RunView

_MINUTE, _HOUR, _DAY = 60, 3600, 86400

STATE_STYLES = {
    "queued": "cyan",
    "running": "cyan",
    "needs_input": "yellow",
    "paused": "yellow",
    "completed": "green",
    "failed": "red",
    "timeout": "red",
    "cancelled": "yellow",
    "blocked": "yellow",
}
"""Colours of the states of a run; a state that is not here has none."""

SHORT = 8
"""Characters of a run's id that are enough to name it by."""

_AT_HAND = {
    BRANCH: "the branch that is checked out",
    CHANGES: "what is not committed",
    HERE: "your working tree",
}
_DEEDS = {"work": "work on", "review": "review of", "gates": "gates of"}
_STATE_WORDS = {"needs_input": "needs input", "timeout": "timed out"}
_BY_AGENT = frozenset(verb for verb in Verb if verb.by_agent)
_INTENT_WORDS = {"cancel": "being cancelled", "pause": "being paused"}


def duration(seconds: float) -> str:
    """Give a length of time: `0.4 s`, `12 s`, `3 min 04 s`, `2 h 05 min`, `3 days`."""
    if seconds < 10:  # noqa: PLR2004  (below it tenths tell something)
        return f"{max(seconds, 0):.1f} s"
    if seconds < _MINUTE:
        return f"{seconds:.0f} s"
    if seconds < _HOUR:
        return f"{int(seconds // _MINUTE)} min {int(seconds % _MINUTE):02d} s"
    if seconds < _DAY:
        return f"{int(seconds // _HOUR)} h {int(seconds % _HOUR // _MINUTE):02d} min"
    days = int(seconds // _DAY)
    return f"{days} day{'s' if days > 1 else ''}"


def ago(moment: str, now: datetime.datetime) -> str:
    """Give how long before `now` an RFC 3339 time was; what is no such time stays as it is."""
    when = _parsed(moment)
    if when is None:
        return moment
    seconds = (now - when).total_seconds()
    if seconds < 5:  # noqa: PLR2004  (nobody wants "3.2 s ago")
        return "just now"
    if seconds < _MINUTE:
        return f"{seconds:.0f} s ago"
    if seconds < _HOUR:
        return f"{int(seconds // _MINUTE)} min ago"
    if seconds < _DAY:
        return f"{int(seconds // _HOUR)} h ago"
    return f"{duration(seconds)} ago"


def clock(moment: str, now: datetime.datetime) -> str:
    """Give an RFC 3339 time as a clock on the wall shows it here; with its day when that is not today's."""
    when = _parsed(moment)
    if when is None:
        return moment
    here = when.astimezone()
    return here.strftime("%H:%M" if here.date() == now.astimezone().date() else "%Y-%m-%d %H:%M")


def time_of_day(now: datetime.datetime) -> str:
    """Give the time as a clock on the wall shows it here, with its seconds."""
    return now.astimezone().strftime("%H:%M:%S")


def took(run: RunView, now: datetime.datetime) -> str:
    """Give how long a run took, or has been going on; empty when it has not begun."""
    begun = _parsed(run.started_at or "")
    if begun is None:
        return ""
    since = ((_parsed(run.ended_at or "") or now) - begun).total_seconds()
    # A run that rested began anew after it; what it used before (or in all, once it has ended) is kept apart.
    return duration(run.used_seconds + since if run.ended_at is None else max(run.used_seconds, since))


def state(run: RunView, now: datetime.datetime | None = None) -> str:
    """Give the state of a run, and what it is at: `running: agent`, `queued until 12:03`, `being paused`."""
    words = _STATE_WORDS.get(run.state, run.state)
    if run.intent is not None and run.ended_at is None:
        return _INTENT_WORDS.get(run.intent, "being ended")
    if run.state == "running" and run.phase:
        return f"{words}: {run.phase}"
    until = due(run, now or present())
    return f"{words} until {until}" if until else words


def due(run: RunView, now: datetime.datetime) -> str:
    """Give when a queued run may begin at the earliest, `12:03`; empty when that is at once."""
    when = _parsed(run.not_before or "")
    return clock(run.not_before or "", now) if run.state == "queued" and when and when > now else ""


def wanted(run: RunView) -> str:
    """Give the command that a run waits for, if it waits for a person: `beadwork answer 1a2b3c4d`."""
    match run.state:
        case _ if run.intent is not None and run.ended_at is None:
            return ""
        case "needs_input":
            return f"beadwork answer {short(run)}"
        case "paused":
            return f"beadwork resume {short(run)}"
        case _:
            return ""


def attempt(run: RunView) -> str:
    """Give which try it is, and whether there is a later one; empty for the first and only."""
    parts = [f"attempt {run.attempt}"] if run.attempt > 1 else []
    if run.retried_by:
        parts.append(f"retried by {run.retried_by[:SHORT]}")
    return ", ".join(parts)


def dollars(amount: float) -> str:
    """Give a sum of money: `$1.20`."""
    return f"${amount:,.2f}"


def short(run: RunView) -> str:
    """Give the beginning of a run's id, enough to name it by."""
    return run.id[:SHORT]


def subject(name: str) -> str:
    """Give what a run or a review is about: a bead's id, or what stands for none in words."""
    return _AT_HAND.get(name, name)


def verb(run: RunView) -> str:
    """Give what a run does to its bead, where that is not what most do: `review`."""
    return "" if run.verb == "work" else run.verb


def deed(run: RunView) -> str:
    """Give what a run does, to be read before its bead: `work on`, `review of`, `close`."""
    return _DEEDS.get(run.verb, run.verb)


def by_agent(run: RunView) -> bool:
    """Whether an agent does it, and not Beadwork itself."""
    return run.verb in _BY_AGENT


def title(run: RunView) -> str:
    """Give the title of a run's bead; empty where there is none, for then `subject` has said it."""
    return "" if run.bead in _AT_HAND else run.title


def cost(run: RunView) -> str:
    """Give what a run cost; empty where the agent does not say."""
    tokens = run.input_tokens + run.output_tokens
    parts = [dollars(run.cost_usd)] if run.cost_usd is not None else []
    if tokens:
        parts.append(f"{tokens:,} tokens")
    return ", ".join(parts)


def count(number: int, word: str) -> str:
    """Give a number with its word: `1 bead`, `3 beads`."""
    return f"{number} {word}{'' if number == 1 else 's'}"


def present() -> datetime.datetime:
    """Give the present moment."""
    return datetime.datetime.now(datetime.UTC)


def _parsed(moment: str) -> datetime.datetime | None:
    try:
        when = datetime.datetime.fromisoformat(moment)
    except ValueError:
        return None
    return when if when.tzinfo else when.replace(tzinfo=datetime.UTC)
