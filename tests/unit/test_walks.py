"""Walks through ready beads: what they take, in which order, and why they stop by themselves."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

import trial
from bead_places import edge, record
from beadwork.executions import Phase, Reason, State
from beadwork.state_folder import StateFolder
from beadwork.workflows import Refused, WalkRequest, WalkView, build
from beadwork.workflows.queueing.walking import walk_view
from eventually import eventually
from quiet_house import Maker, Quiet, quiet, quiet_users


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Maker]:
    """A factory of users whose workers do nothing."""
    yield from quiet_users(tmp_path, monkeypatch)


def newest(user: Quiet) -> WalkView:
    """Give the newest walk as it stands."""
    walk = user.store.walks.newest(str(user.project))
    assert walk is not None
    return walk_view(user.application._house, walk)


async def test_the_most_urgent_come_first_then_what_unblocks_most_then_the_oldest(make: Maker) -> None:
    """Blocked, claimed, put off and reviewed beads are not taken at all."""
    user = make(
        record("old", created_at="2025-01-01T00:00:00Z"),
        record("key", created_at="2026-02-01T00:00:00Z"),
        record("young", created_at="2026-03-01T00:00:00Z"),
        record("urgent", priority=0, created_at="2026-04-01T00:00:00Z"),
        record("door", dependencies=[edge("door", "key")]),
        record("room", dependencies=[edge("room", "door")]),
        record("taken", status="in_progress", assignee="Bo"),
        record("later", status="deferred"),
        record("reviewed", labels=["work-done"]),
        record("gone", status="closed"),
    )
    walk = await user.walk()
    assert (walk.queued, walk.ended_at, walk.why) == (4, None, "")
    assert user.waiting() == ["urgent", "key", "old", "young"]


async def test_a_limit_counts_beads_and_ends_the_walk_when_all_of_them_ended(make: Maker) -> None:
    """Neither more is queued than asked for, nor does it end before."""
    user = make(*(record(f"demo-{number}") for number in range(5)))
    assert (await user.walk(limit=2)).queued == 2
    for ended in range(2):
        assert newest(user).why == ""
        run = user.claim()
        user.end(run.id, State.COMPLETED, cost_usd=0.5)
        await user.application.tend()
        assert (newest(user).completed, newest(user).cost_usd) == (ended + 1, (ended + 1) * 0.5)
    assert newest(user).why == "It has worked on 2 beads, as many as it was to."
    assert newest(user).ended_at is not None
    assert user.waiting() == []


async def test_a_wall_clock_is_that_of_each_run(make: Maker) -> None:
    """What a person allows a walk's runs counts for those that become ready later, too."""
    user = make(record("one"), record("two"))
    await user.walk(wall_clock=90.0)
    assert [run.order.deadline for run in user.store.queue()] == [90.0, 90.0]


async def test_what_becomes_ready_is_taken_without_anybody_asking(make: Maker) -> None:
    """A bead is closed by somebody: what it was in the way of is queued when the change is noticed."""
    behind = record("demo-2", dependencies=[edge("demo-2", "demo-1")])
    user = make(record("demo-1"), behind)
    await user.walk()
    assert user.waiting() == ["demo-1"]
    user.claim()
    user.beads(record("demo-1", status="closed"), behind)
    assert await user.application.beads_changed(user.project) == []
    assert user.waiting() == ["demo-2"]


async def test_a_walk_ends_when_nothing_is_ready_and_says_what_the_others_wait_for(make: Maker) -> None:
    """The counts are of the open beads; the walk's own are among them."""
    user = make(
        record("demo-1"),
        record("demo-2", dependencies=[edge("demo-2", "demo-1")]),
        record("demo-3", status="deferred"),
    )
    await user.walk()
    run = user.claim()
    user.end(run.id, State.FAILED)
    await user.application.tend()
    assert newest(user).why == (
        "Nothing more is ready: 1 waiting for you, 1 blocked, 1 put off, or not for agents."
    )
    assert (newest(user).failed, newest(user).completed) == (1, 0)


