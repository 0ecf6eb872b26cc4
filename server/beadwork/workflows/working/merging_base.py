"""Work that brings a branch's base into it: what the agent is told to merge, and whether it did.

The base is looked up once, when the run begins: it may go on meanwhile, which the next landing sees to.
What it leaves out: gates, and whether the branch lands.
"""

from collections.abc import Mapping

import attrs

from beadwork.checkouts import Checkout, CheckoutError, conflict_marks, conflicts_of, contains, target_of
from beadwork.executions import Assignment
from beadwork.workflows.working.bench import Bench

_SHOWN = 5


@attrs.frozen
class BaseToMerge:
    """What is to be brought into the branch; a run has it as `results.resolve`."""

    base: str
    """The commit."""
    ref: str
    """What a person calls it: `main`, `origin/main`."""
    branch: str
    """The commit of the branch that it is merged with, for telling what was there before."""
    paths: tuple[str, ...]
    """The files in which git finds conflicts."""

    @classmethod
    def of(cls, results: Mapping[str, object]) -> "BaseToMerge | None":
        """Read it from what a run gave, if it did."""
        told = results.get("resolve")
        if not isinstance(told, Mapping):
            return None
        paths = told.get("paths", ())
        return cls(
            str(told.get("base", "")),
            str(told.get("ref", "")),
            str(told.get("branch", "")),
            tuple(str(path) for path in paths) if isinstance(paths, list | tuple) else (),
        )


async def base_to_merge(assignment: Assignment, bench: Bench) -> BaseToMerge:
    """Give what this run is to merge: after a rest what it was before. Raises CheckoutError."""
    run = assignment.run
    if (known := BaseToMerge.of(run.results)) is not None:
        return known
    target = await target_of(
        run.order.workspace,
        run.order.bead,
        base=bench.settings.base,
        remote=bench.settings.publish_remote,
    )
    if target is None:
        raise CheckoutError(f"The branch of {run.order.bead} is gone, so nothing can be brought into it.")
    paths = await conflicts_of(bench.state, run.order.workspace, target)
    before = BaseToMerge.of(assignment.store.get(run.retry_of).results) if run.retry_of else None
    found = BaseToMerge(
        target.onto,
        target.onto_ref,
        before.branch if before else target.head,
        tuple(dict.fromkeys([*paths, *(before.paths if before else ())])),
    )
    assignment.give(resolve=attrs.asdict(found))
    return found


def told_to_merge(checkout: Checkout, base: BaseToMerge) -> Checkout:
    """Give the checkout as its agent is told of it: what to merge, and where that conflicts."""
    ref = base.ref if base.ref.startswith("origin/") else f"local/{base.ref}"
    where = f"Conflicts are in {', '.join(base.paths)}." if base.paths else "Git itself finds no conflict."
    note = f"To be merged: commit {base.base}, which is {ref} in this checkout. {where}"
    return attrs.evolve(checkout, start=base.base, base_ref=base.ref, notes=(note, *checkout.notes))


async def what_is_missing(assignment: Assignment, head: str) -> str:
    """Say what is missing for the base to be in `head`, which is in the user's repository; else nothing.

    Raises CheckoutError.
    """
    base = BaseToMerge.of(assignment.run.results)
    if base is None:
        return "It is not known what was to be merged."
    project = assignment.run.order.workspace
    if not await contains(project, head, base.base):
        return f"The branch does not contain {base.ref} ({base.base[:10]}), which was to be merged."
    left = await conflict_marks(project, head, base.paths)
    sides = [await conflict_marks(project, commit, base.paths) for commit in (base.branch, base.base)]
    marked = [path for path in left if left[path].difference(*(side.get(path, ()) for side in sides))]
    if not marked:
        return ""
    more = f" and {len(marked) - _SHOWN} more" if len(marked) > _SHOWN else ""
    return f"Conflict marks are left in {', '.join(marked[:_SHOWN])}{more}."
