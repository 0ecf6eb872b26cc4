"""What is known of the user's repository, a bead's checkout, and what an agent left there; as data."""

from pathlib import Path

import attrs

from beadwork.errors import BeadworkError


class CheckoutError(BeadworkError):
    """Git, the user's repository or a checkout does not allow what was asked.

    CheckoutError
    ├── NoRepository      the folder is in no git repository
    ├── NoCommit          the repository has no commit to start from
    ├── BranchInUse       the bead's branch is checked out by the user
    ├── BranchMoved       the bead's branch went on elsewhere; nothing was overwritten
    ├── RemoteError       a remote cannot be reached, or does not answer
    └── GitFailed         a git command ended with an error; `detail` has its words
    """

    code = "checkout"


class NoRepository(CheckoutError):  # noqa: N818
    """The folder is in no git repository."""

    code = "no-repository"


class NoCommit(CheckoutError):  # noqa: N818
    """The repository has no commit to start from."""

    code = "no-commit"


class BranchInUse(CheckoutError):  # noqa: N818
    """The user has the bead's branch checked out."""

    code = "branch-in-use"


class BranchMoved(CheckoutError):  # noqa: N818
    """The bead's branch went on elsewhere; nothing was overwritten."""

    code = "branch-moved"


class GitFailed(CheckoutError):  # noqa: N818
    """A git command ended with an error."""

    code = "git"


@attrs.frozen
class Checkout:
    """A bead's own clone of the user's repository."""

    repository: Path
    """The user's repository: the top of its working tree."""
    path: Path
    """The top of the clone."""
    branch: str
    """`bead/<id>`, made safe."""
    base_ref: str
    """What a person calls the base: `origin/main`, `main`, or a commit when HEAD is detached."""
    base: str
    """The commit that new work is counted from: where this run found the branch."""
    continued: bool
    """Whether the branch had work on it already."""
    start: str = ""
    """The commit of `base_ref`, which the branch is compared with; empty where it was not asked for."""
    notes: tuple[str, ...] = ()
    """Sentences for the run's log: uncommitted changes that stayed out, submodules, a shallow clone."""


@attrs.frozen
class Commit:
    """A commit on the bead's branch."""

    sha: str
    subject: str


@attrs.frozen
class Evidence:
    """What is really there after an agent, whatever it said."""

    head: str
    commits: tuple[Commit, ...]
    """New since the checkout's base, the oldest first."""
    leftovers: tuple[str, ...]
    """Paths changed or untracked but not committed; they stay in the checkout."""
    diffstat: str
    """`git diff --stat` of base to head, for people."""
    notes: tuple[str, ...] = ()
    """Sentences for the run's log: HEAD left on another branch, a branch that was rewritten."""


@attrs.frozen
class Returned:
    """The branch, back in the user's repository."""

    branch: str
    head: str


@attrs.frozen
class PastCommit:
    """A commit before the work began."""

    sha: str
    date: str
    """The day it was committed, `2026-01-31`."""
    subject: str
    files: tuple[str, ...]
    """The first of the paths it changed; none for a commit without a parent."""
    file_count: int
    """How many it changed."""


@attrs.frozen
class Survey:
    """What a commit of a bead's branch holds, as git lists it."""

    commit: str
    files: tuple[str, ...]
    """All paths in git's order, links and submodules too; bytes that are no UTF-8 are lone surrogates."""
    links: frozenset[str]
    """Those that are symbolic links."""
    modules: frozenset[str]
    """Those that are submodules."""
    past: tuple[PastCommit, ...]
    """The newest commits that are no merges, the newest first."""
    notes: tuple[str, ...] = ()
    """Sentences about what could not be read."""
