"""The silence of an agent: how long it lasts, and whether that is worth a word, or too long.

What it leaves out: saying it, and ending the run (`watch.py`).
"""

from collections.abc import Callable

import attrs


@attrs.frozen
class Signs:
    """What tells whether an agent is there; all in seconds of the loop's clock."""

    heard_at: Callable[[], float]
    """When the last sign of it came."""
    limit: Callable[[], float]
    """How long it may be silent now: a tool that runs has its own limit."""
    warn_after: float
    """After how long a silence is worth a word."""


class Silence:
    """Measures the silences of one agent, one after the other."""

    def __init__(self, signs: Signs, now: float) -> None:
        """Listen to `signs` from `now` on."""
        self._signs = signs
        self._excused = now
        self._warned_of: float | None = None

    def excuse(self, now: float) -> None:
        """Let all silence up to `now` count for nothing: it was not the agent's turn."""
        self._excused = now

    def lasts(self, now: float) -> float:
        """Give how long the present silence lasts."""
        return now - self._since()

    def too_long(self, now: float) -> bool:
        """Whether it lasts longer than the agent may be silent."""
        return self.lasts(now) > self._signs.limit()

    def worth_a_word(self, now: float) -> bool:
        """Whether somebody should be told of it; true once for each silence."""
        since = self._since()
        if self._warned_of == since or now - since <= self._signs.warn_after:
            return False
        self._warned_of = since
        return True

    def _since(self) -> float:
        return max(self._signs.heard_at(), self._excused)
