"""The room of checkouts: the only place that runs git. This is its door."""

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

__all__ = [
    "BranchInUse",
    "BranchMoved",
    "Checkout",
    "CheckoutBusy",
    "CheckoutError",
    "Checkouts",
    "Commit",
    "Evidence",
    "GitCheckouts",
    "GitFailed",
    "GitMissing",
    "NoCommit",
    "NoRepository",
    "PastCommit",
    "Returned",
    "Survey",
    "branch_of",
]
