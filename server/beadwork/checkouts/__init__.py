"""The room of checkouts: the only place that runs git. This is its door."""

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
    Returned,
)
from beadwork.checkouts.port import Checkouts

__all__ = [
    "BranchInUse",
    "BranchMoved",
    "Checkout",
    "CheckoutError",
    "Checkouts",
    "Commit",
    "Evidence",
    "GitFailed",
    "NoCommit",
    "NoRepository",
    "Returned",
]
