"""What a bead's checkout would be, said without making one: for showing a prompt that is not sent.

It writes nothing, not even a lock; so what a run at work changes meanwhile may be seen or not.
What is left out: preparing (git_checkouts.py), and looking into the commit (survey.py).
"""

from pathlib import Path

from beadwork.checkouts import changes
from beadwork.checkouts.foreign import Foreign
from beadwork.checkouts.git import Git
from beadwork.checkouts.model import Checkout, CheckoutError
from beadwork.checkouts.places import Places, branch_of
from beadwork.checkouts.repository import HEADS, Repository
from beadwork.checkouts.shadow import Shadow


def eyes(places: Places, repository: Path) -> Git:
    """Give git where a bead's commits can be read: in the shadow where there is one, else the user's own."""
    return Git.own(places.shadow) if (places.shadow / "HEAD").exists() else Git.of_user(repository)


async def imagine(places: Places, workspace: Path, bead: str, base: str) -> Checkout:
    """Give the checkout that work on `bead` would begin in. Raises CheckoutError."""
    branch = branch_of(bead)
    repository = await Repository.read(workspace)
    start = await repository.start(base)
    shadow = Shadow(places, branch)
    commit, notes = await _begin(shadow, repository, repository.refs.get(HEADS + branch, ""), start.commit)
    git = eyes(places, repository.top)
    if said := await changes.describe(repository):
        notes.append(said)
    return Checkout(
        repository=repository.top,
        path=places.checkout,
        branch=branch,
        base_ref=start.name,
        base=commit,
        continued=not await _contains(git, start.commit, commit),
        start=start.commit,
        notes=tuple(notes),
    )


async def _begin(shadow: Shadow, repository: Repository, there: str, base: str) -> tuple[str, list[str]]:
    """Give the newest commit of the branch that can be read without fetching, and what is left out."""
    begin = there or base
    try:
        foreign = Foreign.read(shadow.places.checkout)
    except CheckoutError:
        return begin, []  # no checkout, or one that a run will refuse: the run says so
    earlier = foreign.refs.get(shadow.ref, "")
    git = eyes(shadow.places, repository.top)
    if not earlier or earlier == begin:
        return begin, []
    if not await _has(git, earlier):
        return begin, [f"The checkout is at {earlier[:10]}, which was never looked at; this is without it."]
    if there and not await _contains(git, earlier, there):
        return begin, []
    if not there and await _contains(git, base, earlier):
        return base, []
    return earlier, []


async def _has(git: Git, commit: str) -> bool:
    code, _, _ = await git.ask("cat-file", "-e", f"{commit}^{{commit}}")
    return code == 0


async def _contains(git: Git, commit: str, ancestor: str) -> bool:
    code, _, _ = await git.ask("merge-base", "--is-ancestor", ancestor, commit)
    return code == 0
