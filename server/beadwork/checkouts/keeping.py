"""What would be lost with a checkout: commits that the user's repository does not have, files not committed.

What is left out: removing it, and whether that may be.
"""

import asyncio
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import attrs

from beadwork.checkouts.foreign import Foreign
from beadwork.checkouts.git import LONG
from beadwork.checkouts.places import Places, branch_of
from beadwork.checkouts.repository import Repository
from beadwork.checkouts.shadow import Shadow
from beadwork.state_folder import StateFolder

_MOST_TIPS = 100
"""Branches of a checkout that are looked at; one with more is kept."""
_MOST_FILES = 20_000
"""Uncommitted files whose age is looked at; those of a larger heap count as new."""


@attrs.frozen
class Unsaved:
    """What is in a checkout and nowhere else."""

    commits: tuple[str, ...]
    """The ends of its branches, its stash and its HEAD that no ref of the user's repository reaches."""
    leftovers: tuple[str, ...]
    """Paths that are not as in the last commit of the bead's branch."""
    changed_at: float
    """When the newest of them was changed, in seconds since the epoch; 0 without any."""


async def unsaved(
    state: StateFolder, workspace: Path, bead: str, *, patience: float = 30.0
) -> Unsaved | None:
    """Look at what only the bead's checkout has; None where there is no checkout.

    Nothing of the checkout is run, and nothing changes. Raises CheckoutError when it cannot be looked at.
    """
    places = Places.of(state, workspace, bead)
    if not await asyncio.to_thread(places.checkout.exists):
        return None
    repository = await Repository.read(workspace)
    async with places.held(patience):
        shadow = Shadow(places, branch_of(bead))
        await shadow.open(repository)
        foreign = await asyncio.to_thread(Foreign.read, places.checkout)
        head = await shadow.take(foreign)
        leftovers = await shadow.leftovers(head)
        tips = dict.fromkeys([head, *foreign.refs.values(), *filter(None, [foreign.head_commit])])
        return Unsaved(
            commits=tuple(await _not_in(repository, tuple(tips))),
            leftovers=tuple(os.fsdecode(path) for path in leftovers),
            changed_at=await asyncio.to_thread(_newest, places.checkout, leftovers),
        )


async def _not_in(repository: Repository, commits: Sequence[str]) -> list[str]:
    """Give those that no ref of the repository reaches; all beyond the number that is looked at."""
    missing = list(commits[_MOST_TIPS:])
    for commit in commits[:_MOST_TIPS]:
        code, output, _ = await repository.git.ask(
            "for-each-ref", "--count=1", "--format=%(refname)", "--contains", commit, limit=LONG
        )
        if code != 0 or not output.strip():  # git fails for a commit that it does not have
            missing.append(commit)
    return missing


def _newest(top: Path, leftovers: Iterable[bytes]) -> float:
    newest, count = 0.0, 0
    for name in leftovers:
        for path in _below(top / os.fsdecode(name)):
            count += 1
            changed = _changed(path)
            if count > _MOST_FILES or changed is None:
                return float("inf")
            newest = max(newest, changed)
    return newest


def _below(path: Path) -> Iterable[Path]:
    """Give a path, and all that is below it if it is a folder; the folder of one that was removed."""
    if not os.path.lexists(path):
        yield path.parent
        return
    yield path
    if path.is_dir() and not path.is_symlink():
        for at, folders, files in os.walk(path):
            yield from (Path(at) / name for name in (*folders, *files))


def _changed(path: Path) -> float | None:
    try:
        return path.lstat().st_mtime
    except OSError:
        return None
