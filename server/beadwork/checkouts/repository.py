"""Reading the user's repository without a trace: where it is, what it has, what a bead would start from.

What is left out: its uncommitted changes (changes.py), and the one ref we write (returning.py).
"""

import os
from collections.abc import Mapping
from pathlib import Path

import attrs

from beadwork.checkouts.git import Git, as_text, failure
from beadwork.checkouts.model import BranchInUse, CheckoutError, NoCommit, NoRepository

HEADS = "refs/heads/"
_ORIGIN_HEAD = "refs/remotes/origin/HEAD"
_ALTERNATES_DEPTH = 5


@attrs.frozen
class Start:
    """Where new work on a bead begins."""

    name: str
    """What a person calls it."""
    commit: str


@attrs.frozen
class Repository:
    """The user's repository, as it was when it was read."""

    top: Path
    """The top of the working tree the user is in; of a bare repository, its git folder."""
    git_dir: Path
    """Of a linked worktree its own folder, else the same as `common_dir`."""
    common_dir: Path
    objects: Path
    object_format: str
    """`sha1` or `sha256`."""
    bare: bool
    shallow: bool
    head: str
    """The branch that is checked out, without `refs/heads/`; empty when HEAD is detached."""
    refs: Mapping[str, str]
    """Every ref by its full name; symbolic ones are left out."""
    origin_head: str
    """What `refs/remotes/origin/HEAD` stands for, or nothing."""

    @classmethod
    async def read(cls, workspace: Path) -> "Repository":
        """Read the repository that `workspace` is in.

        Raises NoRepository; CheckoutError when git does not trust the folder.
        """
        git = Git.of_user(workspace)
        asked = ("--is-bare-repository", "--is-shallow-repository", "--is-inside-git-dir")
        code, output, complaints = await git.ask("rev-parse", *asked, "--show-object-format")
        if code != 0:
            raise _unreadable(workspace, complaints)
        bare, shallow, inside, object_format = as_text(output).split()
        if inside == "true" and bare == "false":
            raise NoRepository(f"{workspace} is inside a git folder; open the working tree beside it.")
        paths = ["git-dir", "git-common-dir", "git-path objects"]
        if bare == "false":
            paths.append("show-toplevel")
        found = [await _path(git, *words.split()) for words in paths]
        refs, origin_head = await _refs(git)
        _, head, _ = await git.ask("symbolic-ref", "--quiet", "HEAD")
        return cls(
            top=found[-1] if bare == "false" else found[0],
            git_dir=found[0],
            common_dir=found[1],
            objects=found[2],
            object_format=object_format,
            bare=bare == "true",
            shallow=shallow == "true",
            head=as_text(head).strip().removeprefix(HEADS),
            refs=refs,
            origin_head=origin_head,
        )

    @property
    def git(self) -> Git:
        """Git in this repository."""
        return Git.of_user(self.top)

    def object_folders(self) -> tuple[Path, ...]:
        """Give the folders that hold its objects: its own, then those it borrows from."""
        found: list[Path] = []
        wanted = [(self.objects, 0)]
        while wanted:
            folder, depth = wanted.pop(0)
            if folder in found or not folder.is_dir():
                continue
            found.append(folder)
            listed = folder / "info" / "alternates"
            if depth >= _ALTERNATES_DEPTH or not listed.is_file():
                continue
            lines = [line for line in listed.read_bytes().split(b"\n") if line and line[:1] != b"#"]
            wanted += [(Path(os.path.normpath(folder / os.fsdecode(line))), depth + 1) for line in lines]
        return tuple(found)

    async def commit_of(self, name: str) -> str:
        """Give the commit that `name` stands for, or nothing."""
        code, output, _ = await self.git.ask(
            "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"
        )
        return as_text(output).strip() if code == 0 else ""

    async def start(self, base: str) -> Start:
        """Give what new work begins from: `base`, else origin's default, main, master, the current branch.

        Raises NoCommit when there is nothing; CheckoutError when `base` names nothing.
        """
        if base:
            return await self._named(base)
        for ref in (self.origin_head, "refs/heads/main", "refs/heads/master"):
            if ref in self.refs and (commit := await self.commit_of(ref)):
                return Start(ref.removeprefix(HEADS).removeprefix("refs/remotes/"), commit)
        commit = await self.commit_of("HEAD")
        if not commit:
            raise NoCommit(f"The repository {self.top} has no commit to start from: make a first one.")
        return Start(self.head or commit[:12], commit)

    async def _named(self, base: str) -> Start:
        for name in (base, f"origin/{base}"):
            if commit := await self.commit_of(name):
                return Start(name, commit)
        raise CheckoutError(
            f"There is no branch or commit `{base}` in {self.top} to start from: "
            "correct the setting `base`, or fetch it.",
        )

    async def refuse_branch(self, branch: str) -> None:
        """Raise when `branch` cannot be written: BranchInUse, or CheckoutError for a name in its way."""
        self._refuse_name(branch)
        listing = await self.git.bytes_of("worktree", "list", "--porcelain")
        for block in as_text(listing).split("\n\n"):
            lines = block.splitlines()
            if f"branch {HEADS}{branch}" in lines and "bare" not in lines:
                where = lines[0].removeprefix("worktree ")
                raise BranchInUse(
                    f"The branch {branch} is checked out in {where}: switch to another branch there, "
                    "then try again.",
                )

    def _refuse_name(self, branch: str) -> None:
        parent = branch.partition("/")[0]
        in_the_way = [
            name.removeprefix(HEADS)
            for name in self.refs
            if name == HEADS + parent or name.startswith(f"{HEADS}{branch}/")
        ]
        if in_the_way:
            raise CheckoutError(
                f"The branch {in_the_way[0]} is in the way of {branch}, since git cannot have both: "
                "rename or delete it.",
            )


async def _path(git: Git, *words: str) -> Path:
    option = f"--{words[0]}"
    raw = await git.bytes_of("rev-parse", "--path-format=absolute", option, *words[1:])
    return Path(os.fsdecode(raw.removesuffix(b"\n")))


async def _refs(git: Git) -> tuple[dict[str, str], str]:
    refs: dict[str, str] = {}
    origin_head = ""
    listing = await git.bytes_of("for-each-ref", "--format=%(objectname) %(refname) %(symref)")
    for line in listing.decode("utf-8", "surrogateescape").split("\n")[:-1]:
        commit, name, symbolic = line.split(" ")
        if not symbolic:
            refs[name] = commit
        elif name == _ORIGIN_HEAD:
            origin_head = symbolic
    return refs, origin_head


def _unreadable(workspace: Path, complaints: str) -> CheckoutError:
    if "dubious ownership" in complaints:
        return CheckoutError(
            f"Git does not trust {workspace}, since it belongs to another user: if you do, run "
            f"`git config --global --add safe.directory {workspace}`.",
            detail=complaints,
        )
    if "not a git repository" in complaints:
        return NoRepository(
            f"{workspace} is in no git repository: run `git init` there and make a first commit.",
            detail=complaints,
        )
    return failure("rev-parse", workspace, complaints)
