"""The user's working trees: which branch is checked out where, what is not committed there, bringing one on.

A repository has one, and any number of linked ones (`git worktree`). What it leaves out: what a bead's run
works in, which is a clone of ours.
"""

import asyncio
import os
import stat
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import accumulate
from pathlib import Path

import attrs

from beadwork.checkouts.changes import NOT_BEADS
from beadwork.checkouts.files import read_small
from beadwork.checkouts.git import LONG, Git, as_text, failure
from beadwork.checkouts.model import CheckoutError
from beadwork.checkouts.repository import HEADS, Repository

_UNBORN = "a first commit"
_UNDER_WAY = {"MERGE_HEAD": "a merge", "CHERRY_PICK_HEAD": "a cherry-pick", "REVERT_HEAD": "a revert"}
_LONGEST = 4096
"""Bytes of the name of a ref."""
_NO_HOOKS = (
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "gc.auto=0",
    "-c",
    "submodule.recurse=false",
)


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
        if self.busy == _UNBORN:
            return self
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
    found = []
    for number, about in enumerate(await _listed(repository)):
        if "bare" in about:
            continue
        top = Path(about["worktree"])
        if number == 0 and repository.git_dir == repository.common_dir:
            top = repository.top  # git names the git folder where that lies elsewhere, as of a submodule
        if _is_gone(top) and "locked" not in about:
            continue
        if branch := about.get("branch", ""):
            busy = await _under_way(top) if about.get("HEAD", "").strip("0") else _UNBORN
            found.append(BaseTree(top, branch.removeprefix(HEADS), busy=busy))
        elif rebased := await _rebased(top):
            found.append(BaseTree(top, rebased.removeprefix(HEADS), busy="a rebase"))
    return tuple(found)


async def bring_along(tree: BaseTree, commit: str, environment: Mapping[str, str]) -> None:
    """Bring a working tree whose branch is behind `commit` forward to it, and its branch with it.

    It is git's own fast-forward, by the user's settings but without hooks; all or nothing. Raises InTheWay
    when files of theirs are, GitFailed.
    """
    no_options = ("-c", f"branch.{tree.branch}.mergeOptions=")  # such as `--squash`
    options = (*_NO_HOOKS, *no_options)
    git = attrs.evolve(Git.as_user(tree.top, {**environment, "LC_ALL": "C"}), options=options)
    words = ("--ff-only", "--no-overwrite-ignore", "--no-autostash", "--no-verify-signatures", "--quiet")
    code, _, complaints = await git.ask("merge", *words, "--no-stat", commit, limit=LONG)
    if code == 0 and await Git.of_user(tree.top).line("rev-parse", "HEAD") == commit:
        return
    if code == 0:
        raise CheckoutError(
            f"git merged in {tree.top} as if all was well, but {tree.branch} is not at {commit[:10]}: "
            "see there what your settings for merging make of it.",
        )
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
    there = await asyncio.to_thread(lambda: tuple(dict.fromkeys(_there(tree.top, kinds))))
    folders = [path for path in there if (tree.top / path).is_dir() and not (tree.top / path).is_symlink()]
    there = (*(path for path in there if path not in folders), *await _unknown(tree.top, folders))
    own = ("--name-only", "-z", "--no-renames", "--no-ext-diff", "--ignore-submodules=dirty")
    changed = await Git.of_user(tree.top).bytes_of("diff", *own, "HEAD", "--", limit=LONG)
    return (*there, *(path for path in map(os.fsdecode, changed.split(b"\0")[:-1]) if path in kinds))


async def _listed(repository: Repository) -> Sequence[Mapping[str, str]]:
    """Give what git says of each working tree, the main one first."""
    words, ends = ("worktree", "list", "--porcelain"), b"\0"
    code, listing, _ = await repository.git.ask(*words, "-z")
    if code != 0:  # before git 2.36
        listing, ends = await repository.git.bytes_of(*words), b"\n"
    blocks = [os.fsdecode(block).split(os.fsdecode(ends)) for block in listing.split(ends * 2) if block]
    return [{name: value for name, _, value in (line.partition(" ") for line in block)} for block in blocks]


async def _under_way(top: Path) -> str:
    """Say what the user is in the middle of in a working tree, besides a rebase; else nothing."""
    for ref, name in _UNDER_WAY.items():
        code, _, _ = await Git.of_user(top).ask("rev-parse", "--verify", "--quiet", ref)
        if code == 0:
            return name
    return ""


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


def _there(top: Path, kinds: Mapping[str, bytes]) -> Iterator[str]:
    """Give what lies where something new is to come, or where a folder for it is."""
    gone = {path for path, kind in kinds.items() if kind == b"D"}
    for path in (path for path, kind in kinds.items() if kind == b"A"):
        if found := _lying(top, path, gone):
            yield found


def _lying(top: Path, path: str, gone: Collection[str]) -> str:
    for each in accumulate(path.split("/"), "{}/{}".format):
        if each in gone:
            return ""
        try:
            mode = (top / each).lstat().st_mode
        except FileNotFoundError:
            return ""
        if each == path or not stat.S_ISDIR(mode):
            return each
    return ""


async def _unknown(top: Path, folders: Sequence[str]) -> Sequence[str]:
    """Give what lies in folders that git does not know, ignored or not. Raises GitFailed."""
    if not folders:
        return ()
    git = Git.of_user(top).having(GIT_LITERAL_PATHSPECS="1")
    listing = await git.bytes_of("ls-files", "-z", "--others", "--", *folders, limit=LONG)
    return os.fsdecode(listing).split("\0")[:-1]
