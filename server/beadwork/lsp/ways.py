"""What a person can do about a refusal: the ways on, each a thing that is asked for again in other words.

A way may be refused in turn, and has ways of its own for that. What it leaves out: showing them
(`refusals.py`), and which ways a command has (its answers).
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence

import attrs

from beadwork.workflows import Obstacle, RefusalCode, Refused, RunView

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


def refused_in(run: RunView) -> Refused | None:
    """Give why `run` came to nothing, if something stood in its way."""
    match run.results.get("refused"):
        case {"code": str(code), "message": str(message), **rest} if code in set(RefusalCode):
            return Refused(
                RefusalCode(code),
                message,
                _strings(rest.get("blockedBy")),
                rest.get("canForce") is True,
                _obstacles(rest.get("obstacles")),
            )
        case _:
            return None


def _obstacles(given: object) -> tuple[Obstacle, ...]:
    return tuple(
        Obstacle(
            RefusalCode(each["code"]),
            str(each.get("message", "")),
            str(each.get("output", "")),
            str(each.get("file", "")),
            *(_strings(each.get(name)) for name in ("paths", "beads", "findings")),
        )
        for each in (given if isinstance(given, list | tuple) else ())
        if isinstance(each, Mapping) and str(each.get("code")) in set(RefusalCode)
    )


def _strings(given: object) -> tuple[str, ...]:
    return tuple(map(str, given)) if isinstance(given, list | tuple) else ()
