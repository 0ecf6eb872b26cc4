"""What was landed of a bead's branch, as its runs say it; a squash cannot be seen in git alone.

What it leaves out: what git says itself (`checkouts/bases.py`).
"""

from collections.abc import Mapping

from beadwork.executions import Execution, State, Verb
from beadwork.workflows.house import House


def landed_head(house: House, project: str, bead: str) -> str:
    """Give the head of a bead's branch that was landed last; empty when none was. Raises StoreError."""
    run = _last(house, project, bead)
    return run.head if run else ""


def landed_commit(house: House, project: str, bead: str) -> str:
    """Give the commit that its base became when a bead's branch was landed last; empty when it was not."""
    run = _last(house, project, bead)
    told = run.results.get("land") if run else None
    return str(told.get("commit", "")) if isinstance(told, Mapping) else ""


def _last(house: House, project: str, bead: str) -> Execution | None:
    """Give the newest run that moved the base; one whose push was refused did that too."""
    ended = frozenset({State.COMPLETED, State.FAILED})
    runs = house.store.list(project=project, bead=bead, states=ended, limit=1000)
    landings = (run for run in runs if run.order.verb is Verb.LAND)
    return next((run for run in landings if "land" in run.results), None)
