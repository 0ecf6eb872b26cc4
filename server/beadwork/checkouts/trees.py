"""The user's working trees: which branch is checked out where, what is not committed there, bringing one on.

A repository has one, and any number of linked ones (`git worktree`). What it leaves out: what a bead's run
works in, which is a clone of ours.
"""

import asyncio
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs

from beadwork.checkouts.changes import NOT_BEADS
from beadwork.checkouts.files import read_small
from beadwork.checkouts.git import LONG, Git, as_text, failure
from beadwork.checkouts.model import CheckoutError
from beadwork.checkouts.repository import HEADS, Repository

_LONGEST = 4096
"""Bytes of the name of a ref."""
_NO_HOOKS = ("-c", "core.hooksPath=/dev/null", "-c", "gc.auto=0", "-c", "submodule.recurse=false")


@attrs.frozen
class BaseTree:
    """A working tree of the user's."""

    top: Path
    branch: str
    """What is checked out there, without `refs/heads/`; also while it is being rebased."""
    at: str = ""
    """The commit that is checked out there."""
    dirty: tuple[str, ...] = ()
    """Tracked paths that are not as in that commit; beads are not looked at, since runs change them."""
    busy: str = ""
    """What the user is in the middle of there, such as `a rebase`."""

    async def looked_at(self) -> "BaseTree":
        """Give it with what is not committed there. Raises GitFailed."""
        git = Git.of_user(self.top)
        words = ("--porcelain=v1", "-z", "--no-renames", "--untracked-files=no", "--ignore-submodules=dirty")
        listing = await git.bytes_of("status", *words, "--", *NOT_BEADS, limit=LONG)
        dirty = tuple(as_text(entry[3:]) for entry in listing.split(b"\0") if entry)
        return attrs.evolve(self, dirty=dirty, at=await git.line("rev-parse", "HEAD"))


class InTheWay(CheckoutError):  # noqa: N818
    """Files of the user's would be lost, so nothing was changed."""

    code = "tree-dirty"

    def __init__(self, message: str, paths: Sequence[str], detail: str = "") -> None:
        """Name the files."""
        super().__init__(message, detail=detail)
        self.paths = tuple(paths)


async def trees_of(repository: Repository) -> tuple[BaseTree, ...]:
    """Give the working trees of a repository in which a branch is checked out, or is being rebased."""
    listing = as_text(await repository.git.bytes_of("worktree", "list", "--porcelain"))
    found = []
    for block in listing.split("\n\n"):
        lines = block.splitlines()
        if not lines or "bare" in lines:
            continue
        top = Path(lines[0].removeprefix("worktree "))
        if _is_gone(top):
            continue
        branch = next((line[7:] for line in lines if line.startswith("branch ")), "")
        rebased = "" if branch else await _rebased(top)
        if branch or rebased:
            name = (branch or rebased).removeprefix(HEADS)
            found.append(BaseTree(top, name, busy="a rebase" if rebased else ""))
    return tuple(found)


async def bring_along(tree: BaseTree, commit: str, environment: Mapping[str, str]) -> None:
    """Bring a working tree whose branch is behind `commit` forward to it, and its branch with it.

    It is git's own fast-forward, by the user's settings but without hooks; all or nothing. Raises InTheWay
    when files of theirs are, GitFailed.
    """
    git = attrs.evolve(Git.as_user(tree.top, {**environment, "LC_ALL": "C"}), options=_NO_HOOKS)
    words = ("--ff-only", "--no-overwrite-ignore", "--no-autostash", "--no-verify-signatures", "--quiet")
    code, _, complaints = await git.ask("merge", *words, "--no-stat", commit, limit=LONG)
    if code == 0:
        return
    paths = [line.strip() for line in complaints.splitlines() if line.startswith("\t")]
    if not paths:
        raise failure("merge", tree.top, complaints)
    raise InTheWay(
        f"Files in {tree.top} would be overwritten, so nothing was changed: {', '.join(paths[:5])}. "
        "Commit, move or remove them, then try again.",
        paths,
        complaints,
    )


async def in_danger(tree: BaseTree, git: Git, commit: str) -> tuple[str, ...]:
    """Give the paths of `commit` under which the user has something that it would overwrite.

    That are files that git does not know where it brings new ones, and changes of beads that it changes too.
    `git` is where that commit is. Raises GitFailed.
    """
    words = ("--name-status", "-z", "--no-renames", "--no-ext-diff")
    listing = (await git.bytes_of("diff", *words, tree.at, commit, "--", limit=LONG)).split(b"\0")
    kinds = {os.fsdecode(path): kind for kind, path in zip(listing[::2], listing[1::2], strict=False)}
    there = await asyncio.to_thread(_there, tree.top, [path for path in kinds if kinds[path] == b"A"])
    own = ("--name-only", "-z", "--no-renames", "--no-ext-diff", "--ignore-submodules=dirty")
    changed = await Git.of_user(tree.top).bytes_of("diff", *own, "HEAD", "--", limit=LONG)
    return (*there, *(path for path in map(os.fsdecode, changed.split(b"\0")[:-1]) if path in kinds))


async def _rebased(top: Path) -> str:
    """Give the branch that is being rebased in a working tree, or nothing."""
    for folder in ("rebase-merge", "rebase-apply"):
        code, path, _ = await Git.of_user(top).ask(
            "rev-parse", "--path-format=absolute", "--git-path", f"{folder}/head-name"
        )
        content = read_small(Path(os.fsdecode(path.removesuffix(b"\n"))), _LONGEST) if code == 0 else None
        if content is not None:
            return os.fsdecode(content).strip()
    return ""


def _is_gone(top: Path) -> bool:
    """Whether a working tree was removed, and git was not told."""
    return not top.is_dir()


def _there(top: Path, paths: Sequence[str]) -> tuple[str, ...]:
    return tuple(path for path in paths if os.path.lexists(top / path))
