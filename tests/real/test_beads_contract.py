"""What every tracker promises, asked of both: a real bd over a database, and the embedded one over a file."""

import asyncio
from pathlib import Path

import pytest

from bead_places import BdPlace, bare_environment, write_jsonl
from beadwork.beads import (
    Bead,
    BeadBlocked,
    BeadNotFound,
    BeadTaken,
    Change,
    Draft,
    Edge,
    Tracker,
    TrackerError,
    open_tracker,
)


@pytest.fixture(params=[pytest.param("bd", marks=pytest.mark.bd), "embedded"])
async def tracker(request: pytest.FixtureRequest, tmp_path: Path) -> Tracker:
    """A tracker over an empty workspace."""
    workspace = tmp_path / "a project"
    environment = bare_environment(tmp_path)
    program = "no-bd-here"
    if request.param == "bd":
        place = BdPlace(request.getfixturevalue("bd_program"), workspace, tmp_path)
        environment, program = place.environment, str(place.program)
    else:
        write_jsonl(workspace, [])
    return await open_tracker(
        workspace, bd=program, timeout=60, locks=tmp_path / "locks", environment=environment, actor="tester"
    )


async def bead(tracker: Tracker, name: str) -> Bead:
    """Give one bead of the list."""
    return next(each for each in (await tracker.list()).beads if each.id == name)


async def test_a_made_bead_is_listed_as_its_draft_says(tracker: Tracker) -> None:
    """One plain draft becomes one bead with its title, text, type, priority and labels."""
    text = "First line\n\n--second 'line' with \"quotes\" and ünïcode"
    (made,) = await tracker.create([Draft("-A title", text, "bug", 0, ("one", "two words"))])
    found = await bead(tracker, made)
    assert (found.title, found.description, found.type, found.priority) == ("-A title", text, "bug", 0)
    assert set(found.labels) == {"one", "two words"}
    assert found.status == "open"


async def test_several_drafts_with_everything_arrive_whole(tracker: Tracker) -> None:
    """Reference, metadata, odd labels and edges survive, and ids come in the order of the drafts."""
    (first,) = await tracker.create([Draft("First")])
    drafts = [
        Draft(
            "Second",
            "text",
            labels=("a,b", 'with "quotes"'),
            edges=(Edge(first, "discovered-from"),),
            external_ref="review:abc",
            metadata={"review_line": 3, "nested": {"a": [1]}},
        ),
        Draft("Third", edges=(Edge(first, "blocks"),)),
    ]
    second, third = await tracker.create(drafts)
    found = await bead(tracker, second)
    assert (found.title, found.external_ref) == ("Second", "review:abc")
    assert set(found.labels) == {"a,b", 'with "quotes"'}
    assert found.extra["metadata"] == {"review_line": 3, "nested": {"a": [1]}}
    assert found.edges == (Edge(first, "discovered-from"),)
    assert (await bead(tracker, third)).edges == (Edge(first, "blocks"),)


async def test_a_draft_on_a_missing_bead_makes_nothing(tracker: Tracker) -> None:
    """All or nothing: an edge to an absent bead is refused before anything is made."""
    with pytest.raises(BeadNotFound):
        await tracker.create([Draft("Fine"), Draft("Not", edges=(Edge("demo-nope", "blocks"),))])
    assert (await tracker.list()).beads == ()


@pytest.mark.parametrize("draft", [Draft(""), Draft("x" * 501), Draft("x", priority=7)])
async def test_a_draft_that_bd_would_refuse_is_refused(tracker: Tracker, draft: Draft) -> None:
    """A title that is empty or too long, or a priority out of range, is an error and makes nothing."""
    with pytest.raises(TrackerError):
        await tracker.create([draft])
    assert (await tracker.list()).beads == ()


async def test_update_changes_what_is_named_and_nothing_else(tracker: Tracker) -> None:
    """Fields that are None stay; labels are added and removed, with commas in them too."""
    (made,) = await tracker.create([Draft("Title", "Text", labels=("old", "kept"))])
    await tracker.update(made, Change(priority=1, add_labels=("new", "a,b"), remove_labels=("old", "absent")))
    found = await bead(tracker, made)
    assert (found.title, found.description, found.priority) == ("Title", "Text", 1)
    assert set(found.labels) == {"kept", "new", "a,b"}
    await tracker.update(made, Change(title="Other", description="-new\ntext", type="bug", assignee="ann"))
    found = await bead(tracker, made)
    assert (found.title, found.description, found.type) == ("Other", "-new\ntext", "bug")
    assert (found.assignee, found.priority) == ("ann", 1)
    await tracker.update(made, Change())
    assert await bead(tracker, made) == found


