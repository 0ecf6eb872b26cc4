"""Moving the base to what was merged: the write of a landing into the user's repository.

The objects come by a fetch that writes no ref at all. Then, where the base is checked out nowhere, its ref
moves in one transaction that holds it to the commit it was at; where it is, git's own fast-forward brings
files, index and ref along, after all of that was looked at. So a landing that is killed leaves the base as it
was or as it is to be, and if git itself is killed among the files, the next landing puts them back
(`half_moved.py`). What may be left beside that are objects that nothing names, which git's own tidying takes,
and our place, which the next landing does. What it leaves out: merging (`merging.py`), pushing.
"""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

from beadwork.checkouts.bases import Target
from beadwork.checkouts.git import LONG, Git, failure
from beadwork.checkouts.half_moved import Move, forget_move, is_half_moved, settle_move
from beadwork.checkouts.merging import Merged, landing_places, shadow_of
from beadwork.checkouts.model import BranchInUse, CheckoutError
from beadwork.checkouts.places import Places
from beadwork.checkouts.repository import HEADS, Repository
from beadwork.checkouts.shadow import FETCH
from beadwork.checkouts.trees import BaseTree, InTheWay, bring_along, in_danger, trees_of
from beadwork.state_folder import StateFolder

_NOTHING = "0" * 40
_PATIENCE = 30.0
"""Seconds to wait for who tidies up there."""


class BaseMoved(CheckoutError):  # noqa: N818
    """The base, or the branch, went on since it was looked at; nothing was changed."""

    code = "base-moved"


async def in_the_way(state: StateFolder, workspace: Path, merged: Merged) -> tuple[str, ...]:
    """Give the files of the user's that would be overwritten where the base is checked out.

    Raises CheckoutError.
    """
    ours = merged.commit not in {merged.target.head, merged.target.onto}
    git = shadow_of(state, workspace, merged.target).git if ours else Git.of_user(merged.target.repository)
    found = [await in_danger(tree, git, merged.commit) for tree in merged.target.trees]
    return tuple(path for paths in found for path in paths)


async def land_merged(
    state: StateFolder,
    workspace: Path,
    merged: Merged,
    *,
    update_tree: bool,
    environment: Mapping[str, str],
) -> None:
    """Move the base to what was merged, and with a fast-forward the bead's branch too.

    With `update_tree` a working tree of the user's in which the base is checked out goes along;
    `environment` is the user's own. Raises BaseMoved, BranchInUse, InTheWay, CheckoutError; the base is as
    it was then.
    """
    target = merged.target
    repository = await Repository.read(workspace)
    if merged.commit not in (target.head, target.onto):
        shadow = shadow_of(state, workspace, target)
        git_dir = str(shadow.places.shadow)
        await repository.git.bytes_of(*FETCH, "--no-prune", git_dir, shadow.ref, limit=LONG)
    checked_out = await trees_of(repository)
    trees = [tree for tree in checked_out if tree.branch == target.base]
    held = repository.refs.get(HEADS + target.base, ""), repository.refs.get(HEADS + target.branch, "")
    if held != (target.old, target.head):
        raise _moved(target)
    if merged.moves_branch:
        _refuse_branch(target, checked_out)
    if not trees:
        await _move(repository, merged, base=True)
        return
    if not update_tree or len(trees) > 1 or trees[0].busy:
        raise BranchInUse(
            f"The branch {target.base} is checked out in {' and '.join(str(tree.top) for tree in trees)}: "
            "switch to another branch there, then try again.",
        )
    places = landing_places(state, workspace)
    async with places.held(_PATIENCE):
        await _bring_along(places, trees[0], merged, environment)
    await _move(repository, merged, base=False)


def _refuse_branch(target: Target, checked_out: Sequence[BaseTree]) -> None:
    """Raise BranchInUse where the bead's branch was checked out meanwhile."""
    if tree := next((tree for tree in checked_out if tree.branch == target.branch), None):
        raise BranchInUse(
            f"The branch {target.branch}, which was to move too, is checked out in {tree.top}: "
            "switch to another branch there, then try again.",
        )


async def settle_landing(state: StateFolder, workspace: Path, *, patience: float = 30.0) -> None:
    """See to a working tree that a killed landing left half-way, if one did. Raises CheckoutError.

    Raises CheckoutBusy when a landing is bringing it along just now.
    """
    places = landing_places(state, workspace)
    if await asyncio.to_thread(is_half_moved, places):
        async with places.held(patience):
            await settle_move(places)


async def _bring_along(
    places: Places, tree: BaseTree, merged: Merged, environment: Mapping[str, str]
) -> None:
    """Bring a clean working tree along; whatever git comes to, it is then wholly old or wholly new."""
    target = merged.target
    tree = await tree.looked_at()
    git = Git.own(places.shadow) if (places.shadow / "HEAD").exists() else Git.of_user(tree.top)
    if paths := (*tree.dirty, *await in_danger(tree, git, merged.commit)):
        words = f"Files in {tree.top} changed meanwhile, so nothing was landed: {', '.join(paths[:5])}."
        raise InTheWay(words, paths)
    move = Move(tree.top, HEADS + target.base, target.old, merged.commit)
    await asyncio.to_thread(move.note, places)
    try:
        await bring_along(tree, merged.commit, environment)
    except CheckoutError:
        if not await settle_move(places):
            raise
    await asyncio.to_thread(forget_move, places)


async def _move(repository: Repository, merged: Merged, *, base: bool) -> None:
    """Move the refs that are to move, all or none of them, if they still are where they were."""
    target = merged.target
    none = _NOTHING if repository.object_format == "sha1" else "0" * 64
    moves = [f"update {HEADS}{target.base} {merged.commit} {target.old or none}"] if base else []
    if merged.moves_branch:
        moves.append(f"update {HEADS}{target.branch} {merged.commit} {target.head}")
    if not moves:
        return
    why = f"beadwork: land {target.branch}"
    code, _, complaints = await repository.git.ask(
        "update-ref", "-m", why, "--stdin", stdin="".join(f"{move}\n" for move in moves).encode()
    )
    if code == 0:
        return
    if "but expected" in complaints or "reference already exists" in complaints:
        raise _moved(target, complaints)
    raise failure("update-ref", repository.top, complaints)


def _moved(target: Target, complaints: str = "") -> BaseMoved:
    return BaseMoved(
        f"{target.base} or {target.branch} went on in {target.repository} meanwhile, so nothing was changed.",
        detail=complaints,
    )
