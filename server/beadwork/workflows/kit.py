"""What a worker has at hand for a run that needs no agent: gates, publish, land, close.

What it leaves out: the steps that use it (`gating/`, `publishing/`, `landing/`, `closing/`).
"""

from collections.abc import Coroutine, Mapping
from typing import Any, TypeVar

import attrs

from beadwork.beads import Tracker
from beadwork.errors import BeadworkError
from beadwork.executions import (
    Assignment,
    Conclusion,
    Order,
    Reason,
    State,
    Stopped,
    conclusion_of_intent,
)
from beadwork.settings import Settings
from beadwork.workflows.house import House
from beadwork.workflows.views import Refused, as_json
from beadwork.workflows.working.journal import log_error
from beadwork.workflows.working.telling_agent import Desk
from beadwork.workflows.working.verdict import conclusion_of

T = TypeVar("T")


@attrs.frozen
class Kit:
    """What a worker has at hand for one errand."""

    house: House
    """With the settings of the editor that asked."""
    settings: Settings
    tracker: Tracker
    actor: str
    """Who closes beads and signs comments."""
    desk: Desk
    """What it takes to look at the project."""

    @property
    def environment(self) -> Mapping[str, str]:
        """The user's own environment: their git and their gh run in it."""
        return self.house.environment


async def kit_for(house: House, order: Order) -> Kit:
    """Lay out what a worker needs for an order without an agent. Raises BeadworkError."""
    settings = house.settings_for(order.workspace).settings
    tracker = await house.open_tracker(order.workspace)
    actor = await house.actor(order.workspace)
    return Kit(house, settings, tracker, actor, house.desk_for(order.workspace, settings, tracker))


async def see_through(assignment: Assignment, steps: Coroutine[Any, Any, T]) -> T | Conclusion:
    """Take the steps of an errand, and say how it ended, also when it was stopped or something went wrong.

    Steps that come to no end, but to what the last of them needs, give that. Raises StoreError, LogError.
    """
    ended: T | Conclusion
    try:
        ended = await assignment.unless_stopped(steps)
    except Stopped as stopped:
        ended = conclusion_of_intent(stopped.intent)
    except (BeadworkError, OSError) as error:
        log_error(assignment.log, error)
        ended = conclusion_of(error)
    if not isinstance(ended, Conclusion):
        return ended
    return attrs.evolve(ended, fields={"told": True, **ended.fields})


def turned_down(assignment: Assignment, reason: Reason, refused: Refused) -> Conclusion:
    """Give the end of an errand that something stood in the way of, which its run then has as data."""
    assignment.give(refused=as_json(refused))
    return Conclusion(State.FAILED, reason, refused.message)
