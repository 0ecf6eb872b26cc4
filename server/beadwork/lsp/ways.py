"""What a person can do about a refusal: the ways on, each a thing that is asked for again in other words.

A way may be refused in turn, and has ways of its own for that. What it leaves out: showing them
(`refusals.py`), and which ways a command has (its answers).
"""

from collections.abc import Awaitable, Callable, Sequence

import attrs

from beadwork.workflows import Refused, RunView

ANYWAY = "Work anyway"

Step = Callable[[], Awaitable[RunView | Refused]]
"""Asks for something. May raise BeadworkError."""
Ways = Callable[[Refused], Sequence["Way"]]
"""Gives what can be done about a refusal, which may be nothing."""


@attrs.frozen
class Way:
    """One thing that can be done."""

    title: str
    """As an action says it."""
    step: Step
    ways: Ways
    """What can be done when this is refused, at once or at the end of its run."""


def no_ways(_: Refused) -> Sequence[Way]:
    """Nothing can be done."""
    return ()


def anyway(title: str, step: Step) -> Ways:
    """Where it can be forced, `step` does it all the same."""
    return lambda refused: (Way(title, step, no_ways),) if refused.can_force else ()
