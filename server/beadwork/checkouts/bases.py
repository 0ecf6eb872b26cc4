"""What a bead's branch is brought into: the newest its base has become, here or as the remote is known.

Nothing is made or fetched; remotes are known by what was fetched last. What it leaves out: merging
(`merging.py`), and moving the base (`landing.py`).
"""

import os
from pathlib import Path

import attrs

from beadwork.checkouts.git import as_text
from beadwork.checkouts.model import CheckoutError
from beadwork.checkouts.places import branch_of
from beadwork.checkouts.remotes import contains
from beadwork.checkouts.repository import HEADS, Repository
from beadwork.checkouts.trees import BaseTree, trees_of

_REMOTES = "refs/remotes/"


class NoBase(CheckoutError):  # noqa: N818
    """What work starts from is no branch, so nothing can be brought into it."""

    code = "no-base"


@attrs.frozen
class Target:
    """A bead's branch and its base, as the user's repository has them at one moment."""

    repository: Path
    """The top of the user's working tree."""
    branch: str
    """`bead/<id>`, made safe."""
    head: str
    """The last commit of it."""
    base: str
    """The branch that it is brought into: `main`."""
    old: str
    """The last commit that the user's own branch of that name has; empty where they have none."""
    known: str
    """The last commit that the remote is known to have of it; empty where none is known."""
    onto: str
    """The newest commit of the base: the user's own, or the remote's where that is further."""
    onto_ref: str
    """What a person calls it: `main`, `origin/main`."""
    diverged: bool
    """Whether the base went different ways here and at the remote; then `onto` is the user's own."""
    related: bool
    """Whether the branch and its base have any commit in common."""
    ahead: int
    """Commits that the branch has and `onto` has not."""
    behind: int
    """Commits that `onto` has and the branch has not."""
    trees: tuple[BaseTree, ...]
    """The working trees of the user in which the base is checked out."""
    branch_trees: tuple[Path, ...]
    """Those in which the bead's branch is."""

    @property
    def landed(self) -> bool:
        """Whether the user's own base has all of it, commit by commit; of a squash that is not seen here."""
        return self.ahead == 0 and self.old == self.onto

    @property
    def dirty(self) -> tuple[str, ...]:
        """Changes in those working trees that are not committed."""
        return tuple(path for tree in self.trees for path in tree.dirty)


async def target_of(workspace: Path, bead: str, *, base: str = "", remote: str = "") -> Target | None:
    """Give what a bead's branch is to be brought into; None where there is no branch.

    `remote` is the one whose base counts beside the user's own; empty for `origin`. Raises NoBase,
    CheckoutError.
    """
    repository = await Repository.read(workspace)
    branch = branch_of(bead)
    head = repository.refs.get(HEADS + branch, "")
    if not head:
        return None
    name, there = _named(repository, (await repository.start(base)).name, remote or "origin")
    old = repository.refs.get(HEADS + name, "")
    known = repository.refs.get(there, "")
    onto, onto_ref, diverged = old or known, name if old else there.removeprefix(_REMOTES), False
    if old and known and old != known and not await contains(repository.top, old, known):
        diverged = not await contains(repository.top, known, old)
        if not diverged:
            onto, onto_ref = known, there.removeprefix(_REMOTES)
    counted = await repository.git.line("rev-list", "--left-right", "--count", f"{onto}...{head}", "--")
    behind, ahead = (int(number) for number in counted.split())
    trees = await trees_of(repository)
    return Target(
        repository=repository.top,
        branch=branch,
        head=head,
        base=name,
        old=old,
        known=known,
        onto=onto,
        onto_ref=onto_ref,
        diverged=diverged,
        related=(await repository.git.ask("merge-base", onto, head))[0] == 0,
        ahead=ahead,
        behind=behind,
        trees=tuple([await tree.looked_at() for tree in trees if tree.branch == name]),
        branch_trees=tuple(tree.top for tree in trees if tree.branch == branch),
    )


def _named(repository: Repository, start: str, remote: str) -> tuple[str, str]:
    """Give the base's own name, and the full name of the ref that says where the remote has it."""
    name = start.removeprefix(HEADS).removeprefix(_REMOTES)
    if (shown := as_text(os.fsencode(name))) != name:
        raise NoBase(f"The name of the branch `{shown}` is no UTF-8, so nothing is landed on it: rename it.")
    if HEADS + name in repository.refs:
        return name, f"{_REMOTES}{remote}/{name}"
    if _REMOTES + name in repository.refs:
        return name.partition("/")[2], _REMOTES + name
    raise NoBase(
        f"`{start}` is no branch in {repository.top}, so nothing can be brought into it: "
        "set `base` to the branch that work is to land on.",
    )
