"""Beads made and changed as a person asks for it: what is done, and what is refused with which words."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bead_places import record
from beadwork.beads import Change, TrackerError, TrackerMissing, TrackerReadOnly
from beadwork.checkouts import NoRepository
from beadwork.cli import program
from beadwork.workflows import BeadPage, CreateRequest
from beadwork.workflows.editing.errors import (
    BeadsThere,
    DependencyCircle,
    HasParent,
    NoSuchDependency,
    NoSuchStatus,
    UnfitText,
    UseClose,
    UseReopen,
)
from quiet_house import Maker, Quiet, quiet, quiet_users

EDGES = [
    {"issue_id": "demo-2", "depends_on_id": "demo-1", "type": "blocks"},
    {"issue_id": "demo-2", "depends_on_id": "demo-4", "type": "parent-child"},
]
BEADS = (
    record("demo-1", labels=["a"]),
    record("demo-2", dependencies=EDGES),
    record("demo-3", status="closed"),
    record("demo-4", issue_type="epic", status="waiting"),
)


@pytest.fixture
def users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Maker]:
    """Makes users whose workers do nothing."""
    yield from quiet_users(tmp_path, monkeypatch)


@pytest.fixture
def user(users: Maker) -> Quiet:
    """A user with four beads: a blocker, what it blocks and is a part of an epic, and a closed one."""
    return users(*BEADS)


async def page(user: Quiet, bead: str) -> BeadPage:
    """Give a bead."""
    return await user.application.page(user.project, bead)


async def test_what_cannot_be_a_bead_is_not_made(user: Quiet) -> None:
    """It is said in a sentence, and nothing is made."""
    unfit: list[dict[str, Any]] = [
        {"title": " \n"},
        {"title": "a\nb"},
        {"title": "a\0"},
        {"description": "\0"},
        {"description": "\ud800"},
        {"title": "a\x7f"},
        {"title": "a\u2028b"},
        {"title": "\u200b"},
        {"labels": ("",)},
        {"labels": ("x" * 256,)},
        {"priority": 5},
        {"parent": "demo-4", "depends_on": ("demo-4",)},
    ]
    others: list[dict[str, Any]] = [{"title": "x" * 501}, {"parent": "demo-9"}, {"depends_on": ("demo",)}]
    for fields, error in [(each, UnfitText) for each in unfit] + [(each, TrackerError) for each in others]:
        with pytest.raises(error) as caught:
            await user.application.editing.create(user.project, CreateRequest(**{"title": "T", **fields}))
        assert caught.value.message.endswith(".")
    assert sum(group.count for group in (await user.application.listing(user.project)).groups) == len(BEADS)


async def test_what_is_so_already_is_not_changed(user: Quiet) -> None:
    """The tracker's file is not even written; what differs beside it is."""
    editing = user.application.editing
    before = (await page(user, "demo-1")).updated_at
    same = Change(title="Title of demo-1", status="open", priority=2, add_labels=("a",), remove_labels=("b",))
    assert not await editing.change(user.project, "demo-1", same)
    assert not await editing.change(user.project, "demo-3", Change(status="closed"))
    assert (await page(user, "demo-1")).updated_at == before
    assert await editing.change(user.project, "demo-1", Change(status="open", remove_labels=("a",)))
    assert (await page(user, "demo-1")).bead.labels == ()


async def test_a_label_that_could_not_be_added_can_be_taken_away(user: Quiet) -> None:
    """As somebody else wrote it into the file."""
    odd = (" a", "b\nc", "x" * 300)
    user.beads(record("demo-1", labels=odd))
    assert await user.application.editing.change(user.project, "demo-1", Change(remove_labels=odd))
    assert (await page(user, "demo-1")).bead.labels == ()


async def test_a_status_that_has_checks_is_not_set(user: Quiet) -> None:
    """Closing and reopening are said instead; a status that nobody has is refused."""
    for bead, status, error, words in (
        ("demo-1", "closed", UseClose, "beadwork close demo-1"),
        ("demo-1", "done", UseClose, "beadwork close demo-1"),
        ("demo-3", "open", UseReopen, "beadwork reopen demo-3"),
        ("demo-3", "deferred", UseReopen, "beadwork reopen demo-3"),
        ("demo-1", "in-progress", NoSuchStatus, "in_progress"),
        ("demo-1", "", NoSuchStatus, "waiting"),
    ):
        with pytest.raises(error, match=words):
            await user.application.editing.change(user.project, bead, Change(status=status, title="New"))
        assert (await page(user, bead)).bead.title == f"Title of {bead}"


