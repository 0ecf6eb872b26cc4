"""What the checkouts room promises; `git.py` and its neighbours beside it keep it with the user's own git.

It is a Protocol so that workflows say what they need of it, not because there is a second one.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from beadwork.checkouts.diffs import Difference
from beadwork.checkouts.model import Checkout, Evidence, Returned, Survey
from beadwork.checkouts.reviewing import Subject


class Checkouts(Protocol):
    """Clones of one user's repositories, one a bead."""

    async def check(self, workspace: Path, bead: str, *, base: str = "") -> None:
        """Raise CheckoutError when it can be seen at once that no checkout can be made or given back."""
        ...

    async def prepare(
        self,
        workspace: Path,
        bead: str,
        *,
        base: str = "",
        with_changes: bool = False,
    ) -> Checkout:
        """Make the bead's checkout, or go on in the one that is there.

        `base` names a ref to start from; empty means origin's default branch, else main or master, else the
        current one. Nothing of the user's repository changes: no ref, no index, no config, no stash.
        Raises CheckoutError.
        """
        ...

    async def reopen(self, workspace: Path, bead: str, *, base: str) -> Checkout | None:
        """Give the bead's checkout as it is there, its work counted from the commit `base`; None without one.

        For a run whose worker was lost: nothing is cloned, fetched or switched.
        """
        ...

    async def imagine(self, workspace: Path, bead: str, *, base: str = "") -> Checkout:
        """Give what `prepare` would, but make nothing and change nothing: its `path` may not be there.

        Raises CheckoutError.
        """
        ...

    async def survey(self, checkout: Checkout) -> Survey:
        """Give the files of the checkout's base commit and the commits before it. Raises CheckoutError.

        Of the user's working tree, the files that are there and not ignored, and no commits.
        """
        ...

    async def read(
        self, checkout: Checkout, survey: Survey, paths: Sequence[str]
    ) -> Mapping[str, bytes | None]:
        """Give the content of files of a survey; None for what is not there, or larger than 1 MiB.

        It is read from git's objects, and a link is followed inside the commit alone. Raises CheckoutError.
        """
        ...

    async def require_review(self, workspace: Path, name: str, subject: Subject, *, base: str = "") -> None:
        """Raise NothingToReview or CheckoutError when it is plain that nothing can be reviewed."""
        ...

    async def prepare_review(
        self, workspace: Path, name: str, subject: Subject, *, base: str = ""
    ) -> Checkout:
        """Make a checkout of what is to be reviewed, always anew; see `reviewing.py`.

        `name` is the bead, or what stands for it. Of the answer, `base` is what is reviewed and `start` what
        it is compared with. Raises NothingToReview, CheckoutError.
        """
        ...

    async def imagine_review(
        self, workspace: Path, name: str, subject: Subject, *, base: str = ""
    ) -> Checkout:
        """Give what `prepare_review` would make of a branch, but make nothing: its `path` may not be there.

        Raises NothingToReview, CheckoutError.
        """
        ...

    def review_path(self, workspace: Path, name: str) -> Path:
        """Give the folder of the checkout for reviews of `name`, whether it is there or not."""
        ...

    async def prepare_gates(self, workspace: Path, bead: str, commit: str) -> Checkout:
        """Make a checkout in which gates run on a commit of the user's repository, or go on in the last one.

        Tracked files are as in the commit, and others are gone, but for those that git ignores: they stay
        from run to run. Raises CheckoutError.
        """
        ...

    async def imagine_gates(self, workspace: Path, bead: str, commit: str) -> Checkout:
        """Give what `prepare_gates` would, but make nothing: its `path` may not be there.

        Raises CheckoutError.
        """
        ...

    async def tree_of_user(self, workspace: Path) -> Checkout:
        """Give the user's working tree as it is, with an empty `base`; nothing is made.

        It can be surveyed and read; it has no evidence, and nothing comes back of it. Raises CheckoutError.
        """
        ...

    async def difference(self, checkout: Checkout) -> Difference:
        """Give what `base` of a checkout changed against its `start`. Raises CheckoutError."""
        ...

    async def count_lines(self, checkout: Checkout, paths: Sequence[str]) -> Mapping[str, int]:
        """Give the number of lines of files of the base commit; none for what is too large or not there."""
        ...

    async def user_name(self, workspace: Path) -> str:
        """Give the name that the user signs with in this workspace: git's user.name, else the login name."""
        ...

    async def evidence(self, checkout: Checkout) -> Evidence:
        """Look at what was left, without running anything that the agent could have planted there."""
        ...

    async def bring_back(self, checkout: Checkout, evidence: Evidence) -> Returned:
        """Fetch the branch into the user's repository, by name, fast-forward only.

        Raises BranchInUse, BranchMoved or GitFailed; the work then stays in the checkout.
        """
        ...

    async def remove(self, workspace: Path, bead: str) -> None:
        """Remove the bead's checkout; nothing happens when there is none."""
        ...
