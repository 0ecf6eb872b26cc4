"""The room of checkouts: the only place that runs git. This is its door."""

from beadwork.checkouts.bases import NoBase, Target, target_of
from beadwork.checkouts.branches import Branch, branch_in, refs_with
from beadwork.checkouts.comparing import ChangedPath, changed_paths, content_at, patch_of
from beadwork.checkouts.diffs import ChangeKind, Difference, FileDiff
from beadwork.checkouts.gating import gates_name
from beadwork.checkouts.git import GitMissing, in_no_repository
from beadwork.checkouts.git_checkouts import GitCheckouts
from beadwork.checkouts.landing import BaseMoved, in_the_way, land_merged, settle_landing
from beadwork.checkouts.marks import conflict_marks
from beadwork.checkouts.merging import Conflicts, How, Merged, conflicts_of, discard_merge, merge
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
from beadwork.checkouts.trees import BaseTree, InTheWay

__all__ = [
    "BaseMoved",
    "BaseTree",
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
    "Conflicts",
    "Difference",
    "Evidence",
    "FileDiff",
    "GitCheckouts",
    "GitFailed",
    "GitMissing",
    "How",
    "InTheWay",
    "Merged",
    "NoBase",
    "NoCommit",
    "NoRepository",
    "NothingToReview",
    "PastCommit",
    "Pushed",
    "RemoteError",
    "Returned",
    "Subject",
    "Survey",
    "Target",
    "ask_remote",
    "branch_in",
    "branch_of",
    "changed_paths",
    "conflict_marks",
    "conflicts_of",
    "contains",
    "content_at",
    "discard_merge",
    "fetch_base",
    "gates_name",
    "in_no_repository",
    "in_the_way",
    "land_merged",
    "merge",
    "patch_of",
    "push",
    "refs_with",
    "remote_of",
    "remotes_of",
    "review_name",
    "settle_landing",
    "target_of",
    "url_of",
    "without_passwords",
]
