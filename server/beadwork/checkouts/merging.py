"""Merging a bead's branch and its base in a place of ours, where no setting of an agent or a hook is read.

The git folder is a shadow (`shadow.py`) that borrows the user's objects; the files lie in a checkout beside
it, which the gates then run in. Both are made anew each time, under a name that no bead has: landings of a
project come one after another, so what a killed one left is removed by the next.

git 2.31 must do, so the merge is made in files, not by `git merge-tree`. What it leaves out: moving the base
to what was made (`landing.py`).
"""

import asyncio
import contextlib
import os
import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from enum import StrEnum
from pathlib import Path

import attrs

from beadwork.checkouts.bases import Target
from beadwork.checkouts.changes import Identity
from beadwork.checkouts.cloning import Cloning, identity_of
from beadwork.checkouts.files import discard
from beadwork.checkouts.git import LONG, as_text, failure
from beadwork.checkouts.model import Checkout, CheckoutError, GitFailed
from beadwork.checkouts.places import Places
from beadwork.checkouts.repository import Repository
from beadwork.checkouts.shadow import Shadow
from beadwork.state_folder import StateFolder

LANDING = "@land"
"""Stands for a bead in the places of a merge; no bead is called that."""
TRYING = "@try"
"""The same of a merge that is only tried."""
_SUBJECTS = 200
"""Commits that the message of a squash names."""


class How(StrEnum):
    """How a branch is brought into its base."""

    FAST_FORWARD = "fast-forward"
    """The base moves to the head of the branch; one that does not contain it gets it merged in first."""
    MERGE = "merge"
    """A commit on the base with both for parents, always."""
    SQUASH = "squash"
    """One commit on the base, with all that the branch changed."""

    @classmethod
    def named(cls, name: str) -> "How":
        """Give what a person calls so. Raises CheckoutError."""
        try:
            return cls(name)
        except ValueError:
            words = ", ".join(f"`{each.value}`" for each in cls)
            raise CheckoutError(f"`{name}` is no way to land a branch: there are {words}.") from None


@attrs.frozen
class Conflicts:
    """The two sides change the same lines; nothing is left of the attempt."""

    paths: tuple[str, ...]


@attrs.frozen
class Merged:
    """What the base is to become; the commit is in our place only, unless it is the branch's own."""

    target: Target
    how: How
    commit: str
    same_files: bool
    """Whether its files are those of the branch's head, so that what is known of that holds for it too."""
    checkout: Checkout | None = None
    """Its files, for gates; None where they are those of the branch's head."""

    @property
    def moves_branch(self) -> bool:
        """Whether the bead's branch is to move with its base."""
        return self.how is How.FAST_FORWARD and self.commit not in {self.target.head, self.target.onto}


async def merge(
    state: StateFolder, workspace: Path, target: Target, how: How, title: str, *, patience: float = 30.0
) -> Merged | Conflicts:
    """Make the commit that the base is to become; `title` is its message's first line.

    Where the base has all that is on the branch, it is the base's own. Raises CheckoutError.
    """
    if how is How.FAST_FORWARD and not target.behind:
        return Merged(target, how, target.head, same_files=True)
    async with _made(state, workspace, target, LANDING, patience) as place:
        if target.behind:
            tree = await place.merged_files(target, how)
            if isinstance(tree, Conflicts):
                return tree
        else:
            tree = await place.tree_of(target.head)
        if tree == await place.tree_of(target.onto):
            return Merged(target, how, target.onto, same_files=False)
        commit = await place.commit(tree, target, how, title)
        same = tree == await place.tree_of(target.head)
        checkout = None if same else await place.checkout(commit, target)
        return Merged(target, how, commit, same_files=same, checkout=checkout)


async def conflicts_of(
    state: StateFolder, workspace: Path, target: Target, *, patience: float = 30.0
) -> tuple[str, ...]:
    """Give the paths in which a branch and its base conflict; none where git can merge them.

    Raises CheckoutError.
    """
    if not target.behind:
        return ()
    async with _made(state, workspace, target, TRYING, patience) as place:
        tried = await place.merged_files(target, How.FAST_FORWARD)
        await place.discard()
    return tried.paths if isinstance(tried, Conflicts) else ()


async def discard_merge(
    state: StateFolder,
    workspace: Path,
    *,
    unless: Callable[[], bool] = lambda: False,
    patience: float = 30.0,
) -> None:
    """Remove what a merge left in our place, `unless` somebody needs it: that is asked when no merge goes on.

    Raises CheckoutError.
    """
    places = landing_places(state, workspace)
    if not await asyncio.to_thread(_is_there, places):
        return
    async with places.held(patience):
        if not unless():
            await _discard(places)


def shadow_of(state: StateFolder, workspace: Path, target: Target) -> Shadow:
    """Give the git folder of ours that has what was merged."""
    return Shadow(landing_places(state, workspace), target.branch)


def landing_places(state: StateFolder, workspace: Path) -> Places:
    """Give where the landings of a project take place."""
    return Places.of(state, workspace, LANDING)


def _trust(index: Path) -> None:
    """Have git believe that the files are as they were just written.

    It would read those again that are as young as the index, and take one whose line ends are not what
    `.gitattributes` says for a change of somebody's.
    """
    written = index.stat().st_mtime_ns
    os.utime(index, ns=(written, written + 2_000_000_000))


