"""The wall clock of a run: the seconds it has used, which stand still while nobody works.

What it leaves out: what happens when they are over (`watch.py`).
"""

from collections.abc import Callable


class WallClock:
    """Counts the seconds of a run from when it is made; stands still while it is held.

    `now` gives the seconds of a clock that rests while the machine sleeps, as the loop's does on Linux
    (CLOCK_MONOTONIC) and macOS: a laptop that was shut for the night let no agent work, so a run is not over
    in the morning for that night.
    """

    def __init__(self, now: Callable[[], float], used: float = 0.0) -> None:
        """Begin with the `used` seconds of earlier stretches."""
        self._now = now
        self._used = used
        self._since: float | None = now()

    @property
    def used(self) -> float:
        """The seconds used in all; never fewer than at an earlier look."""
        if self._since is None:
            return self._used
        return self._used + max(0.0, self._now() - self._since)

    @property
    def held(self) -> bool:
        """Whether it stands still."""
        return self._since is None

    def hold(self) -> None:
        """Stand still until `go_on`; a second call does nothing."""
        self._used = self.used
        self._since = None

    def go_on(self) -> None:
        """Count again; does nothing when it does so already."""
        if self._since is None:
            self._since = self._now()
