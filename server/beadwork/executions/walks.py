"""A walk: *work on all that is ready*, going on by itself until it is done, stopped, or told to stop.

What it leaves out: which beads are ready, and queueing them (`workflows/queueing/walking.py`).
"""

import attrs


@attrs.frozen
class Walk:
    """One walk through the ready beads of a project."""

    id: str
    """A uuid."""
    project: str
    """Absolute path of the workspace folder."""
    begun_at: float
    """Seconds since the epoch."""
    limit: int = 0
    """Runs that it may queue in all; 0 for any number."""
    failures: int = 3
    """Runs that may fail before it stops by itself."""
    cost_usd: float = 0.0
    """What its runs may cost in all; 0 for any."""
    asked: str = "{}"
    """What was asked for (agent, runner, script, the editor's settings), as JSON of the workflows'."""
    ended_at: float | None = None
    """None while it goes on."""
    why: str = ""
    """In a sentence, why it ended."""