async def test_a_walk_stops_at_so_many_failures_and_lets_what_runs_go_on(make: Maker) -> None:
    """What it had queued is cancelled; the names of what failed are said."""
    user = make(*(record(f"demo-{number}") for number in range(6)), walk_failures=2)
    await user.walk()
    runs = [user.claim() for _ in range(3)]
    user.end(runs[0].id, State.TIMEOUT)
    await user.application.tend()
    assert newest(user).queued == 3
    user.end(runs[1].id, State.BLOCKED, reason=Reason.AGENT_BLOCKED)
    await user.application.tend()
    assert newest(user).why == "2 of its runs came to nothing (demo-0, demo-1), and it was to stop at 2."
    assert (newest(user).queued, newest(user).running) == (0, 1)
    assert user.store.get(runs[2].id).intent is None
    cancelled = user.store.list(states=frozenset({State.CANCELLED}))
    assert {run.order.bead for run in cancelled} == {"demo-3", "demo-4", "demo-5"}


async def test_what_was_overtaken_cancelled_or_tried_again_is_no_failure(make: Maker) -> None:
    """Only what came to nothing counts: else a colleague who closes beads would stop the walk."""
    user = make(*(record(f"demo-{number}") for number in range(5)), walk_failures=2)
    await user.walk()
    user.end(user.claim().id, State.FAILED, reason=Reason.OVERTAKEN)
    user.end(user.claim().id, State.CANCELLED)
    failed = user.claim()
    user.end(failed.id, State.FAILED)
    assert not isinstance(await user.application.retry(failed.id), Refused)
    await user.application.tend()
    assert (newest(user).why, newest(user).failed) == ("", 0)


async def test_a_walk_stops_at_its_budget(make: Maker) -> None:
    """The cost of all its runs counts, also of those that go on."""
    user = make(*(record(f"demo-{number}") for number in range(3)), walk_budget=1.0)
    await user.walk()
    user.end(user.claim(cost_usd=0.4).id, State.COMPLETED)
    await user.application.tend()
    assert newest(user).why == ""
    user.claim(cost_usd=0.75)
    await user.application.tend()
    assert newest(user).why == "Its runs cost $1.15, and $1.00 was its budget."
    assert user.waiting() == []


async def test_a_person_stops_a_walk(make: Maker) -> None:
    """Its queue is empty at once, what runs goes on, and a second stop is refused."""
    user = make(record("demo-1"), record("demo-2"))
    await user.walk()
    running = user.claim()
    ended = await user.application.end_walk(user.project)
    assert isinstance(ended, WalkView)
    assert (ended.why, ended.queued, ended.running) == ("Stopped by a person.", 0, 1)
    assert user.store.get(running.id).intent is None
    again = await user.application.end_walk(user.project)
    assert isinstance(again, Refused)
    assert again.code == "no-walk"


