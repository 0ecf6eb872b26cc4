"""The user's own working tree as it is: its files, whether they are committed or not.

Ignored files are left out, as git lists them with the user's own rules. Nothing is written, not even an
index.
What is left out: a copy of what is not committed (`changes.py`).
"""

import asyncio
import os
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path

from beadwork.checkouts.files import read_small
from beadwork.checkouts.git import LONG, Git
from beadwork.checkouts.model import Checkout, CheckoutError, Survey
from beadwork.checkouts.repository import Repository
from beadwork.checkouts.survey import LARGEST


async def tree_of_user(workspace: Path) -> Checkout:
    """Give the user's working tree in the shape of a checkout; its base, a commit elsewhere, is empty.

    Raises CheckoutError.
    """
    repository = await Repository.read(workspace)
    if repository.bare:
        raise CheckoutError(f"{repository.top} is a bare repository, so there is no working tree in it.")
    return Checkout(
        repository=repository.top,
        path=repository.top,
        branch=repository.head or "detached",
        base_ref="the working tree",
        base="",
        continued=True,
    )


async def survey(checkout: Checkout) -> Survey:
    """Give the files of the user's working tree that are not ignored. Raises CheckoutError."""
    git = Git.of_user(checkout.path)
    listing = await git.bytes_of("ls-files", "-z", "--cached", "--others", "--exclude-standard", limit=LONG)
    paths = sorted(set(os.fsdecode(listing).split("\0")) - {""})
    return await asyncio.to_thread(_seen, checkout.path, paths)


async def read(checkout: Checkout, paths: Sequence[str]) -> Mapping[str, bytes | None]:
    """Give the content of files by path; None for what is no plain file, or too large."""

    def contents() -> Mapping[str, bytes | None]:
        return {path: read_small(checkout.path / path, LARGEST) for path in paths}

    return await asyncio.to_thread(contents)


def _seen(top: Path, paths: Sequence[str]) -> Survey:
    files, links, modules = [], set(), set()
    for path in paths:
        try:
            mode = (top / path).lstat().st_mode
        except OSError:  # removed, and not committed yet
            continue
        files.append(path)
        if stat.S_ISLNK(mode):
            links.add(path)
        elif stat.S_ISDIR(mode):
            modules.add(path)
    return Survey(commit="", files=tuple(files), links=frozenset(links), modules=frozenset(modules), past=())
