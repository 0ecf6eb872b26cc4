"""What a bead's branch changed, as a person or an editor sees it: against its base, or since its last review.

What it leaves out: reading it from git (`checkouts/comparing.py`).
"""

from enum import StrEnum
from pathlib import Path

import attrs

from beadwork.checkouts import (
    Branch,
    CheckoutError,
    NothingToReview,
    branch_in,
    branch_of,
    changed_paths,
    content_at,
    patch_of,
)
from beadwork.workflows.house import House


class Since(StrEnum):
    """What a branch is compared with."""

    BASE = "base"
    """The commit where it left its base."""
    REVIEW = "review"
    """The commit that its newest review read."""


@attrs.frozen
class ChangedFileView:
    """A file that a branch changed."""

    path: str
    """Relative to the repository; of a deleted file, where it was."""
    kind: str
    """`added`, `changed`, `deleted` or `renamed`."""
    old_path: str
    """Where it is in the commit that is compared with."""
    added: int | None
    """Lines that are new; None for a file without lines."""
    removed: int | None


@attrs.frozen
class ChangesView:
    """What changed on a bead's branch. The two sides of a file: `old_path` at `base`, `path` at `head`."""

    folder: str
    bead: str
    branch: str
    since: str
    base: str
    """The commit that is compared with."""
    base_ref: str
    """What a person calls it."""
    head: str
    files: tuple[ChangedFileView, ...]


async def changes_of(house: House, project: Path, bead: str, since: Since) -> ChangesView:
    """Give the files that a branch changed. Raises NothingToReview when there is no branch, CheckoutError."""
    branch, start, name = await _range(house, project, bead, since)
    found = await changed_paths(project, start, branch.head)
    return ChangesView(
        folder=str(project),
        bead=bead,
        branch=branch.name,
        since=since.value,
        base=start,
        base_ref=name,
        head=branch.head,
        files=tuple(
            ChangedFileView(each.path, each.kind.value, each.old_path, each.added, each.removed)
            for each in found
        ),
    )


async def patch_for(house: House, project: Path, bead: str, since: Since, *, stat: bool = False) -> str:
    """Give what a branch changed as a patch, or how much in which file. Raises as `changes_of`."""
    branch, start, _ = await _range(house, project, bead, since)
    return await patch_of(project, start, branch.head, stat=stat)


async def text_at(project: Path, commit: str, path: str) -> str | None:
    """Give the text of a file in a commit; None where there is none, or it is no text.

    Raises CheckoutError.
    """
    content = await content_at(project, commit, path)
    if content is None or b"\0" in content[:8000]:
        return None
    return content.decode("utf-8", "replace")


async def _range(house: House, project: Path, bead: str, since: Since) -> tuple[Branch, str, str]:
    branch = await branch_in(project, bead, base=house.settings_for(project).settings.base)
    if branch is None:
        raise NothingToReview(f"There is no branch {branch_of(bead)} here: work on {bead} first.")
    if since is Since.BASE:
        return branch, _fork(branch), branch.base_ref
    reviews = house.findings.newest(str(project), bead)
    if not reviews:
        raise NothingToReview(
            f"{bead} was not reviewed yet: `beadwork review {bead}` does, or compare with its base."
        )
    return branch, reviews[0].head, f"the review of {reviews[0].head[:10]}"


def _fork(branch: Branch) -> str:
    if not branch.fork:
        raise CheckoutError(f"{branch.name} and {branch.base_ref} have no commit in common to compare from.")
    return branch.fork
