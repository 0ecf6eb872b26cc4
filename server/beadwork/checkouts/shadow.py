"""Our own git folder for one bead's branch, where no agent can write; all looking is done from here.

It borrows the objects of the user's repository, holds what agents made beyond them, and has an index of its
own to compare the work tree with. What an agent made comes in by a fetch, which hashes every object again and
checks that all are there, out of a *view*: one more git folder of ours that borrows the checkout's objects.
So neither side of the fetch reads a setting that an agent wrote.
"""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import attrs

from beadwork.checkouts.files import discard
from beadwork.checkouts.foreign import Foreign
from beadwork.checkouts.git import LONG, QUICK, Git, failure
from beadwork.checkouts.model import CheckoutError
from beadwork.checkouts.places import Places
from beadwork.checkouts.repository import HEADS, Repository

KEPT = "refs/kept/"
"""Where other branches and the stash of a checkout are held while its git folder is made anew."""

FETCH = (
    "fetch",
    "--quiet",
    "--no-write-fetch-head",
    "--no-tags",
    "--no-auto-maintenance",
    "--no-recurse-submodules",
    "--no-prune-tags",
)
"""A fetch that leaves nothing but the refs it names."""

_VIEW_SETTINGS = (
    "\tbare = true\n\tcommitGraph = false\n\tmultiPackIndex = false\n[pack]\n\tuseBitmaps = false\n"
)
"""Appended to `[core]`: files that only speed git up could lie about the objects beside them."""


@attrs.frozen
class Shadow:
    """Our own git folder for the branch of one bead."""

    places: Places
    branch: str

    @property
    def git(self) -> Git:
        """Git in the shadow alone."""
        return Git.own(self.places.shadow)

    @property
    def over_checkout(self) -> Git:
        """Git in the shadow, with the checkout as its work tree and an index of ours."""
        return Git.own(self.places.shadow, self.places.checkout)

    @property
    def ref(self) -> str:
        """The full name of the branch."""
        return HEADS + self.branch

    async def open(self, repository: Repository) -> None:
        """Make the shadow, or bring it up to date with where the user's repository has its objects."""
        await discard(self.places.view)
        if not (self.places.shadow / "HEAD").exists():
            await discard(self.places.shadow)
            await _init(self.places.shadow, repository.object_format)
            await self.git.bytes_of("config", "core.bare", "false")
            await self.git.bytes_of("symbolic-ref", "HEAD", self.ref)
        _borrow(self.places.shadow, os.fsencode(repository.objects) + b"\n")
        copy_shallow(repository.common_dir, self.places.shadow)

    async def take(self, foreign: Foreign) -> str:
        """Fetch the branch out of a checkout and give its commit. Raises CheckoutError."""
        commit = foreign.refs.get(self.ref, "")
        if not commit:
            raise CheckoutError(
                f"The checkout {self.places.checkout} has no branch {self.branch} any more; "
                "look into it by hand, or remove the checkout and start again.",
            )
        refs, wanted = {self.ref: commit}, f"+{self.ref}:{self.ref}"
        await self._forget()
        await self._fetch(foreign, refs, wanted)
        return commit

    async def _forget(self) -> None:
        """Drop our refs, since git believes that all before a ref is there.

        The user's git may have dropped objects that were borrowed. Without refs, a fetch looks and
        gets them.
        """
        names = await self.git.bytes_of("for-each-ref", "--format=delete %(refname)")
        await self.git.bytes_of("update-ref", "--stdin", stdin=names)

    async def keep_others(self, foreign: Foreign) -> str:
        """Fetch other branches and the stash of a checkout as `refs/kept/*`; give what failed, or nothing."""
        others = {name: commit for name, commit in foreign.refs.items() if name != self.ref}
        try:
            await self._fetch(
                foreign,
                others,
                f"+{HEADS}*:{KEPT}heads/*",
                *(["+refs/stash:refs/kept/stash"] * ("refs/stash" in others)),
            )
        except CheckoutError as error:
            return error.message
        return ""

    async def _fetch(self, foreign: Foreign, refs: Mapping[str, str], *wanted: str) -> None:
        view = self.places.view
        await discard(view)
        object_format = await self.git.line("rev-parse", "--show-object-format")
        await _init(view, object_format)
        with (view / "config").open("a", encoding="ascii") as settings:
            settings.write("[core]\n" + _VIEW_SETTINGS)
        _borrow(view, os.fsencode(foreign.objects) + b"\n")
        write_refs(view, refs)
        copy_shallow(self.places.shadow, view)
        try:
            code, _, complaints = await self.git.ask(
                "-c",
                "fetch.fsckObjects=true",
                *FETCH,
                "--update-head-ok",
                "--prune",
                str(view),
                *wanted,
                limit=LONG,
            )
        finally:
            await discard(view)
        if code != 0:
            raise failure("fetch", self.places.checkout, complaints)

    async def contains(self, commit: str, ancestor: str) -> bool:
        """Whether `ancestor` is `commit` or before it. Raises GitFailed."""
        code, _, complaints = await self.git.ask("merge-base", "--is-ancestor", ancestor, commit)
        if code not in (0, 1):
            raise failure("merge-base", self.places.shadow, complaints)
        return code == 0

    async def point(self, commit: str) -> None:
        """Set the branch in the shadow."""
        await self.git.bytes_of("update-ref", self.ref, commit)

    async def leftovers(self, commit: str) -> tuple[bytes, ...]:
        """Give the paths of the checkout that are not as in `commit`; untracked folders end in `/`.

        The index keeps what it knew of unchanged files, so that only others are read.
        """
        git = self.over_checkout
        await git.bytes_of("read-tree", "--reset", commit, limit=LONG)
        words = (
            "--porcelain=v1",
            "-z",
            "--no-renames",
            "--untracked-files=normal",
            "--ignore-submodules=all",
        )
        output = await git.bytes_of("status", *words, limit=LONG)
        return tuple(entry[3:] for entry in output.split(b"\0") if entry)

    async def move_tree(self, old: str, new: str) -> str:
        """Bring the work tree from `old` to `new`, keeping what is not committed; give what is in the way."""
        git = self.over_checkout
        await git.bytes_of("read-tree", "--reset", old, limit=LONG)
        await git.ask("update-index", "-q", "--refresh", limit=LONG)
        if old == new:
            return ""
        code, _, complaints = await git.ask("read-tree", "-m", "-u", old, new, limit=LONG)
        return "" if code == 0 else complaints or f"git read-tree ended with {code}"


def write_refs(git_dir: Path, refs: Mapping[str, str]) -> None:
    """Write many refs at once into a new git folder of ours."""
    lines = [f"{commit} {name}\n" for name, commit in sorted(refs.items())]
    (git_dir / "packed-refs").write_text("".join(lines), "utf-8", "surrogateescape")


def copy_shallow(source: Path, target: Path) -> None:
    """Carry over where a shallow history ends."""
    if (source / "shallow").is_file():
        shutil.copyfile(source / "shallow", target / "shallow")
    else:
        (target / "shallow").unlink(missing_ok=True)


def _borrow(git_dir: Path, listed: bytes) -> None:
    info = git_dir / "objects" / "info"
    info.mkdir(parents=True, exist_ok=True)
    (info / "alternates").write_bytes(listed)


async def _init(git_dir: Path, object_format: str) -> None:
    git_dir.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    words = ("--quiet", "--bare", "--template=", f"--object-format={object_format}")
    await Git.own(git_dir).bytes_of("init", *words, str(git_dir), limit=QUICK)
