"""A checkout for gates: the files of a commit, and beside them what earlier gates left that git ignores.

It is kept between runs, so that dependencies and caches are made once. What git would show as changed or new
is undone before each run: a gate that writes into tracked files does not speak for the commit. Ignored files
are not looked at, nor what is inside of submodules. What is left out: running gates.
"""

import shutil
from pathlib import Path

from beadwork.checkouts.cloning import Cloning, identity_of
from beadwork.checkouts.continuing import mend
from beadwork.checkouts.files import discard, is_plain_folder
from beadwork.checkouts.git import LONG
from beadwork.checkouts.limits import limits
from beadwork.checkouts.model import Checkout, CheckoutError
from beadwork.checkouts.places import Places, branch_of
from beadwork.checkouts.repository import Repository
from beadwork.checkouts.shadow import Shadow
from beadwork.state_folder import StateFolder


def gates_name(bead: str) -> str:
    """Give the name under which the checkout for gates of a bead lies; it is not the bead's own."""
    return f"{bead} gates"


async def ready(state: StateFolder, workspace: Path, bead: str, commit: str, *, patience: float) -> Checkout:
    """Make the checkout for gates on `commit`, or bring the one that is there to it. Raises CheckoutError."""
    places = Places.of(state, workspace, gates_name(bead))
    repository = await Repository.read(workspace)
    async with places.held(patience):
        await mend(places)
        shadow = Shadow(places, branch_of(bead))
        await shadow.open(repository)
        cloning = Cloning(repository, shadow, await identity_of(repository), hard_links=False)
        notes = await _brought(cloning, commit)
    return _checkout(repository, places, shadow.branch, commit, notes)


async def imagine(state: StateFolder, workspace: Path, bead: str, commit: str) -> Checkout:
    """Give the checkout that `ready` would, but make nothing: its `path` may not be there, or elsewhere.

    Raises CheckoutError.
    """
    repository = await Repository.read(workspace)
    return _checkout(repository, Places.of(state, workspace, gates_name(bead)), branch_of(bead), commit, ())


def _checkout(
    repository: Repository, places: Places, branch: str, commit: str, notes: tuple[str, ...]
) -> Checkout:
    return Checkout(
        repository=repository.top,
        path=places.checkout,
        branch=branch,
        base_ref=commit[:10],
        base=commit,
        continued=True,
        notes=notes,
    )


async def _brought(cloning: Cloning, commit: str) -> tuple[str, ...]:
    """Bring the checkout to `commit`, or make it anew where it cannot be; give what is to be said of that."""
    places = cloning.shadow.places
    notes = await limits(cloning.repository, cloning.shadow, commit)
    if is_plain_folder(places.checkout):
        try:
            await _renewed(cloning, commit)
        except (CheckoutError, OSError) as error:
            notes = (*notes, f"The checkout for gates was made anew, with nothing kept: {error}")
        else:
            return notes
    await discard(places.making)
    await discard(places.checkout)
    await cloning.checkout(commit)
    return notes


async def _renewed(cloning: Cloning, commit: str) -> None:
    """Undo all that git sees, and give the checkout a new git folder: gates could write into the old one."""
    shadow = cloning.shadow
    places = shadow.places
    git_dir = await cloning.git_folder(commit, {})
    try:
        git = shadow.over_checkout
        await git.bytes_of("read-tree", "--reset", "-u", commit, limit=LONG)
        # Given twice, it also removes git folders that a gate made.
        await git.bytes_of("clean", "-d", "--force", "--force", "--quiet", limit=LONG)
        shutil.copy2(places.shadow / "index", git_dir / "index")
        await discard(places.checkout / ".git")
        git_dir.rename(places.checkout / ".git")
    finally:
        await discard(places.making)
