"""Making a checkout: a git folder of its own, made of copied objects, and the files of its branch.

It is not made by `git clone`, which would copy no remote branch of the user's, would need to be told of every
setting it must not take over, and leaves a remote to push to. The refs of the new git folder:

    refs/heads/bead/<id>       the bead's branch
    refs/remotes/local/*       the user's own branches, to read
    refs/remotes/origin/* …    what the user knows of their remotes, under the same names
    refs/tags/*                the same tags

There is no remote behind any of them, so nothing can be pushed. What is left out: going on in a checkout that
is there (continuing.py).
"""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import attrs

from beadwork.checkouts.changes import Identity
from beadwork.checkouts.files import copy_objects, discard
from beadwork.checkouts.git import LONG, Git, as_text
from beadwork.checkouts.model import CheckoutError
from beadwork.checkouts.repository import HEADS, Repository
from beadwork.checkouts.shadow import Shadow, copy_shallow, write_refs

_LOCAL = "refs/remotes/local/"
NOBODY = Identity("Beadwork", "beadwork@localhost")


@attrs.frozen
class Cloning:
    """What every git folder of one checkout is made from."""

    repository: Repository
    shadow: Shadow
    identity: Identity
    hard_links: bool

    async def git_folder(self, commit: str, kept: Mapping[str, str]) -> Path:
        """Make a new git folder with the branch at `commit`, beside the checkout; `kept` are further refs.

        Raises CheckoutError; a half-made folder is gone then.
        """
        making = self.shadow.places.making
        await discard(making)
        try:
            making.mkdir(mode=0o700, parents=True)
            await self._fill(making / ".git", commit, kept)
        except OSError as error:
            await discard(making)
            raise CheckoutError(
                f"The checkout {self.shadow.places.checkout} cannot be made: {error.strerror or error}. "
                "Make room or the folder writable, then try again.",
            ) from error
        except BaseException:
            await discard(making)
            raise
        return making / ".git"

    async def _fill(self, git_dir: Path, commit: str, kept: Mapping[str, str]) -> None:
        repository, shadow = self.repository, self.shadow
        git = Git.own(git_dir)
        words = ("--quiet", "--template=", f"--object-format={repository.object_format}")
        await git.bytes_of("init", *words, f"--initial-branch={shadow.branch}")
        sources = (*repository.object_folders(), shadow.places.shadow / "objects")
        await copy_objects(sources, git_dir / "objects", hard_links=self.hard_links)
        write_refs(git_dir, {**readable_refs(repository), **kept, shadow.ref: commit})
        copy_shallow(repository.common_dir, git_dir)
        if repository.origin_head in repository.refs:
            await git.bytes_of("symbolic-ref", "refs/remotes/origin/HEAD", repository.origin_head)
        for name, value in (
            ("core.bare", "false"),
            ("user.name", self.identity.name),
            ("user.email", self.identity.email),
        ):
            await git.bytes_of("config", name, value)

    async def checkout(self, commit: str) -> None:
        """Make the whole checkout, which appears under its name when it is complete. Raises CheckoutError."""
        places = self.shadow.places
        git_dir = await self.git_folder(commit, {})
        try:
            await Git.own(git_dir, places.making).bytes_of("read-tree", "--reset", "-u", commit, limit=LONG)
            shutil.copy2(git_dir / "index", places.shadow / "index")
            places.making.rename(places.checkout)
        except OSError as error:
            await discard(places.making)
            raise CheckoutError(
                f"The checkout {places.checkout} cannot be made: {error.strerror}.",
            ) from error
        except BaseException:
            await discard(places.making)
            raise


def readable_refs(repository: Repository) -> dict[str, str]:
    """Give the refs a checkout has for reading, by their names there."""
    found: dict[str, str] = {}
    for name, commit in repository.refs.items():
        if name.startswith(HEADS):
            found[_LOCAL + name.removeprefix(HEADS)] = commit
        elif name.startswith(("refs/tags/", "refs/remotes/")) and not name.startswith(_LOCAL):
            found[name] = commit
    return found


async def identity_of(repository: Repository) -> Identity:
    """Give who commits in the user's repository: who git says they are there, or Beadwork."""
    code, output, _ = await repository.git.ask("config", "--get-regexp", r"^user\.(name|email)$")
    found: dict[str, str] = {}
    if code == 0:
        for line in as_text(output).splitlines():
            name, _, value = line.partition(" ")
            found[name] = value
    return Identity(
        found.get("user.name") or os.environ.get("GIT_AUTHOR_NAME") or NOBODY.name,
        found.get("user.email") or os.environ.get("GIT_AUTHOR_EMAIL") or NOBODY.email,
    )