async def test_a_run_of_a_stopped_walk_is_not_tried_again_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What had begun goes on to its end, and what came of it is said; nothing follows."""
    made = trial.with_file(tmp_path, record("demo-1"))
    gate = tmp_path / "gate"
    fails = made.script({"stall": True, "until": str(gate)}, {"fail": "Overloaded.", "passing": True})
    made.settings(agent="scripted", script=fails, runner="plain", retry_delay=0.1)
    for name, value in made.environment.items():
        monkeypatch.setenv(name, value)
    application = build(StateFolder(made.state))
    assert isinstance(await application.begin_walk(made.project, WalkRequest()), WalkView)
    store = trial.open_store(made)
    (run,) = store.list()
    await eventually("the agent", lambda: store.get(run.id).phase is Phase.AGENT)
    assert isinstance(await application.end_walk(made.project), WalkView)
    gate.touch()
    ended = await application.wait_for_end(run.id)
    assert (ended.state, ended.reason, ended.retried_by) == ("failed", "passing", "")
    assert "tried again" not in ended.summary
    assert [each.id for each in store.list()] == [run.id]
    store.close()
    application.close()


async def test_a_project_has_one_walk_and_a_walk_something_to_do(make: Maker) -> None:
    """A second one is refused, and so is one where nothing is ready, with what the beads wait for."""
    user = make(record("demo-1"))
    await user.walk()
    for code, words in (("nothing-ready", "1 being worked on by other runs"), ("walk-going", "already")):
        refused = await user.application.begin_walk(user.project, WalkRequest())
        assert isinstance(refused, Refused)
        assert (refused.code, words in refused.message) == (code, True)
        user.beads(record("demo-1"), record("demo-2"))


async def test_a_walk_goes_on_after_a_restart_by_whoever_comes_by(make: Maker) -> None:
    """Another process with nothing in memory takes it further, as it was asked for."""
    user = make(record("demo-1"))
    await user.walk(runner="plain", limit=3)
    run = user.claim()
    user.beads(record("demo-1"), record("demo-2"))
    user.end(run.id, State.COMPLETED)
    other = quiet(user.made)
    await other.application.tend()
    queued = other.store.queue()
    assert [(each.order.bead, each.order.runner) for each in queued] == [("demo-2", "plain")]
    other.application.close()


async def test_several_processes_advance_one_walk_and_queue_each_bead_once(make: Maker) -> None:
    """One lock for each project, and one unfinished run for each bead."""
    user = make(record("demo-0"))
    await user.walk(limit=5)
    others = [quiet(user.made) for _ in range(3)]
    user.beads(*(record(f"demo-{number}") for number in range(10)))
    await asyncio.gather(*(each.application.tend() for each in (user, *others)))
    assert sorted(user.waiting()) == [f"demo-{number}" for number in range(5)]
    for each in others:
        each.application.close()


async def test_beads_that_did_not_change_are_not_read_again(make: Maker) -> None:
    """Tending a walk reads the beads once; then only their change signal."""
    user = make(record("demo-1"))
    await user.walk()
    workspace = user.application._workspaces.of(user.project)
    before = await workspace.snapshot()
    for _ in range(3):
        await user.application.tend()
    assert await workspace.snapshot() is before


async def test_beads_that_cannot_be_read_are_a_sentence_and_the_walk_waits(make: Maker) -> None:
    """Nothing ends for a file that is away for a moment."""
    user = make(record("demo-1"), record("demo-2"))
    await user.walk(limit=1)
    user.end(user.claim().id, State.COMPLETED)
    beads = user.project / ".beads"
    beads.rename(user.made.folder / "away")
    said = await user.application.tend()
    assert ["cannot go on now" in each for each in said] == [True]
    assert newest(user).ended_at is None
    (user.made.folder / "away").rename(beads)
    assert await user.application.tend() == []
    assert newest(user).ended_at is not None


async def test_a_walk_that_nobody_watches_works_through_all_that_is_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Real workers take it further after each run; no server and no command is there."""
    made = trial.with_file(
        tmp_path,
        record("demo-1"),
        record("demo-2", dependencies=[edge("demo-2", "demo-1")]),
        record("demo-3"),
    )
    works = made.script({"write": "new.txt", "text": "new"}, {"commit": "work"}, {"done": "Worked."})
    made.settings(agent="scripted", script=works, runner="plain", slots=1)
    for name, value in made.environment.items():
        monkeypatch.setenv(name, value)
    application = build(StateFolder(made.state))
    assert isinstance(await application.begin_walk(made.project, WalkRequest()), WalkView)
    application.close()
    store = trial.open_store(made)

    def has_ended() -> bool:
        walk = store.walks.newest(str(made.project))
        return walk is not None and walk.ended_at is not None

    await eventually("the walk has ended", has_ended, within=trial.DEADLINE)
    assert {run.order.bead: run.state for run in store.list()} == {
        "demo-1": State.COMPLETED,
        "demo-3": State.COMPLETED,
    }
    walk = store.walks.newest(str(made.project))
    assert walk is not None
    assert walk.why == "Nothing more is ready: 1 blocked, 2 done and to be reviewed."
    store.close()