async def test_texts_of_any_kind_are_set_and_emptied(tracker: Tracker) -> None:
    """They may begin with dashes, have line ends, and a description and a design may be huge."""
    (made,) = await tracker.create([Draft("Title")])
    texts = {
        "description": "--a\n" + "ä" * 200_000,
        "design": "-b\n" + "ö" * 200_000,
        "acceptance": "- [ ] a\n- [ ] b\n",
        "notes": "--notes 'and' \"quotes\"",
    }
    await tracker.update(made, Change(priority=0, **texts))  # type: ignore[arg-type]
    found = await bead(tracker, made)
    assert {name: getattr(found, name) for name in texts} == texts
    assert found.priority == 0
    await tracker.update(made, Change(design="", acceptance="", notes="n"))
    found = await bead(tracker, made)
    assert (found.design, found.acceptance, found.notes) == ("", "", "n")
    assert found.description == texts["description"]


async def test_an_edge_is_taken_away_in_its_kind_alone(tracker: Tracker) -> None:
    """One that is not there, or is of another kind, is left as it is; a parent is an edge as any other."""
    epic, child = await tracker.create([Draft("Epic", type="epic"), Draft("Child")])
    await tracker.depend(child, epic, "parent-child")
    await tracker.undepend(child, epic)
    assert (await bead(tracker, child)).edges == (Edge(epic, "parent-child"),)
    await tracker.undepend(child, epic, "parent-child")
    assert (await bead(tracker, child)).edges == ()
    await tracker.undepend(child, epic, "parent-child")
    with pytest.raises(BeadNotFound):
        await tracker.undepend("demo-nope", epic)


async def test_a_claim_is_kept_by_its_owner_and_refused_to_others(tracker: Tracker) -> None:
    """Claiming sets in progress; again by the same is fine, by another it is BeadTaken; release undoes it."""
    (made,) = await tracker.create([Draft("Title")])
    await tracker.claim(made, "ann")
    found = await bead(tracker, made)
    assert (found.status, found.assignee) == ("in_progress", "ann")
    await tracker.claim(made, "ann")
    with pytest.raises(BeadTaken) as caught:
        await tracker.claim(made, "bob")
    assert "ann" in str(caught.value)
    await tracker.release(made)
    found = await bead(tracker, made)
    assert (found.status, found.assignee) == ("open", "")
    await tracker.claim(made, "bob")
    assert (await bead(tracker, made)).assignee == "bob"


async def test_of_two_claims_at_once_one_wins(tracker: Tracker) -> None:
    """A claim is atomic: of two at the same moment exactly one is taken."""
    (made,) = await tracker.create([Draft("Title")])
    results = await asyncio.gather(
        tracker.claim(made, "ann"), tracker.claim(made, "bob"), return_exceptions=True
    )
    assert [type(result) for result in results if result] == [BeadTaken]
    assert (await bead(tracker, made)).assignee in {"ann", "bob"}


async def test_a_closed_bead_cannot_be_claimed_and_stays_closed_on_release(tracker: Tracker) -> None:
    """Release leaves a closed bead as it is; a claim of it is refused."""
    (made,) = await tracker.create([Draft("Title")])
    await tracker.close(made, "done with it")
    await tracker.release(made)
    found = await bead(tracker, made)
    assert (found.closed, found.close_reason) == (True, "done with it")
    with pytest.raises(BeadTaken):
        await tracker.claim(made, "ann")


async def test_comments_come_back_in_order_with_their_authors(tracker: Tracker) -> None:
    """Comments keep text and author, the oldest first, also one of 200 kB and one that looks like a flag."""
    (made,) = await tracker.create([Draft("Title")])
    texts = ["--first", "second\nline", "x" * 200_000]
    for text in texts:
        await tracker.comment(made, text, "ann")
    comments = await tracker.comments(made)
    assert [comment.text for comment in comments] == texts
    assert {comment.author for comment in comments} == {"ann"}
    assert (await bead(tracker, made)).comment_count == len(texts)


