"""The room of checkouts: the only place that runs git. This is its door."""

from beadwork.checkouts.branches import Branch, branch_in
from beadwork.checkouts.comparing import ChangedPath, changed_paths, content_at, patch_of
from beadwork.checkouts.diffs import ChangeKind, Difference, FileDiff
from beadwork.checkouts.git import GitMissing
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
    "Returned",
    "Subject",
    "Survey",
    "branch_in",
    "branch_of",
    "changed_paths",
    "content_at",
    "patch_of",
    "review_name",
]
