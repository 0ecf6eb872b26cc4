"""What stands in the way of a landing, as data. Pure: no file, no process.

What it leaves out: finding it out (`ordering_land.py` before, `land.py` in its course).
"""

from collections.abc import Sequence

from beadwork.checkouts import BranchInUse, CheckoutError, How, Target
from beadwork.workflows.views import Obstacle, RefusalCode, Refused

_SHOWN = 5
_FORCED = frozenset({RefusalCode.GATES_FAILED, RefusalCode.TREE_IN_USE})


def obstacles_of(target: Target, *, update_tree: bool) -> tuple[Obstacle, ...]:
    """Say what of the repository is in the way of landing on `target`."""
    found = []
    if target.diverged:
        found.append(
            Obstacle(
                RefusalCode.BASE_DIVERGED,
                f"{target.base} went different ways here and at the remote: bring them together first, "
                f"with `git pull` on {target.base}.",
            )
        )
    if target.dirty:
        found.append(_dirty(target))
    elif target.trees and not update_tree:
        where = " and ".join(str(tree.top) for tree in target.trees)
        words = f"{target.base} is checked out in {where}: landing changes the files there too."
        found.append(Obstacle(RefusalCode.TREE_IN_USE, words))
    return tuple(found)


def conflict(target: Target, paths: Sequence[str], bead: str) -> Obstacle:
    """Say which files conflict, and what can be done."""
    words = (
        f"{target.branch} and {target.onto_ref} change the same lines of {listed(paths)}: "
        f"`beadwork resolve {bead}` lets an agent bring them together."
    )
    return Obstacle(RefusalCode.CONFLICT, words, paths=tuple(paths))


def lying_in_the_way(target: Target, paths: Sequence[str]) -> Obstacle:
    """Say which files of the user's would be overwritten."""
    where = " and ".join(str(tree.top) for tree in target.trees)
    words = f"{listed(paths)} in {where} would be overwritten: commit, move or remove what is there."
    return Obstacle(RefusalCode.TREE_DIRTY, words, paths=tuple(paths))


def refused(obstacles: Sequence[Obstacle]) -> Refused:
    """Give all that stands in the way as one refusal."""
    return Refused(
        obstacles[0].code,
        " ".join(each.message for each in obstacles),
        can_force=all(each.code in _FORCED for each in obstacles),
        obstacles=tuple(obstacles),
    )


def require_possible(target: Target, how: How) -> None:
    """Raise CheckoutError for what no answer of a person's could overrule, and no data says better."""
    if not target.related:
        raise CheckoutError(
            f"{target.branch} and {target.onto_ref} have no commit in common, so neither can be brought into "
            "the other. In a shallow clone, `git fetch --unshallow` may bring one."
        )
    if len(target.trees) > 1:
        where = " and ".join(str(tree.top) for tree in target.trees)
        raise BranchInUse(f"{target.base} is checked out twice, in {where}: switch one to another branch.")
    if busy := next((tree for tree in target.trees if tree.busy), None):
        raise BranchInUse(f"{target.base} is in the middle of {busy.busy} in {busy.top}: end that first.")
    if target.branch_trees and target.behind and how is How.FAST_FORWARD:
        raise BranchInUse(
            f"{target.branch} is checked out in {target.branch_trees[0]}, so {target.onto_ref} cannot be "
            "brought into it: switch to another branch there, or land it with a merge."
        )


def listed(paths: Sequence[str]) -> str:
    """Name some files."""
    more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
    return ", ".join(paths[:_SHOWN]) + more


def _dirty(target: Target) -> Obstacle:
    where = " and ".join(str(tree.top) for tree in target.trees)
    words = f"{target.base} is checked out in {where}, where {listed(target.dirty)} is not committed."
    return Obstacle(RefusalCode.TREE_DIRTY, f"{words} Commit or stash it first.", paths=target.dirty)