async def test_closing_a_blocked_bead_needs_force(tracker: Tracker) -> None:
    """An open blocker refuses the close; force closes; reopen opens it again, twice too."""
    first, second = await tracker.create([Draft("First"), Draft("Second")])
    await tracker.depend(second, first)
    await tracker.depend(second, first)
    with pytest.raises(BeadBlocked) as caught:
        await tracker.close(second, "no")
    assert first in str(caught.value)
    await tracker.close(second, "anyway", force=True)
    assert (await bead(tracker, second)).closed
    await tracker.reopen(second)
    await tracker.reopen(second)
    found = await bead(tracker, second)
    assert (found.status, found.closed_at, found.close_reason) == ("open", "", "")
    await tracker.close(first, "done")
    await tracker.close(second, "done")
    await tracker.close(second, "again")


async def test_an_epic_with_open_children_needs_force(tracker: Tracker) -> None:
    """An epic is not closed over an open child."""
    epic, child = await tracker.create([Draft("Epic", type="epic"), Draft("Child")])
    await tracker.depend(child, epic, "parent-child")
    with pytest.raises(BeadBlocked):
        await tracker.close(epic, "no")
    await tracker.close(child, "done")
    await tracker.close(epic, "done")
    assert (await bead(tracker, epic)).closed


async def test_a_circle_of_blockers_is_refused(tracker: Tracker) -> None:
    """Neither a circle nor a bead that depends on itself gets in."""
    first, second = await tracker.create([Draft("First"), Draft("Second")])
    await tracker.depend(second, first)
    for bead_id, on in ((first, second), (first, first)):
        with pytest.raises(TrackerError):
            await tracker.depend(bead_id, on)
    assert (await bead(tracker, first)).edges == ()


STRANGE = [
    "demo-nope",
    "../../etc/passwd",
    "a/b",
    "$(touch x)",
    "; ls",
    "--help",
    "-1",
    "",
    " ",
    "x\ny",
    "é\0",
    "'",
]


async def test_an_id_that_is_nobodys_is_not_found(tracker: Tracker) -> None:
    """Whatever is done with an id that no bead has ends in BeadNotFound, whatever it looks like."""
    for name in STRANGE:
        with pytest.raises(BeadNotFound):
            await tracker.update(name, Change(status="closed"))
    for call in (
        tracker.claim("demo-nope", "ann"),
        tracker.release("demo-nope"),
        tracker.comment("demo-nope", "text", "ann"),
        tracker.comments("demo-nope"),
        tracker.depend("demo-nope", "demo-other"),
        tracker.close("demo-nope", "x"),
        tracker.reopen("demo-nope"),
    ):
        with pytest.raises(BeadNotFound):
            await call


async def test_a_piece_of_an_id_is_not_that_bead(tracker: Tracker) -> None:
    """Where bd would take a piece of an id for the whole, nothing is done."""
    (made,) = await tracker.create([Draft("Title")])
    await tracker.list()
    for piece in (made[:-1], made.partition("-")[2]):
        with pytest.raises(BeadNotFound):
            await tracker.close(piece, "wrong one")
    assert not (await bead(tracker, made)).closed


async def test_the_signal_moves_with_every_write_and_with_no_read(tracker: Tracker) -> None:
    """Reading leaves the change signal as it is; labels, comments and edges move it as fields do."""
    first, second = await tracker.create([Draft("First"), Draft("Second")])
    for write in (
        tracker.update(first, Change(add_labels=("x",))),
        tracker.comment(first, "text", "ann"),
        tracker.depend(second, first),
        tracker.claim(first, "ann"),
        tracker.close(first, "done"),
    ):
        before = tracker.change_signal()
        await tracker.list()
        await tracker.comments(first)
        assert tracker.change_signal() == before
        await write
        assert tracker.change_signal() != before


async def test_many_calls_at_once_all_arrive(tracker: Tracker) -> None:
    """Calls queue up for the workspace instead of failing or overwriting each other."""
    made = await tracker.create([Draft(f"Bead {number}") for number in range(3)])
    await asyncio.gather(
        *(tracker.update(name, Change(add_labels=(f"l{n}",))) for name in made for n in range(2))
    )
    for name in made:
        assert set((await bead(tracker, name)).labels) == {"l0", "l1"}
