"""A pull request, and why there may be none; as data. What it leaves out: who is asked (`github.py`)."""

from enum import StrEnum

import attrs

from beadwork.errors import BeadworkError


class ForgeError(BeadworkError):
    """The forge could not do what was asked; `detail` has its words.

    ForgeError
    └── NoForge      there is nobody to ask: no program, nobody logged in, or the remote is no such forge
    """

    code = "forge"


class NoForge(ForgeError):  # noqa: N818
    """There is nobody to ask for pull requests; the sentence says what can be done about that."""

    code = "no-forge"


class Merging(StrEnum):
    """How a pull request is merged."""

    MERGE = "merge"
    SQUASH = "squash"
    REBASE = "rebase"


@attrs.frozen
class PullRequest:
    """A pull request, as the forge has it."""

    number: int
    url: str
    draft: bool
    title: str
    body: str
    state: str
    """`OPEN`, `MERGED` or `CLOSED`."""
    head: str
    """The commit that it would bring."""
    base: str
    """The branch that it is to be merged into."""
    merging: str
    """Whether it can be merged, in the forge's words: `CLEAN`, `BLOCKED`, `DIRTY`, `BEHIND`, `UNSTABLE` …"""
    merge_commit: str
    """With MERGED: the commit that it became; else empty."""
