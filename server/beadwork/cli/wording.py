"""Times, sums and states as a person says them."""

import datetime

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

_STATE_WORDS = {"needs_input": "needs input", "timeout": "timed out"}


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


def took(run: RunView, now: datetime.datetime) -> str:
    """Give how long a run took, or has been going on; empty when it has not begun."""
    begun = _parsed(run.started_at or "")
    if begun is None:
        return ""
    return duration(((_parsed(run.ended_at or "") or now) - begun).total_seconds())


def state(run: RunView) -> str:
    """Give the state of a run, and what it is at: `running: agent`, `queued`, `being cancelled`."""
    words = _STATE_WORDS.get(run.state, run.state)
    if run.intent is not None and run.ended_at is None:
        return "being cancelled" if run.intent == "cancel" else "being ended"
    if run.state == "running" and run.phase:
        return f"{words}: {run.phase}"
    return words


def short(run: RunView) -> str:
    """Give the beginning of a run's id, enough to name it by."""
    return run.id[:8]


def cost(run: RunView) -> str:
    """Give what a run cost; empty where the agent does not say."""
    tokens = run.input_tokens + run.output_tokens
    parts = [f"${run.cost_usd:.2f}"] if run.cost_usd is not None else []
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