async def test_a_status_of_ones_own_is_set(user: Quiet) -> None:
    """As any that bd has."""
    await user.application.editing.change(user.project, "demo-1", Change(status="waiting"))
    await user.application.editing.change(user.project, "demo-1", Change(status="deferred"))
    assert (await page(user, "demo-1")).bead.status == "deferred"
    choices = await user.application.editing.choices(user.project)
    assert choices.statuses[-2:] == ("closed", "waiting")


async def test_what_would_never_end_is_not_connected(user: Quiet) -> None:
    """Nor what is connected already in another way."""
    for bead, on, kind, error in (
        ("demo-1", "demo-1", "blocks", DependencyCircle),
        ("demo-1", "demo-1", "related", DependencyCircle),
        ("demo-1", "demo-2", "blocks", DependencyCircle),
        ("demo-4", "demo-2", "waits-for", DependencyCircle),
        ("demo-2", "demo-3", "parent-child", HasParent),
        ("demo-2", "demo-1", "related", TrackerError),
        ("demo-1", "demo-9", "blocks", TrackerError),
        ("demo-1", "demo-3", "", UnfitText),
        ("demo-1", "external:other", "blocks", UnfitText),
        ("demo-1", "external:other:a\0", "blocks", UnfitText),
    ):
        before = await page(user, bead)
        with pytest.raises(error):
            await user.application.editing.depend(user.project, bead, on, kind)
        assert await page(user, bead) == before


async def test_a_connection_is_made_twice_and_taken_away_once(user: Quiet) -> None:
    """Again is fine; away again is not, for somebody has the wrong bead in mind."""
    editing = user.application.editing
    for _ in range(2):
        await editing.depend(user.project, "demo-1", "demo-3", "related")
    assert [each.id for each in (await page(user, "demo-1")).depends_on] == ["demo-3"]
    with pytest.raises(NoSuchDependency, match="as related"):
        await editing.undepend(user.project, "demo-1", "demo-3")
    await editing.undepend(user.project, "demo-1", "demo-3", "related")
    with pytest.raises(NoSuchDependency, match="does not depend"):
        await editing.undepend(user.project, "demo-1", "demo-3", "related")
    await editing.undepend(user.project, "demo-2", "demo-4", "parent-child")
    assert (await page(user, "demo-2")).bead.parent == ""


async def test_a_comment_has_the_persons_name(user: Quiet) -> None:
    """An empty one is none."""
    with pytest.raises(UnfitText):
        await user.application.editing.comment(user.project, "demo-1", " \n")
    await user.application.editing.comment(user.project, "demo-1", "--so\nit is")
    (comment,) = (await page(user, "demo-1")).comments
    assert (comment.author, comment.text) == ("Ada", "--so\nit is")


async def test_what_cannot_be_written_is_said_before_anything_is_done(user: Quiet) -> None:
    """As where there is a database and no bd."""
    (user.project / ".beads" / "embeddeddolt" / "demo" / ".dolt").mkdir(parents=True)
    editing = user.application.editing
    for call in (
        editing.create(user.project, CreateRequest("x")),
        editing.change(user.project, "demo-1", Change(title="x")),
        editing.depend(user.project, "demo-1", "demo-3"),
        editing.undepend(user.project, "demo-2", "demo-1"),
        editing.comment(user.project, "demo-1", "x"),
    ):
        with pytest.raises(TrackerReadOnly, match="Nothing was changed"):
            await call
    assert (await editing.choices(user.project)).labels == ("a",)


async def test_beads_begin_where_there_are_none(user: Quiet, tmp_path: Path) -> None:
    """Ids begin with the folder's name, also when the folder is renamed, or with a prefix."""
    application = user.application
    for name, prefix, expected in (
        ("Mein größtes Projekt", "", "mein-grosstes-projekt"),
        ("42", "", "b42"),
        ("größe", "gr-", "gr"),
    ):
        folder = tmp_path / "places" / name
        folder.mkdir(parents=True)
        await application.editing.begin(folder, "embedded", prefix)
        assert sorted(each.name for each in (folder / ".beads").iterdir()) == ["config.yaml", "issues.jsonl"]
        moved = folder.rename(folder.with_name(f"{name} moved"))
        made = await application.editing.create(moved, CreateRequest("First"))
        assert made.rpartition("-")[0] == expected
        with pytest.raises(BeadsThere, match=r"There is nothing to begin"):
            await application.editing.begin(moved, "embedded")


