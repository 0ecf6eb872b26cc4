"""The queue as a person sees it: its order, what holds it, and what may be moved in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bead_places import record
from beadwork.executions import State
from beadwork.settings import Layer
from beadwork.state_folder import StateFolder
from beadwork.workflows import Refused, RunView, build, moment
from quiet_house import Maker, Quiet, quiet_users


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Maker]:
    """A factory of users whose workers do nothing."""
    yield from quiet_users(tmp_path, monkeypatch)


async def shown(user: Quiet) -> tuple[list[str], list[str]]:
    """Give the beads that run and those that wait, as the queue shows them."""
    view = await user.application.queue()
    return [run.bead for run in view.running], [run.bead for run in view.queued]


async def test_a_window_cannot_have_a_queue_of_its_own(make: Maker) -> None:
    """Workers of all windows share the slots: what one editor says of them would hold in half the places."""
    user = make(record("one"), slots=2)
    application = build(StateFolder(user.made.state), Layer("editor settings", {"slots": 9}, trusted=True))
    assert (await application.queue()).slots == 2
    application.close()


async def test_first_come_is_first_served_unless_a_person_wants_it_by_priority(make: Maker) -> None:
    """The view has the order in which they will begin, and `queue_order` changes it."""
    user = make(record("low", priority=4), record("high", priority=0), record("usual"))
    for bead in ("low", "usual", "high"):
        await user.queued(bead)
    assert await shown(user) == ([], ["low", "usual", "high"])
    user.made.settings(agent="scripted", queue_order="priority")
    assert await shown(user) == ([], ["high", "usual", "low"])
    user.claim()
    assert await shown(user) == (["low"], ["high", "usual"])


async def test_a_run_is_moved_to_the_front_and_the_last_one_moved_is_first(make: Maker) -> None:
    """It begins before all others, whatever their priority."""
    user = make(record("demo-1"), record("demo-2"), record("demo-3", priority=0))
    runs = {bead: await user.queued(bead) for bead in ("demo-1", "demo-2", "demo-3")}
    for bead in ("demo-2", "demo-1"):
        assert isinstance(await user.application.move_first(runs[bead].id[:8]), RunView)
    assert await shown(user) == ([], ["demo-1", "demo-2", "demo-3"])


async def test_only_what_is_queued_can_be_moved(make: Maker) -> None:
    """A running one, and one that has ended, are refused with what they are."""
    user = make(record("demo-1"))
    run = await user.begun("demo-1")
    refused = await user.application.move_first(run.id)
    assert isinstance(refused, Refused)
    assert (refused.code, "is running, not queued" in refused.message) == ("not-queued", True)
    user.end(run.id, State.FAILED)
    refused = await user.application.move_first(run.id)
    assert isinstance(refused, Refused)
    assert "is failed, not queued" in refused.message


async def test_a_spent_budget_of_the_day_is_said_with_its_figures(make: Maker) -> None:
    """It holds the queue although slots are free; full slots alone need no words."""
    user = make(record("demo-1"), record("demo-2"), day_budget=2.0, slots=2)
    run = await user.begun("demo-1", cost_usd=1.99)
    await user.queued("demo-2")
    assert (await user.application.queue()).held == ""
    user.end(run.id, State.FAILED, cost_usd=2.5)
    held = (await user.application.queue()).held
    assert held.startswith(
        "The budget of the day is spent: runs cost $2.50 today, and $2.00 is `day_budget`."
    )
    user.made.settings(agent="scripted", slots=2)
    assert (await user.application.queue()).held == ""


async def test_full_slots_need_no_words(make: Maker) -> None:
    """What runs is there to be seen."""
    user = make(record("demo-1"), record("demo-2"), day_budget=1.0, slots=1)
    await user.begun("demo-1", cost_usd=3.0)
    await user.queued("demo-2")
    view = await user.application.queue()
    assert (view.slots, len(view.running), len(view.queued), view.held) == (1, 1, 1, "")


async def test_a_run_that_waits_for_its_time_says_so_itself(make: Maker) -> None:
    """It is in the queue, with when it may begin; moved to the front, it waits no more."""
    user = make(record("demo-1"))
    first = await user.begun("demo-1")
    user.end(first.id, State.FAILED)
    due = first.queued_at + 3600
    user.store.add(first.order, retry_of=first.id, not_before=due)
    view = await user.application.queue()
    assert [(run.attempt, run.not_before, run.retry_of) for run in view.queued] == [
        (2, moment(due), first.id)
    ]
    moved = await user.application.move_first(view.queued[0].id)
    assert isinstance(moved, RunView)
    assert moved.not_before is None


async def test_an_order_keeps_how_urgent_its_bead_was(make: Maker) -> None:
    """The queue of a later day need not ask the tracker."""
    user = make(record("demo-1", priority=0))
    assert (await user.queued("demo-1")).order.priority == 0


async def test_runs_are_narrowed_by_state_time_and_text(make: Maker) -> None:
    """Each given argument narrows; the newest come first."""
    user = make(record("demo-1", title="Größe prüfen"), record("demo-2"))
    failed = await user.begun("demo-1")
    user.end(failed.id, State.FAILED)
    waiting = await user.queued("demo-2")
    runs = user.application.runs

    async def ids(**narrowed: object) -> list[str]:
        return [run.id for run in await runs(**narrowed)]  # type: ignore[arg-type]

    assert await ids() == [waiting.id, failed.id]
    assert await ids(states=frozenset({State.FAILED})) == [failed.id]
    assert await ids(since=waiting.queued_at) == [waiting.id]
    assert await ids(text="PRÜFEN") == [failed.id]
    assert await ids(text="prüfen", states=frozenset({State.QUEUED})) == []
