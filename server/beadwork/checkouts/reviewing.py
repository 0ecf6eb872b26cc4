"""A checkout to be read: what is to be reviewed, as a clone of its own that nobody works in.

What is reviewed is a commit: the head of a branch, or a copy of what is not committed. It is always made
anew, so that nothing an earlier agent left there is taken for the work. What is left out: what of it changed
(`diffs.py`), and whether the reader changed something (`evidence.py`).
"""

from enum import StrEnum
from pathlib import Path

import attrs

from beadwork.checkouts import changes
from beadwork.checkouts.cloning import Cloning, identity_of
from beadwork.checkouts.continuing import mend
from beadwork.checkouts.files import discard
from beadwork.checkouts.limits import limits
from beadwork.checkouts.model import Checkout, CheckoutError
from beadwork.checkouts.places import Places, branch_of
from beadwork.checkouts.repository import HEADS, Repository, Start
from beadwork.checkouts.shadow import Shadow
from beadwork.state_folder import StateFolder


class NothingToReview(CheckoutError):  # noqa: N818
    """There is no such branch, or nothing on it that its base has not."""

    code = "nothing-to-review"


class Subject(StrEnum):
    """What is reviewed."""

    BEAD = "bead"
    """The bead's branch, against its base."""
    BRANCH = "branch"
    """The branch that the user has checked out, against the default branch."""
    CHANGES = "changes"
    """What the user has not committed, against what they have checked out."""


def review_name(name: str) -> str:
    """Give the name under which the checkout for reviews of a bead lies; it is not the bead's own."""
    return f"{name} review"


async def ready(
    state: StateFolder, workspace: Path, name: str, subject: Subject, *, base: str, patience: float
) -> Checkout:
    """Make the checkout for a review: `base` of it is what is reviewed, `start` what it is compared with.

    `name` is the bead, or what stands for it. Raises NothingToReview, CheckoutError.
    """
    places = Places.of(state, workspace, review_name(name))
    repository = await Repository.read(workspace)
    async with places.held(patience):
        await mend(places)
        await discard(places.checkout)
        await discard(places.shadows)
        shadow = Shadow(places, _branch(repository, name, subject))
        await shadow.open(repository)
        identity = await identity_of(repository)
        start, head, notes = await _range(repository, shadow, identity, subject, base)
        cloning = Cloning(repository, shadow, identity, hard_links=False)
        await cloning.checkout(head)
        await shadow.point(head)
    return attrs.evolve(_checkout(repository, places, shadow.branch, start, head), notes=notes)


async def imagine(state: StateFolder, workspace: Path, name: str, subject: Subject, *, base: str) -> Checkout:
    """Give the checkout that `ready` would make of a branch, but make nothing: its `path` may not be there.

    Of Subject.CHANGES there is none, for no commit has them yet. Raises NothingToReview, CheckoutError.
    """
    if subject is Subject.CHANGES:
        raise CheckoutError("What is not committed cannot be shown before it is reviewed.")
    repository = await Repository.read(workspace)
    branch = _branch(repository, name, subject)
    head = await _head(repository, branch, subject)
    start = await _compared(repository, await repository.start(base), head, branch)
    places = Places.of(state, workspace, review_name(name))
    return _checkout(repository, places, branch, start, head)


async def require(workspace: Path, name: str, subject: Subject, *, base: str) -> None:
    """Raise NothingToReview or CheckoutError when it can be seen at once that nothing can be reviewed."""
    repository = await Repository.read(workspace)
    head = await _head(repository, _branch(repository, name, subject), subject)
    if subject is Subject.CHANGES:
        if not await changes.describe(repository):
            raise NothingToReview(f"Everything in {repository.top} is committed: review the branch instead.")
        return
    await _compared(repository, await repository.start(base), head, _branch(repository, name, subject))


def _checkout(repository: Repository, places: Places, branch: str, start: Start, head: str) -> Checkout:
    return Checkout(
        repository=repository.top,
        path=places.checkout,
        branch=branch,
        base_ref=start.name,
        base=head,
        continued=True,
        start=start.commit,
    )


async def _range(
    repository: Repository, shadow: Shadow, identity: changes.Identity, subject: Subject, base: str
) -> tuple[Start, str, tuple[str, ...]]:
    """Give what is compared with, the commit that is reviewed, and notes about it."""
    head = await _head(repository, shadow.branch, subject)
    if subject is Subject.CHANGES:
        start = Start("what is committed", head)
        commit, notes = await changes.take_along(repository, shadow, start, identity)
        if commit == head:
            raise NothingToReview(f"Everything in {repository.top} is committed: review the branch instead.")
        return start, commit, notes
    start = await _compared(repository, await repository.start(base), head, shadow.branch)
    return start, head, await limits(repository, shadow, head)


async def _head(repository: Repository, branch: str, subject: Subject) -> str:
    if subject is Subject.CHANGES and repository.bare:
        raise NothingToReview(
            f"{repository.top} is a bare repository, so nothing in it is uncommitted: review a branch."
        )
    if subject is not Subject.BEAD:
        commit = await repository.commit_of("HEAD")
        if not commit:
            raise NothingToReview(f"{repository.top} has no commit yet.")
        return commit
    commit = repository.refs.get(HEADS + branch, "")
    if not commit:
        raise NothingToReview(f"There is no branch {branch} in {repository.top}: work on the bead first.")
    return commit


async def _compared(repository: Repository, start: Start, head: str, branch: str) -> Start:
    """Give the commit where the branch left its base. Raises NothingToReview when nothing is its own."""
    code, output, _ = await repository.git.ask("merge-base", start.commit, head)
    before = output.decode("ascii").strip() if code == 0 else ""
    if not before:
        shallow = (
            " It is a shallow clone: `git fetch --unshallow` gets the rest." if repository.shallow else ""
        )
        raise NothingToReview(f"{branch} and {start.name} have no commit in common to compare from.{shallow}")
    if before == head:
        raise NothingToReview(f"{branch} has nothing that {start.name} has not.")
    return Start(start.name, before)


def _branch(repository: Repository, name: str, subject: Subject) -> str:
    match subject:
        case Subject.BEAD:
            return branch_of(name)
        case Subject.BRANCH:
            return repository.head or "detached"
        case Subject.CHANGES:
            return "uncommitted"
