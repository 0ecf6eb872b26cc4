"""How it stands with a bead's branch in the user's repository: its head, its base, and what is between them.

Nothing is made or fetched. What it leaves out: remotes, and what changed on the branch.
"""

import os
from pathlib import Path

import attrs

from beadwork.checkouts.git import LONG
from beadwork.checkouts.places import branch_of
from beadwork.checkouts.repository import HEADS, Repository


@attrs.frozen
class Branch:
    """A bead's branch, as the user's repository has it."""

    repository: Path
    """The top of the user's working tree."""
    name: str
    """`bead/<id>`, made safe."""
    head: str
    """Its last commit."""
    base_ref: str
    """What a person calls its base: `origin/main`, `main` …"""
    base: str
    """The last commit of the base."""
    fork: str
    """The commit where the branch left its base; empty where they have none in common."""
    ahead: int
    """Commits that the branch has and its base has not."""
    behind: int
    """Commits that the base has and the branch has not."""

    @property
    def landed(self) -> bool:
        """Whether its base has all of it, commit by commit. A branch that was squashed is not seen here."""
        return self.ahead == 0

    @property
    def base_name(self) -> str:
        """The base without the name of a remote: `main` for `origin/main`."""
        return self.base_ref.removeprefix("origin/")


async def branch_in(workspace: Path, bead: str, *, base: str = "") -> Branch | None:
    """Give how it stands with a bead's branch; None where there is none. Raises CheckoutError."""
    repository = await Repository.read(workspace)
    name = branch_of(bead)
    head = repository.refs.get(HEADS + name, "")
    if not head:
        return None
    start = await repository.start(base)
    counted = await repository.git.line(
        "rev-list", "--left-right", "--count", f"{start.commit}...{head}", "--"
    )
    behind, ahead = (int(number) for number in counted.split())
    code, output, _ = await repository.git.ask("merge-base", start.commit, head)
    return Branch(
        repository=repository.top,
        name=name,
        head=head,
        base_ref=start.name,
        base=start.commit,
        fork=output.decode("ascii").strip() if code == 0 else "",
        ahead=ahead,
        behind=behind,
    )


async def refs_with(workspace: Path, commit: str) -> frozenset[str]:
    """Give the full names of the refs that `commit` is part of, as known here. Raises CheckoutError."""
    repository = await Repository.read(workspace)
    listed = await repository.git.bytes_of(
        "for-each-ref", "--format=%(refname)", "--contains", commit, limit=LONG
    )
    return frozenset(os.fsdecode(listed).splitlines())
