"""What blocks an agent becomes a bead of its own, one for each blocker; the blocked bead depends on it."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bead_places import record, write_jsonl
from beadwork.beads import Bead, Tracker, open_tracker
from beadwork.executions import Reason, State
from beadwork.state_folder import StateFolder
from beadwork.workflows.telling.blockers import Blocked, depend_on_blocker, title_of
from eventually import eventually
from working import WORK, Working, working

Maker = Callable[..., Working]
WHY = "The API key of the mail service is missing. Somebody has to add it."


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Maker]:
    """A factory of users at work."""
    yield from working(tmp_path, monkeypatch)


async def place(folder: Path) -> Tracker:
    """Beads demo-1, demo-2 and demo-3 in a file."""
    write_jsonl(folder, [record("demo-1"), record("demo-2"), record("demo-3")])
    return await open_tracker(folder, bd="no-bd", timeout=5, locks=folder / "locks", environment={})


async def block(tracker: Tracker, bead: str, run: str, reason: str, folder: Path) -> str:
    """Let a run of `bead` be blocked by `reason`; give the blocker."""
    state = StateFolder(folder / "state")
    return await depend_on_blocker(tracker, Blocked(bead, run, reason, "agent"), "Ada", state, folder)


async def bead_of(tracker: Tracker, bead: str) -> Bead:
    """Give a bead."""
    return next(each for each in (await tracker.list()).beads if each.id == bead)


async def test_a_blocker_is_a_bug_that_the_bead_depends_on(tmp_path: Path) -> None:
    """Its title is the first sentence; it says where it was found."""
    tracker = await place(tmp_path)
    blocker = await bead_of(tracker, await block(tracker, "demo-1", "run-1234", WHY, tmp_path))
    assert blocker.title == "The API key of the mail service is missing"
    assert (blocker.type, blocker.priority, blocker.labels) == ("bug", 1, ("agent-blocker",))
    assert blocker.external_ref.startswith("blocker:")
    assert [(edge.on, edge.kind) for edge in blocker.edges] == [("demo-1", "discovered-from")]
    assert "Somebody has to add it." in blocker.description
    assert [(edge.on, edge.kind) for edge in (await bead_of(tracker, "demo-1")).edges] == [
        (blocker.id, "blocks")
    ]


@pytest.mark.parametrize(
    "again",
    [
        WHY,
        "the api key of the mail service is missing - somebody has to add it",
        "The API key of the mail services is missing!",
    ],
)
async def test_the_same_blocker_again_is_no_second_bead(tmp_path: Path, again: str) -> None:
    """It gets a comment, once for each run, and the other bead depends on it too."""
    tracker = await place(tmp_path)
    blocker = await block(tracker, "demo-1", "run-1234", WHY, tmp_path)
    for _ in range(2):
        assert await block(tracker, "demo-2", "run-5678", again, tmp_path) == blocker
    assert len((await tracker.list()).beads) == 4
    (comment,) = await tracker.comments(blocker)
    assert "work on demo-2" in comment.text
    assert (await bead_of(tracker, "demo-2")).edges[0].on == blocker


async def test_another_blocker_is_another_bead(tmp_path: Path) -> None:
    """Likeness has an end."""
    tracker = await place(tmp_path)
    first = await block(tracker, "demo-1", "run-1234", WHY, tmp_path)
    assert await block(tracker, "demo-2", "run-5678", "The database is down.", tmp_path) != first


async def test_a_blocker_that_was_closed_too_early_is_opened_again(tmp_path: Path) -> None:
    """It blocks, whatever was believed."""
    tracker = await place(tmp_path)
    blocker = await block(tracker, "demo-1", "run-1234", WHY, tmp_path)
    await tracker.close(blocker, "done")
    assert await block(tracker, "demo-1", "run-5678", WHY, tmp_path) == blocker
    assert (await bead_of(tracker, blocker)).status == "open"


async def test_a_blocker_that_is_worked_on_does_not_block_itself(tmp_path: Path) -> None:
    """Its own agent meets the same."""
    tracker = await place(tmp_path)
    blocker = await block(tracker, "demo-1", "run-1234", WHY, tmp_path)
    assert await block(tracker, blocker, "run-5678", WHY, tmp_path) == ""


async def test_two_runs_that_meet_it_at_once_make_one_bead(tmp_path: Path) -> None:
    """Who comes second finds the first one's."""
    tracker = await place(tmp_path)
    made = await asyncio.gather(
        block(tracker, "demo-1", "run-1234", WHY, tmp_path),
        block(tracker, "demo-2", "run-5678", WHY, tmp_path),
    )
    assert len(set(made)) == 1


def test_a_title_is_short() -> None:
    """Whole words, one line."""
    assert title_of("\n  It is down. Call Eve.\nMore") == "It is down"
    assert len(title_of("word " * 100)) <= 120
    assert title_of("") == "An agent was blocked"


async def test_a_blocked_run_gives_its_bead_back_behind_the_blocker(make: Maker) -> None:
    """Also where commits exist; a run of another bead that meets the same makes no second blocker."""
    user = make()
    run = await user.work(*WORK[:2], {"blocked": WHY})
    ended = await user.state(run, State.BLOCKED)
    assert ended.reason is Reason.AGENT_BLOCKED
    assert f"It depends on {ended.blocked_by} now." in ended.summary
    assert (user.bead()["status"], user.bead().get("assignee", "")) == ("open", "")
    assert user.bead(ended.blocked_by)["title"] == title_of(WHY)
    assert ended.blocked_by in user.comments()[0]
    other = await user.work({"blocked": WHY}, bead="demo-3")
    assert (await user.state(other, State.BLOCKED)).blocked_by == ended.blocked_by
    assert len(user.beads()) == 4
    assert len(user.comments(ended.blocked_by)) == 1


async def test_a_tracker_that_is_away_gets_the_blocker_later(make: Maker) -> None:
    """The run says that it could not; whoever tends next makes up for it."""
    user = make()
    go = user.made.folder / "go"
    run = await user.work({"say": "here"}, {"stall": True, "until": str(go)}, {"blocked": WHY})
    await user.said(run, "here")
    beads = user.made.project / ".beads"
    beads.rename(user.made.folder / "beads")
    go.touch()
    ended = await user.state(run, State.BLOCKED)
    assert (ended.told, ended.blocked_by) == (False, "")
    assert "could not be made a bead" in ended.summary
    (user.made.folder / "beads").rename(beads)
    await user.application.tend()
    await eventually("it is told", lambda: user.store.get(run).told)  # by us, or by the worker on its way out
    ended = user.store.get(run)
    assert user.bead(ended.blocked_by)["title"] == title_of(WHY)
    assert user.bead()["status"] == "open"
    await eventually("it was told once", lambda: len(user.comments()) == 1)
