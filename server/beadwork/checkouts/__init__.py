"""The room of checkouts: the only place that runs git. This is its door."""

from beadwork.checkouts.branches import Branch, branch_in, refs_with
from beadwork.checkouts.comparing import ChangedPath, changed_paths, content_at, patch_of
from beadwork.checkouts.diffs import ChangeKind, Difference, FileDiff
from beadwork.checkouts.gating import gates_name
from beadwork.checkouts.git import GitMissing, in_no_repository
from beadwork.checkouts.git_checkouts import GitCheckouts
from beadwork.checkouts.model import (
    BranchInUse,
    BranchMoved,
    Checkout,
    CheckoutError,
    Commit,
    Evidence,
    GitFailed,
    NoCommit,
    NoRepository,
    PastCommit,
    Returned,
    Survey,
)
from beadwork.checkouts.places import CheckoutBusy, branch_of
from beadwork.checkouts.port import Checkouts
from beadwork.checkouts.remotes import (
    Pushed,
    RemoteError,
    ask_remote,
    contains,
    fetch_base,
    push,
    remote_of,
    remotes_of,
    url_of,
    without_passwords,
)
from beadwork.checkouts.reviewing import NothingToReview, Subject, review_name

__all__ = [
    "Branch",
    "BranchInUse",
    "BranchMoved",
    "ChangeKind",
    "ChangedPath",
    "Checkout",
    "CheckoutBusy",
    "CheckoutError",
    "Checkouts",
    "Commit",
    "Difference",
    "Evidence",
    "FileDiff",
    "GitCheckouts",
    "GitFailed",
    "GitMissing",
    "NoCommit",
    "NoRepository",
    "NothingToReview",
    "PastCommit",
    "Pushed",
    "RemoteError",
    "Returned",
    "Subject",
    "Survey",
    "ask_remote",
    "branch_in",
    "branch_of",
    "changed_paths",
    "contains",
    "content_at",
    "fetch_base",
    "gates_name",
    "in_no_repository",
    "patch_of",
    "push",
    "refs_with",
    "remote_of",
    "remotes_of",
    "review_name",
    "url_of",
    "without_passwords",
]