async def test_beads_do_not_begin_where_they_cannot(user: Quiet, tmp_path: Path) -> None:
    """Below other beads, with an odd prefix, without a folder, a repository or a bd."""
    begin = user.application.editing.begin
    (below := user.project / "below").mkdir()
    with pytest.raises(BeadsThere):
        await begin(below, "embedded")
    (free := tmp_path / "free").mkdir()
    for prefix in ("a b", "-", "1", "x" * 31, 'a"', "ä"):
        with pytest.raises(UnfitText):
            await begin(free, "embedded", prefix)
    with pytest.raises(TrackerMissing):
        await begin(tmp_path / "none", "embedded")
    with pytest.raises(NoRepository, match="git init"):
        await begin(free, "bd")
    (free / ".git").mkdir()
    user.made.settings(bd="no-bd-here", actor="Ada")
    with pytest.raises(TrackerMissing, match="install it"):
        await begin(free, "bd")
    assert [each.name for each in free.iterdir()] == [".git"]


def test_on_the_command_line_beads_are_made_and_changed(user: Quiet) -> None:
    """With texts from standard input and a place; what is wrong is said with an exit code."""

    def said(*words: str, code: int = 0, stdin: str = "") -> str:
        fresh = quiet(user.made).application  # each command has one of its own, and closes it
        told = CliRunner().invoke(program, ["-C", str(user.project), *words], input=stdin, obj=lambda: fresh)
        assert told.exit_code == code, (words, told.output)
        return told.stdout

    (user.project / "a.py").write_text("x\n", "utf-8")
    file = user.project / ".beads" / "issues.jsonl"
    created = said(
        "create", "New", "-t", "bug", "-p0", "-l", "x", "--parent", "demo-4", "--at", "a.py:1", "--json"
    )
    name = json.loads(created)["page"]["bead"]["id"]
    assert json.loads(created)["page"]["description"] == "In `a.py:1`."
    assert json.loads(file.read_text("utf-8").splitlines()[-1])["created_by"] == "Ada"
    changed = said("edit", name, "--title=Newer", "--design=-d", "--notes=-", "--add-label=y", stdin="ä\n")
    assert changed == f"{name} is changed.\n"
    assert said("edit", name, "--title", "Newer") == f"{name} is so already.\n"
    assert said("comment", name, "--", "--said") == f"Commented on {name}.\n"
    assert said("depend", "demo-1", name) == f"demo-1 depends on {name} (blocks).\n"
    assert json.loads(said("depend", "demo-1", name, "--remove", "--json"))["page"]["dependsOn"] == []
    page = json.loads(said("show", name, "--json"))["page"]
    assert (page["design"], page["notes"], page["bead"]["labels"]) == ("-d", "ä\n", ["x", "y"])
    assert page["comments"][0]["text"] == "--said"
    said("edit", name, code=2)
    said("edit", name, "--notes=-", "--design=-", code=2, stdin="x")
    said("edit", name, "--notes=-", code=2)
    for place in ("b.py", "~nobody-here/a.py", "x" * 300):
        said("create", "x", "--at", place, code=2)
    said("edit", name, "--status", "closed", code=1)
    assert json.loads(said("init", "--json", code=1))["error"]["code"] == "beads-there"


def test_on_the_command_line_beads_begin(user: Quiet, tmp_path: Path) -> None:
    """In the folder where one is, with what to do next."""
    (folder := tmp_path / "Neu hier").mkdir()
    lines = []
    for words in (["init"], ["create", "Größe prüfen"], ["list"]):
        fresh = quiet(user.made).application
        told = CliRunner().invoke(program, ["-C", str(folder), *words], obj=lambda: fresh)  # noqa: B023  (used at once)
        assert told.exit_code == 0, told.output
        lines += told.stdout.splitlines()
    assert lines[0] == f"Begun in {folder}: embedded (.beads/issues.jsonl)"
    assert lines[2].startswith("Made neu-hier-")
    assert lines[-1].endswith("Größe prüfen")