def _is_there(places: Places) -> bool:
    return any(folder.exists() for folder in (places.making, places.checkout, places.shadows))


async def _discard(places: Places) -> None:
    for folder in (places.making, places.checkout, places.shadows):
        await discard(folder)


@contextlib.asynccontextmanager
async def _made(
    state: StateFolder, workspace: Path, target: Target, name: str, patience: float
) -> AsyncIterator["_Place"]:
    """Make a place for one merge; when something goes wrong in it, nothing of it is left."""
    state.create()
    places = Places.of(state, workspace, name)
    repository = await Repository.read(workspace)
    async with places.held(patience):
        await _discard(places)
        shadow = Shadow(places, target.branch)
        try:
            await shadow.open(repository)
            yield _Place(repository, shadow, await identity_of(repository))
        except BaseException:
            await _discard(places)
            raise


@attrs.frozen
class _Place:
    repository: Repository
    shadow: Shadow
    identity: Identity

    async def merged_files(self, target: Target, how: How) -> str | Conflicts:
        """Merge both sides in files, and give the tree, or where they conflict. Raises GitFailed."""
        ours, theirs = target.onto, target.head
        if how is How.FAST_FORWARD:
            ours, theirs = theirs, ours
        self.shadow.places.checkout.mkdir(mode=0o700, parents=True)
        git = self.shadow.over_checkout.having(**self.identity.variables())
        await git.bytes_of("update-ref", "--no-deref", "HEAD", ours)
        try:
            await git.bytes_of("read-tree", "--reset", "-u", ours, limit=LONG)
        except GitFailed as error:
            raise await self._explained(error) from error
        _trust(self.shadow.places.shadow / "index")
        words = ("--no-commit", "--no-ff", "--no-stat", "--quiet", "--no-verify")
        code, _, complaints = await git.ask("merge", *words, theirs, limit=LONG)
        if code == 0:
            return await git.line("write-tree")
        unmerged = await git.bytes_of("ls-files", "--unmerged", "-z")
        named = (as_text(entry.partition(b"\t")[2]) for entry in unmerged.split(b"\0") if entry)
        # A file that is a folder on the other side is put aside under such a name.
        paths = dict.fromkeys(path.removesuffix("~HEAD").removesuffix(f"~{theirs}") for path in named)
        if not paths:
            raise await self._explained(failure("merge", self.shadow.places.checkout, complaints))
        await self.discard()
        return Conflicts(tuple(paths))

    async def _explained(self, error: GitFailed) -> GitFailed:
        """Give the error, with what can be done where files were never fetched."""
        code, _, _ = await self.repository.git.ask("config", "--get-regexp", r"^remote\..*\.promisor$")
        if code != 0:
            return error
        words = (
            f"{self.repository.top} is a partial clone, in which files of the branch or its base may be "
            f"missing: `git fetch --refetch --no-filter` there gets all. {error.message}"
        )
        return GitFailed(words, detail=error.detail)

    async def tree_of(self, commit: str) -> str:
        """Give the tree of a commit."""
        return await self.shadow.git.line("rev-parse", f"{commit}^{{tree}}")

    async def commit(self, tree: str, target: Target, how: How, title: str) -> str:
        """Make the commit, and let the branch of the shadow stand for it."""
        git = self.shadow.git.having(**self.identity.variables())
        parents, text = await self._ancestry(target, how, title)
        words = [word for parent in parents for word in ("-p", parent)]
        commit = await git.line("commit-tree", tree, *words, "-F", "-", stdin=text.encode("utf-8", "replace"))
        await self.shadow.point(commit)
        return commit

    async def _ancestry(self, target: Target, how: How, title: str) -> tuple[Sequence[str], str]:
        """Give the parents of the commit and its message."""
        match how:
            case How.SQUASH:
                return [target.onto], f"{title}\n\n{await self._subjects(target)}"
            case How.MERGE:
                text = f"Merge {title}\n\nIt is {target.branch}, merged into {target.base}."
                return [target.onto, target.head], text
            case How.FAST_FORWARD:
                return [target.head, target.onto], f"Merge {target.onto_ref} into {target.branch}\n\n{title}"

    async def _subjects(self, target: Target) -> str:
        words = ("--reverse", "--topo-order", "--no-merges", "--format=%s", "-z", "--no-show-signature")
        listing = await self.shadow.git.bytes_of("log", *words, f"{target.onto}..{target.head}", limit=LONG)
        subjects = [as_text(each) for each in listing.split(b"\0") if each]
        more = [f"- and {len(subjects) - _SUBJECTS} more"] if len(subjects) > _SUBJECTS else []
        return "\n".join([*(f"- {subject}" for subject in subjects[:_SUBJECTS]), *more])

    async def checkout(self, commit: str, target: Target) -> Checkout:
        """Give the merged files a git folder, as a checkout has one."""
        places = self.shadow.places
        git_dir = await Cloning(self.repository, self.shadow, self.identity, hard_links=False).git_folder(
            commit, {}
        )
        shutil.copy2(places.shadow / "index", git_dir / "index")
        git_dir.rename(places.checkout / ".git")
        await discard(places.making)
        return Checkout(
            repository=target.repository,
            path=places.checkout,
            branch=target.branch,
            base_ref=target.onto_ref,
            base=commit,
            continued=True,
            start=target.onto,
        )

    async def discard(self) -> None:
        """Remove all of it."""
        await _discard(self.shadow.places)
