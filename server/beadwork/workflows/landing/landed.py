"""What was landed of a bead's branch, as its runs say it; a squash cannot be seen in git alone.

What it leaves out: what git says itself (`checkouts/bases.py`).
"""

from collections.abc import Mapping

from beadwork.checkouts import How, Merged
from beadwork.executions import FINAL, Assignment, Execution, Verb
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


def note_landed(
    assignment: Assignment, merged: Merged, commit: str, *, pushed: bool, pull_request: str
) -> None:
    """Let the run have what was landed."""
    target = merged.target
    ours = not pull_request and merged.moves_branch
    assignment.note(head=commit if ours else target.head)
    how = merged.how if not pull_request or merged.how is How.SQUASH else How.MERGE
    assignment.give(
        land={
            "how": how.value,
            "base": target.base,
            "commit": commit,
            "pushed": pushed,
            "pullRequest": pull_request,
        }
    )


def _last(house: House, project: str, bead: str) -> Execution | None:
    """Give the newest run that moved the base; one whose push was refused, or that was stopped, may have."""
    runs = house.store.list(project=project, bead=bead, states=FINAL, limit=1000)
    landings = (run for run in runs if run.order.verb is Verb.LAND)
    return next((run for run in landings if "land" in run.results), None)
