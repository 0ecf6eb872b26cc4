"""What only a real bd can show: our view of the same beads is the same, and files pass between both."""

import asyncio
import json
import random
import shutil
from pathlib import Path

import pytest

from bead_places import BdPlace, edge, record, write_jsonl
from beadwork.beads import (
    Bead,
    BeadNotFound,
    Change,
    Draft,
    Edge,
    Index,
    Tracker,
    TrackerError,
    find_workspace,
    open_tracker,
)

pytestmark = pytest.mark.bd

TYPES = ("task", "task", "task", "bug", "epic", "gate", "agent", "molecule", "rig", "merge-request", "event")
STATUSES = ("open", "open", "open", "in_progress", "blocked", "deferred", "closed", "pinned", "hooked")
KINDS = ("blocks", "blocks", "conditional-blocks", "parent-child", "waits-for", "related", "discovered-from")


@pytest.fixture
def place(bd_program: Path, tmp_path: Path) -> BdPlace:
    """A repository with a bd database that knows some types more."""
    made = BdPlace(bd_program, tmp_path / "project", tmp_path)
    made.bd("config", "set", "types.custom", ",".join(sorted(set(TYPES) - {"task", "bug", "epic"})))
    return made


async def through_bd(place: BdPlace) -> Tracker:
    """Open `place` with its bd."""
    return await open_tracker(
        place.folder,
        bd=str(place.program),
        timeout=60,
        locks=place.folder.parent / "locks",
        environment=place.environment,
    )


async def embedded(workspace: Path) -> Tracker:
    """Open the file of `workspace`, as where there is no bd."""
    return await open_tracker(
        workspace, bd="none", timeout=60, locks=workspace.parent / "locks", environment={}, actor="ann"
    )


def generated(seed: int, count: int) -> list[dict[str, object]]:
    """Give beads of every type, status and kind of edge; edges point backwards, so there is no circle."""
    dice = random.Random(seed)
    made: list[dict[str, object]] = []
    for number in range(count):
        name = f"demo-g{number}"
        status = dice.choice(STATUSES)
        earlier = [str(other["id"]) for other in dice.sample(made, min(len(made), dice.randrange(4)))]
        edges = [edge(name, on, dice.choice(KINDS)) for on in earlier]
        for each in edges:
            if each["type"] == "waits-for" and dice.random() < 0.5:
                each["metadata"] = '{"gate":"any-children"}'
        fields: dict[str, object] = {
            "status": status,
            "issue_type": dice.choice(TYPES),
            "dependencies": edges,
        }
        fields["priority"] = dice.randrange(5)
        fields |= {"closed_at": "2026-01-02T00:00:00Z"} if status == "closed" else {}
        fields |= {"defer_until": "2999-01-01T00:00:00Z"} if dice.random() < 0.1 else {}
        fields |= {"pinned": True} if dice.random() < 0.05 else {}
        fields |= {"is_template": True} if dice.random() < 0.05 else {}
        made.append(record(name, **fields))
    return made


async def test_ready_and_blocked_are_what_bd_says(place: BdPlace, tmp_path: Path) -> None:
    """Over a generated set of beads with every type, status and kind of edge, both sets are the same.

    Through bd and through the embedded tracker over the same records.
    """
    records = generated(seed=20260101, count=250)
    path = write_jsonl(tmp_path / "file", records)
    reply = json.loads(place.bd("import", str(path), "--json"))
    assert reply["created"] == len(records)
    assert reply.get("skipped_dependencies", []) == []
    ready, blocked = place.ids("ready", "--limit", "0"), place.ids("blocked")
    assert len(ready) > 20
    assert len(blocked) > 20
    for tracker in (await through_bd(place), await embedded(tmp_path / "file")):
        index = Index(await tracker.list())
        assert len(list(index.beads)) == len(records)
        assert set(index.ready) == ready
        # bd has a bead without a listed blocker for a closed `waits-for` target; it is blocked all the same.
        assert blocked <= index.blocked
        odd = index.blocked - blocked
        assert all(any(each.kind == "waits-for" for each in _bead(index, name).edges) for name in odd)


