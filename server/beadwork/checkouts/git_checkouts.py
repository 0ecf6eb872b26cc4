"""Checkouts by the user's own git: the one class behind the port, which puts the steps in order.

What is left out: each step (cloning, continuing, evidence, changes, returning).
"""

import getpass
from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs

from beadwork.checkouts import changes, diffs, gating, imagining, returning, reviewing, user_tree
from beadwork.checkouts import survey as surveying
from beadwork.checkouts.cloning import NOBODY, Cloning, identity_of
from beadwork.checkouts.continuing import mend, renew
from beadwork.checkouts.diffs import Difference
from beadwork.checkouts.evidence import look
from beadwork.checkouts.files import discard
from beadwork.checkouts.foreign import Foreign
from beadwork.checkouts.git import Git, as_text
from beadwork.checkouts.limits import limits
from beadwork.checkouts.model import BranchMoved, Checkout, CheckoutError, Evidence, Returned, Survey
from beadwork.checkouts.places import Places, branch_of
from beadwork.checkouts.repository import HEADS, Repository, Start
from beadwork.checkouts.reviewing import Subject
from beadwork.checkouts.shadow import Shadow
from beadwork.state_folder import StateFolder


@attrs.frozen
class GitCheckouts:
    """Clones of one user's repositories, one a bead, in their state folder."""

    state: StateFolder
    hard_links: bool = False
    """Share object files with the user's repository: saves room, but only where no agent can write them."""
    patience: float = 30.0
    """Seconds to wait for another process that is busy with the same checkout."""

    def path_of(self, workspace: Path, bead: str) -> Path:
        """Give the folder of a bead's checkout, whether it is there or not."""
        return Places.of(self.state, workspace, bead).checkout

    async def check(self, workspace: Path, bead: str, *, base: str = "") -> None:
        """Raise CheckoutError when it can be seen at once that no checkout can be made or given back."""
        repository = await Repository.read(workspace)
        await repository.start(base)
        await repository.refuse_branch(branch_of(bead))

    async def prepare(
        self,
        workspace: Path,
        bead: str,
        *,
        base: str = "",
        with_changes: bool = False,
    ) -> Checkout:
        """Make the bead's checkout, or go on in the one that is there. Raises CheckoutError."""
        self.state.create()
        places = Places.of(self.state, workspace, bead)
        branch = branch_of(bead)
        repository = await Repository.read(workspace)
        start = await repository.start(base)
        await repository.refuse_branch(branch)
        async with places.held(self.patience):
            await mend(places)
            shadow = Shadow(places, branch)
            await shadow.open(repository)
            cloning = Cloning(repository, shadow, await identity_of(repository), self.hard_links)
            return await _prepared(cloning, start, with_changes=with_changes)

    async def reopen(self, workspace: Path, bead: str, *, base: str) -> Checkout | None:
        """Give the bead's checkout as it is there, its work counted from `base`. Raises CheckoutError."""
        places = Places.of(self.state, workspace, bead)
        if not places.checkout.exists():
            return None
        repository = await Repository.read(workspace)
        branch = branch_of(bead)
        return Checkout(
            repository.top, places.checkout, branch, base_ref=base[:10], base=base, continued=True
        )

    async def imagine(self, workspace: Path, bead: str, *, base: str = "") -> Checkout:
        """Give what `prepare` would make, without a trace. Raises CheckoutError."""
        return await imagining.imagine(Places.of(self.state, workspace, bead), workspace, bead, base)

    async def survey(self, checkout: Checkout) -> Survey:
        """Give the files of the base commit and the commits before it. Raises CheckoutError."""
        if not checkout.base:
            return await user_tree.survey(checkout)
        return await surveying.survey(self._eyes(checkout), checkout.base)

    async def read(
        self, checkout: Checkout, survey: Survey, paths: Sequence[str]
    ) -> Mapping[str, bytes | None]:
        """Give the content of files of a survey by path. Raises CheckoutError."""
        if not survey.commit:
            return await user_tree.read(checkout, paths)
        return await surveying.read(self._eyes(checkout), survey, paths)

    async def require_review(self, workspace: Path, name: str, subject: Subject, *, base: str = "") -> None:
        """Raise NothingToReview or CheckoutError when nothing can be reviewed."""
        await reviewing.require(workspace, name, subject, base=base)

    async def prepare_review(
        self, workspace: Path, name: str, subject: Subject, *, base: str = ""
    ) -> Checkout:
        """Make a checkout of what is to be reviewed. Raises NothingToReview, CheckoutError."""
        self.state.create()
        return await reviewing.ready(self.state, workspace, name, subject, base=base, patience=self.patience)

    async def imagine_review(
        self, workspace: Path, name: str, subject: Subject, *, base: str = ""
    ) -> Checkout:
        """Give what `prepare_review` would make of a branch, without a trace. Raises CheckoutError."""
        return await reviewing.imagine(self.state, workspace, name, subject, base=base)

    def review_path(self, workspace: Path, name: str) -> Path:
        """Give the folder of the checkout for reviews of `name`, whether it is there or not."""
        return Places.of(self.state, workspace, reviewing.review_name(name)).checkout

    async def prepare_gates(self, workspace: Path, bead: str, commit: str) -> Checkout:
        """Make the checkout for gates on a commit. Raises CheckoutError."""
        self.state.create()
        return await gating.ready(self.state, workspace, bead, commit, patience=self.patience)

    async def imagine_gates(self, workspace: Path, bead: str, commit: str) -> Checkout:
        """Give what `prepare_gates` would, without a trace. Raises CheckoutError."""
        return await gating.imagine(self.state, workspace, bead, commit)

    async def tree_of_user(self, workspace: Path) -> Checkout:
        """Give the user's working tree as it is. Raises CheckoutError."""
        return await user_tree.tree_of_user(workspace)

    async def difference(self, checkout: Checkout) -> Difference:
        """Give what the checkout's base commit changed against its start. Raises CheckoutError."""
        return await diffs.difference(self._eyes(checkout), checkout.start, checkout.base)

    async def count_lines(self, checkout: Checkout, paths: Sequence[str]) -> Mapping[str, int]:
        """Give the number of lines of files of the base commit. Raises CheckoutError."""
        return await diffs.count_lines(self._eyes(checkout), checkout.base, paths)

    def _eyes(self, checkout: Checkout) -> Git:
        """Give git where the base commit is; no settings of a checkout are read."""
        return imagining.eyes(Places(self.state.root, checkout.path), checkout.repository)

    async def user_name(self, workspace: Path) -> str:
        """Give git's user.name there, else the login name."""
        try:
            identity = await identity_of(await Repository.read(workspace))
        except CheckoutError:  # beads are kept outside of repositories too
            return getpass.getuser()
        return identity.name if identity != NOBODY else getpass.getuser()

    async def evidence(self, checkout: Checkout) -> Evidence:
        """Look at what was left, without running anything of it. Raises CheckoutError."""
        places = Places(self.state.root, checkout.path)
        async with places.held(self.patience):
            return await look(Shadow(places, checkout.branch), checkout)

    async def bring_back(self, checkout: Checkout, evidence: Evidence) -> Returned:
        """Fetch the branch into the user's repository. Raises BranchInUse, BranchMoved or GitFailed."""
        places = Places(self.state.root, checkout.path)
        async with places.held(self.patience):
            repository = await Repository.read(checkout.repository)
            return await returning.bring_back(repository, Shadow(places, checkout.branch), checkout, evidence)

    async def remove(self, workspace: Path, bead: str) -> None:
        """Remove the bead's checkout; nothing happens when there is none. Raises CheckoutError."""
        places = Places.of(self.state, workspace, bead)
        if not places.checkout.exists() and not places.shadows.exists():
            return
        async with places.held(self.patience):
            try:
                await discard(places.making)
                if places.checkout.exists():
                    places.making.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                    places.checkout.rename(places.making)
                await discard(places.making)
                await discard(places.shadows)
            except OSError as error:
                raise CheckoutError(
                    f"The checkout {places.checkout} cannot be removed: {error.strerror}; remove it by hand.",
                ) from error


