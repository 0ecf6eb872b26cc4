"""Beginning with beads in a folder that has none.

What it leaves out: the files that this makes (the room `beads`).
"""

import asyncio
import re
import unicodedata
from pathlib import Path

from beadwork.beads import TrackerError, TrackerMissing, begin_bd, begin_embedded, find_workspace, prefix_of
from beadwork.checkouts import NoRepository, in_no_repository
from beadwork.workflows.editing.errors import BeadsThere, UnfitText
from beadwork.workflows.house import House

_PREFIX = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:-[A-Za-z0-9_]+)*")
_LONGEST_PREFIX = 30


async def begin(house: House, folder: Path, *, with_bd: bool, prefix: str = "") -> None:
    """Make a place for beads in `folder`; ids begin with `prefix`, if empty with the folder's name.

    Raises BeadsThere where beads serve it already, UnfitText for a prefix that bd would not take,
    NoRepository and TrackerMissing where bd cannot, TrackerError.
    """
    await asyncio.to_thread(_refuse_if_there, folder)
    chosen = _fit(prefix) if prefix else _derived(folder)
    if not with_bd:
        await begin_embedded(folder, chosen)
        return
    if not await asyncio.to_thread(_in_repository, folder):
        raise NoRepository(
            f"{folder} is in no git repository, and bd would make one: run `git init` there first, "
            "or take the embedded tracker, which needs no bd."
        )
    settings = house.settings_for(folder).settings
    await begin_bd(
        folder,
        chosen,
        bd=settings.bd,
        timeout=settings.bd_timeout,
        locks=house.state.locks,
        environment=in_no_repository(house.environment),
    )
    await asyncio.to_thread(_see_that_it_is_there, folder)


def _refuse_if_there(folder: Path) -> None:
    if not folder.is_dir():
        raise TrackerMissing(f"There is no folder {folder} to begin with beads in; make it first.")
    try:
        there = find_workspace(folder)
    except TrackerMissing:
        return
    if there.absolute() == folder.absolute():
        raise BeadsThere(f"There is nothing to begin: {folder} has beads already.")
    raise BeadsThere(f"There is nothing to begin: the beads in {there} serve {folder} already.")


def _see_that_it_is_there(folder: Path) -> None:
    try:
        find_workspace(folder)
    except TrackerMissing as error:
        words = f"`bd init` ended well, but there are no beads in {folder}; run it in a terminal to see why."
        raise TrackerError(words) from error


def _in_repository(folder: Path) -> bool:
    return any((each / ".git").exists() for each in (folder, *folder.parents))


def _fit(prefix: str) -> str:
    short = prefix.rstrip("-")
    if not _PREFIX.fullmatch(short) or len(short) > _LONGEST_PREFIX:
        raise UnfitText(
            f"The prefix {prefix!r} cannot begin an id: take up to {_LONGEST_PREFIX} letters and digits, "
            "such as `demo`."
        )
    return short


def _derived(folder: Path) -> str:
    """Give a prefix made of the folder's name; a letter comes first, for bd makes a database's name of it."""
    plain = unicodedata.normalize("NFKD", folder.name.casefold()).encode("ascii", "ignore").decode()
    made = prefix_of((), plain)[:_LONGEST_PREFIX].strip("-")
    return made if _PREFIX.fullmatch(made) else f"b{made}"