async def test_what_bd_names_as_blockers_is_what_we_name(place: BdPlace, tmp_path: Path) -> None:
    """For plain `blocks` edges and for children of blocked parents the blockers are the same."""
    records = [
        {**each, "dependencies": [on for on in _edges(each) if on["type"] in {"blocks", "parent-child"}]}
        for each in generated(seed=7, count=150)
    ]
    place.bd("import", str(write_jsonl(tmp_path / "file", records)), "--json")
    index = Index(await (await through_bd(place)).list())
    theirs = json.loads(place.bd("blocked", "--json"))
    assert len(theirs) > 10
    for bead in theirs:
        assert set(bead["blocked_by"]) <= set(index.blockers(bead["id"]))
        if len(index.blockers(bead["id"])) == 1:
            assert set(bead["blocked_by"]) == set(index.blockers(bead["id"]))


async def test_a_file_of_the_embedded_tracker_goes_into_bd_unharmed(place: BdPlace, tmp_path: Path) -> None:
    """Everything that the embedded tracker can write is taken by `bd import`, and lists the same."""
    write_jsonl(tmp_path / "demo", [record("demo-old", notes="kept", estimated_minutes=5)])
    ours = await embedded(tmp_path / "demo")
    first, second, third = await ours.create(
        [
            Draft("First", "Text\nof two lines", "bug", 0, ("a,b", "c")),
            Draft("Second", edges=(Edge("demo-old", "discovered-from"),), external_ref="review:1"),
            Draft("Third", metadata={"review_line": 3}),
        ]
    )
    await ours.depend(second, first)
    await ours.comment(first, 'a comment <with> & "signs" é', "bob")
    await ours.claim(third, "bob")
    await ours.update(third, Change(title="Third & last", add_labels=("x",)))
    await ours.close(first, "done")
    await ours.close(second, "done")
    await ours.reopen(second)
    await ours.claim("demo-old", "ann")
    await ours.release("demo-old")
    file = tmp_path / "demo" / ".beads" / "issues.jsonl"
    reply = json.loads(place.bd("import", str(file), "--json"))
    assert (reply["created"], reply.get("skipped_dependencies", [])) == (4, [])
    theirs = await through_bd(place)
    there = {bead.id: _face(bead) for bead in (await theirs.list()).beads}
    assert there == {bead.id: _face(bead) for bead in (await ours.list()).beads}
    assert [(c.author, c.text) for c in await theirs.comments(first)] == [
        (c.author, c.text) for c in await ours.comments(first)
    ]


async def test_what_bd_exports_is_read_by_the_embedded_tracker(place: BdPlace, tmp_path: Path) -> None:
    """An export lists the same as the database, comments included, and takes changes."""
    theirs = await through_bd(place)
    first, second = await theirs.create(
        [Draft("First", "Text", labels=("a",), metadata={"n": 1}), Draft("Second", external_ref="x:1")]
    )
    await theirs.depend(second, first)
    await theirs.comment(first, "hello", "bob")
    await theirs.claim(first, "bob")
    file = write_jsonl(tmp_path / "export", [])
    await asyncio.to_thread(file.write_text, place.bd("export"))
    ours = await embedded(tmp_path / "export")
    listing = await ours.list()
    assert listing.troubles == ()
    assert {b.id: _face(b) for b in listing.beads} == {b.id: _face(b) for b in (await theirs.list()).beads}
    assert [comment.text for comment in await ours.comments(first)] == ["hello"]
    await ours.comment(first, "more", "ann")
    assert next(bead for bead in (await ours.list()).beads if bead.id == first).comment_count == 2


async def test_what_orchestrators_keep_is_listed_too(place: BdPlace, tmp_path: Path) -> None:
    """Ephemeral beads, agents, gates and templates are in the list, since they can block others."""
    records = [
        record("demo-e", ephemeral=True),
        record("demo-a", issue_type="agent"),
        record("demo-g", issue_type="gate"),
        record("demo-t", is_template=True),
        record("demo-n", no_history=True),
        record("demo-x", dependencies=[edge("demo-x", "demo-g")]),
    ]
    place.bd("import", str(write_jsonl(tmp_path / "file", records)), "--json")
    index = Index(await (await through_bd(place)).list())
    assert {bead.id for bead in index.beads} == {str(each["id"]) for each in records}
    assert index.blockers("demo-x") == ("demo-g",)
    assert set(index.ready) == place.ids("ready", "--limit", "0")


