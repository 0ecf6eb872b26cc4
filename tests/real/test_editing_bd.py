"""What only a real bd can show of making beads: what it leaves in a repository, and what it takes."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from beadwork.beads import Change
from beadwork.workflows import CreateRequest, Place
from beadwork.workflows.editing.errors import BeadsThere
from quiet_house import Maker, quiet_users

pytestmark = pytest.mark.bd


@pytest.fixture
def users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Maker]:
    """Makes users whose workers do nothing."""
    yield from quiet_users(tmp_path, monkeypatch)


async def test_beads_begin_with_bd_and_are_changed_by_it(
    users: Maker, tmp_path: Path, bd_program: Path
) -> None:
    """The repository shows no trace of it but in git's own folder; a bead is made whole, and changed."""
    user = users(bd=str(bd_program), bd_timeout=60)
    folder = tmp_path / "2 Größe"

    def git(*words: str) -> str:
        argv = ["git", "-C", str(folder), "-c", "user.name=Ada", "-c", "user.email=ada@x.invalid", *words]
        return subprocess.run(argv, check=True, capture_output=True, text=True, timeout=60).stdout

    folder.mkdir()
    git("init", "-q")
    git("commit", "-q", "--allow-empty", "-m", "First")
    hooks = sorted((folder / ".git" / "hooks").iterdir())
    editing = user.application.editing
    await editing.begin(folder, "bd")
    assert (git("status", "--porcelain"), git("rev-list", "--count", "HEAD")) == ("", "1\n")
    assert sorted((folder / ".git" / "hooks").iterdir()) == hooks
    assert sorted(each.name for each in folder.iterdir()) == [".beads", ".git"]
    with pytest.raises(BeadsThere):
        await editing.begin(folder, "bd")

    epic = await editing.create(folder, CreateRequest("Epic", type="epic"))
    assert epic.startswith("b2-grosse-")
    place = Place(folder / "a.py", 3, "```\n--x\n")
    made = await editing.create(
        folder, CreateRequest("-Title", labels=("a,b",), parent=epic, place=place, priority=0)
    )
    change = Change(status="in_progress", design="-d", notes="--n", add_labels=("c",), remove_labels=("a,b",))
    assert await editing.change(folder, made, change)
    assert not await editing.change(folder, made, change)
    await editing.undepend(folder, made, epic, "parent-child")
    beads = (await (await user.application._house.open_tracker(folder)).list()).beads
    assert {bead.extra["created_by"] for bead in beads} == {"Ada"}
    page = await user.application.page(folder, made)
    assert page.description == "In `a.py:3`:\n\n````\n```\n--x\n````"
    assert (page.bead.title, page.bead.status, page.bead.labels) == ("-Title", "in_progress", ("c",))
    assert (page.design, page.notes, page.bead.parent) == ("-d", "--n", "")
