"""Going on in a checkout that is there: its files stay, its git folder is made anew.

The old git folder was the agent's. What it holds of commits is fetched out of it (shadow.py); its settings,
hooks and index are left behind, so neither the next agent nor a person in a terminal there runs them.
What is left out: which commit to go on from (git_checkouts.py).
"""

import shutil
from collections.abc import Mapping

from beadwork.checkouts.cloning import Cloning
from beadwork.checkouts.files import discard, is_plain_folder
from beadwork.checkouts.model import BranchMoved
from beadwork.checkouts.places import Places
from beadwork.checkouts.repository import HEADS
from beadwork.checkouts.shadow import KEPT, Shadow


async def mend(places: Places) -> None:
    """Undo what a process that was ended half-way left: give a checkout its old git folder back."""
    old = places.making / "old.git"
    if is_plain_folder(old) and places.checkout.is_dir() and not (places.checkout / ".git").exists():
        old.rename(places.checkout / ".git")
    await discard(places.making)


async def renew(cloning: Cloning, old: str, new: str) -> None:
    """Bring the checkout from commit `old` to `new` and give it a new git folder.

    Raises BranchMoved when what is not committed there is in the way; nothing has changed then.
    """
    shadow = cloning.shadow
    places = shadow.places
    git_dir = await cloning.git_folder(new, await _kept(shadow))
    try:
        in_the_way = await shadow.move_tree(old, new)
        if in_the_way:
            raise BranchMoved(
                f"The branch {shadow.branch} went on, but files in {places.checkout} that are not committed "
                "are in the way: commit or remove them there, then try again.",
                detail=in_the_way,
            )
        await shadow.point(new)
        shutil.copy2(places.shadow / "index", git_dir / "index")
        (places.checkout / ".git").rename(places.making / "old.git")
        git_dir.rename(places.checkout / ".git")
    finally:
        await mend(places)


async def _kept(shadow: Shadow) -> Mapping[str, str]:
    listing = await shadow.git.line("for-each-ref", "--format=%(objectname) %(refname)", KEPT)
    found: dict[str, str] = {}
    for line in listing.splitlines():
        commit, _, name = line.partition(" ")
        inner = name.removeprefix(KEPT)
        found[HEADS + inner.removeprefix("heads/") if inner.startswith("heads/") else f"refs/{inner}"] = (
            commit
        )
    found.pop(shadow.ref, None)
    return found