async def test_a_bead_made_in_a_shell_moves_the_signal_and_is_known(place: BdPlace) -> None:
    """Beads that others make or delete meanwhile are found and missed, without a list in between."""
    tracker = await through_bd(place)
    before = tracker.change_signal()
    made = json.loads(place.bd("create", "--title=From a shell", "--json"))["id"]
    assert tracker.change_signal() != before
    await tracker.claim(made, "ann")
    with pytest.raises(BeadNotFound):
        await tracker.claim(made[:-1], "ann")


async def test_a_worktree_and_a_folder_below_find_the_same_beads(place: BdPlace, tmp_path: Path) -> None:
    """Beads are found from a folder below and from a git worktree elsewhere, and through BEADS_DIR."""
    below = place.folder / "a" / "b"
    below.mkdir(parents=True)
    assert find_workspace(below, {}) == place.folder
    place.run("git", "commit", "-q", "--allow-empty", "-m", "x")
    place.run("git", "worktree", "add", "-q", str(tmp_path / "tree"))
    assert find_workspace(tmp_path / "tree", {}) == place.folder
    assert find_workspace(tmp_path, {"BEADS_DIR": str(place.folder / ".beads")}) == place.folder
    named = place.environment | {"BEADS_DIR": str(place.folder / ".beads")}
    tracker = await open_tracker(
        find_workspace(tmp_path, named),
        bd=str(place.program),
        timeout=60,
        locks=tmp_path / "locks",
        environment=named,
    )
    (made,) = await tracker.create([Draft("One")])
    assert [bead.id for bead in (await (await through_bd(place)).list()).beads] == [made]


async def test_a_bd_that_stages_its_export_leaves_the_index_alone(place: BdPlace) -> None:
    """Where the user's bd is set to `git add` its export, our calls still leave the user's index as it is."""
    shutil.rmtree(place.folder / ".beads")
    (place.folder / ".git" / "info" / "exclude").unlink()
    place.run("git", "commit", "-q", "--allow-empty", "-m", "x")
    place.bd("init", "--prefix", "demo", "--quiet", "--skip-hooks", "--skip-agents", "--non-interactive")
    with (place.folder / ".beads" / "config.yaml").open("a") as config:
        config.write("export:\n  auto: true\n  git-add: true\n")
    tracker = await through_bd(place)
    await tracker.create([Draft("One")])
    assert (place.folder / ".beads" / "issues.jsonl").exists()
    assert place.run("git", "diff", "--cached", "--name-only") == ""


async def test_nothing_but_beads_changes_in_the_repository(place: BdPlace) -> None:
    """No lock file and no other trace appears: git sees a clean tree before and after."""
    tracker = await through_bd(place)
    (made,) = await tracker.create([Draft("One")])
    await tracker.close(made, "done")
    assert place.run("git", "status", "--porcelain") == ""
    assert [path.name for path in (place.folder.parent / "locks").iterdir()] != []


def _bead(index: Index, name: str) -> Bead:
    found = index.get(name)
    assert found is not None
    return found


def _edges(bead: dict[str, object]) -> list[dict[str, object]]:
    edges = bead["dependencies"]
    assert isinstance(edges, list)
    return edges


def _face(bead: Bead) -> tuple[object, ...]:
    """What must be the same through both; times are not, since bd keeps whole seconds."""
    return (
        bead.title,
        bead.status,
        bead.type,
        bead.priority,
        bead.description,
        bead.notes,
        bead.assignee,
        sorted(bead.labels),
        sorted((each.on, each.kind) for each in bead.edges),
        bead.external_ref,
        bead.close_reason,
        bead.comment_count,
        bead.extra.get("metadata"),
        bead.extra.get("estimated_minutes"),
    )


async def test_statuses_of_ones_own_are_those_that_are_configured(place: BdPlace) -> None:
    """Whether a bead has one or not; bd refuses any other."""
    tracker = await through_bd(place)
    assert await tracker.own_statuses() == frozenset()
    (name,) = await tracker.create([Draft("One")])
    with pytest.raises(TrackerError, match="review"):
        await tracker.update(name, Change(status="review"))
    place.bd("config", "set", "status.custom", "qa,review:wip")
    assert await tracker.own_statuses() == {"qa", "review"}
    await tracker.update(name, Change(status="review"))
    assert (await tracker.list()).beads[0].status == "review"
