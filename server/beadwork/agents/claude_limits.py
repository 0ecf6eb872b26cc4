"""How long Claude Code lets a command of its Bash tool run before it ends it, as its environment says.

The same rule as the program's own, so that a command is known to be silent within its limit. What it leaves
out: commands in the background, which return at once.
"""

from collections.abc import Mapping

import attrs


@attrs.frozen
class BashLimits:
    """The limits of one run, in seconds."""

    usual: float
    """For a command that names none."""
    most: float
    """For a command that names more."""

    def of(self, data: Mapping[str, object]) -> float | None:
        """Give the limit of a call with the input `data`; None when it runs in the background."""
        if data.get("run_in_background"):
            return None
        named = data.get("timeout")
        if isinstance(named, bool) or not isinstance(named, int | float) or not 0 < named < _BEYOND:
            return self.usual
        return min(float(named) / 1000, self.most)


_BEYOND = 1e15
"""Milliseconds above which a number is none."""
BASH_LIMITS = BashLimits(usual=120.0, most=600.0)
"""The program's own, where its environment says nothing."""


def limits_of(environment: Mapping[str, str]) -> BashLimits:
    """Give the limits that a program with this environment keeps to."""
    usual = _seconds(environment.get("BASH_DEFAULT_TIMEOUT_MS")) or BASH_LIMITS.usual
    most = _seconds(environment.get("BASH_MAX_TIMEOUT_MS")) or BASH_LIMITS.most
    return BashLimits(usual, max(usual, most))


def _seconds(milliseconds: str | None) -> float:
    try:
        return max(0, int(milliseconds or "0")) / 1000
    except ValueError:
        return 0.0