async def _prepared(cloning: Cloning, base: Start, *, with_changes: bool) -> Checkout:
    repository, shadow = cloning.repository, cloning.shadow
    notes: list[str] = []
    earlier = ""
    left: list[str] = []
    if shadow.places.checkout.exists():
        foreign = Foreign.read(shadow.places.checkout)
        earlier = await shadow.take(foreign)
        if trouble := await shadow.keep_others(foreign):
            notes.append(f"Other branches of the last run were not kept: {trouble}")
        left = await _leftover_note(shadow, earlier)
        notes += left
    commit = await _begin(cloning, base, earlier, settled=bool(left))
    continued = not await shadow.contains(base.commit, commit)
    if with_changes:
        name = shadow.branch if continued else base.name
        along = await changes.take_along(repository, shadow, Start(name, commit), cloning.identity)
        commit = along[0]
        notes += along[1]
    elif said := await changes.describe(repository):
        notes.append(said)
    if earlier:
        await renew(cloning, earlier, commit)
    else:
        await cloning.checkout(commit)
        await shadow.point(commit)
    return Checkout(
        repository=repository.top,
        path=shadow.places.checkout,
        branch=shadow.branch,
        base_ref=base.name,
        base=commit,
        continued=continued,
        start=base.commit,
        notes=(*notes, *await _notes(repository, shadow, base, commit)),
    )


async def _begin(cloning: Cloning, base: Start, earlier: str, *, settled: bool) -> str:
    """Give the commit to go on from: the newest of the user's branch and the checkout's, else the base.

    `settled` says that something in the checkout is not committed yet, so that it does not follow the base.
    """
    shadow = cloning.shadow
    there = cloning.repository.refs.get(HEADS + shadow.branch, "")
    if not earlier:
        return there or base.commit
    if not there:
        # Nothing was done yet: then begin where new work begins today.
        fresh = not settled and await shadow.contains(base.commit, earlier)
        return base.commit if fresh else earlier
    if await shadow.contains(earlier, there):
        return earlier
    if await shadow.contains(there, earlier):
        return there
    raise BranchMoved(
        f"The branch {shadow.branch} went different ways in {cloning.repository.top} and in "
        f"{shadow.places.checkout}: merge one into the other, or remove the checkout.",
    )


async def _leftover_note(shadow: Shadow, commit: str) -> list[str]:
    left = await shadow.leftovers(commit)
    if not left:
        return []
    names = ", ".join(as_text(path) for path in left[:5]) + (" …" if len(left) > 5 else "")  # noqa: PLR2004
    return [f"The last run left {len(left)} paths that are not committed; they are kept: {names}."]


async def _notes(repository: Repository, shadow: Shadow, base: Start, commit: str) -> list[str]:
    notes = [*await limits(repository, shadow, commit)]
    local = HEADS + base.name.removeprefix("origin/")
    if base.name.startswith("origin/") and local in repository.refs:
        ahead = await shadow.git.line("rev-list", "--count", f"{base.commit}..{repository.refs[local]}")
        if ahead != "0":
            name = base.name.removeprefix("origin/")
            notes.append(
                f"{name} has {ahead} commits that {base.name} has not; the work starts without them."
            )
    return notes
