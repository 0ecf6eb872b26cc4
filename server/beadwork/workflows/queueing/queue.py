"""The queue as a person sees it: what runs, what waits, and what holds it.

What it leaves out: taking walks further (`walking.py`).
"""

from collections.abc import Sequence

from beadwork.executions import Execution, IllegalTransition, State
from beadwork.workflows.house import House
from beadwork.workflows.queueing.views import QueueView
from beadwork.workflows.queueing.walking import walk_view
from beadwork.workflows.showing import run_view
from beadwork.workflows.views import RefusalCode, Refused


def queue_view(house: House) -> QueueView:
    """Show what runs and what waits, over all projects. Raises SettingsError, StoreError."""
    serving = house.queue()
    live = house.store.live()
    queued = house.store.queue(by_priority=serving.by_priority)
    return QueueView(
        running=tuple(run_view(run, house.state) for run in live),
        queued=tuple(run_view(run, house.state) for run in queued),
        slots=serving.slots,
        held=_held(house) if _for_agents(queued) and len(_for_agents(live)) < serving.slots else "",
        walks=tuple(walk_view(house, walk) for walk in house.store.walks.going()),
    )


def move_first(house: House, run: str) -> Execution | Refused:
    """Put a queued run before all others, to begin as soon as a slot is free. Raises ExecutionNotFound."""
    found = house.store.find(run)
    if found.state is State.QUEUED:
        try:
            return house.store.move_first(found.id)
        except IllegalTransition:  # it was begun or cancelled since we looked
            found = house.store.get(found.id)
    words = f"Run {found.id[:8]} of {found.order.bead} is {found.state}, not queued."
    return Refused(RefusalCode.NOT_QUEUED, words)


def _for_agents(runs: Sequence[Execution]) -> Sequence[Execution]:
    """Give those that take slots and cost money: nothing holds the others."""
    return [run for run in runs if run.order.verb.by_agent]


def _held(house: House) -> str:
    serving = house.queue()
    if not serving.budget_usd:
        return ""
    spent = house.store.spent(serving.budget_since)
    if spent < serving.budget_usd:
        return ""
    return (
        f"The budget of the day is spent: runs cost ${spent:.2f} today, and ${serving.budget_usd:.2f} "
        "is `day_budget`. The queue goes on tomorrow, or when you raise it."
    )
