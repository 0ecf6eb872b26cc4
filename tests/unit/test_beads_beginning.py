"""Beginning with bd where bd fails on its way: what is left behind, and what is said."""

import asyncio
from pathlib import Path

import pytest

from bead_places import bare_environment
from beadwork.beads import TrackerError, begin_bd

PROGRAM = Path(__file__).parents[1] / "programs" / "bd_bad.py"


async def failure(folder: Path, how: str) -> str:
    """Give what is said where a bd that behaves as `how` begins in `folder`."""
    folder.mkdir(exist_ok=True)
    environment = bare_environment(folder.parent) | {"BAD_BD": how}
    locks = folder.parent / "locks"
    with pytest.raises(TrackerError) as caught:
        await begin_bd(folder, "demo", bd=str(PROGRAM), timeout=30, locks=locks, environment=environment)
    return caught.value.message


async def test_a_bd_that_fails_half_way_leaves_nothing(tmp_path: Path) -> None:
    """Else nobody could begin there again; its words are what is said."""
    for _ in range(2):
        told = await failure(tmp_path / "new", "init-half")
        assert told == "`bd init` failed: no space left on device."
        assert list((tmp_path / "new").iterdir()) == []


async def test_what_serves_a_worktree_is_not_taken_for_something_left_behind(tmp_path: Path) -> None:
    """For bd keeps the beads of a worktree in its repository, and whoever was faster has begun there."""
    tree, repository = tmp_path / "tree", tmp_path / "repository"
    for folder in (tree, repository / ".git/worktrees/tree", repository / ".beads/embeddeddolt"):
        folder.mkdir(parents=True)
    (repository / ".git/worktrees/tree/commondir").write_text("../..\n")
    (tree / ".git").write_text(f"gitdir: {repository}/.git/worktrees/tree\n")
    told = await failure(tree, "init-half")
    assert told == f"Somebody else has just begun with beads in {repository}; nothing was changed."
    assert (repository / ".beads/embeddeddolt").is_dir()


async def test_a_database_that_may_hold_beads_is_never_removed(tmp_path: Path) -> None:
    """Be it that bd says it failed, or that somebody else was faster."""
    beads = tmp_path / "new" / ".beads"
    told = await failure(beads.parent, "init-whole")
    assert told.startswith("`bd init` failed: no remote. There is ")
    assert (beads / "metadata.json").exists()
    told = await failure(beads.parent, "init-half")
    assert told == f"Somebody else has just begun with beads in {beads.parent}; nothing was changed."
    assert await asyncio.to_thread((beads / "metadata.json").exists)
