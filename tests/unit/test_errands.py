"""Runs without an agent in the rest of the house: what is refused, told and kept of them."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from bead_places import record, write_jsonl
from beadwork.executions import Execution, Order, Reason, State, Verb
from beadwork.gates import Gate, GateResult, GateState, KnownGates
from beadwork.settings import Settings
from beadwork.workflows import CloseRequest, Refused, RunView
from beadwork.workflows.keeping.retained_gates import remove_gates
from beadwork.workflows.keeping.retention import keep_house
from beadwork.workflows.people.announcing import announcement_of
from beadwork.workflows.people.notifying import worth_telling
from beadwork.workflows.saying_again import command_of
from quiet_house import Maker, Quiet, listener, quiet_users

ERRANDS = [verb for verb in Verb if not verb.by_agent]
DAY = 86400.0


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Maker]:
    """A factory of users whose workers do nothing."""
    yield from quiet_users(tmp_path, monkeypatch)


def refused(answer: object) -> Refused:
    """Give a refusal."""
    assert isinstance(answer, Refused), answer
    return answer


async def closing(user: Quiet, bead: str = "demo-1") -> Execution:
    """Ask for a bead to be closed; it is queued."""
    run = await user.application.close_bead(user.project, CloseRequest(bead, reason="It's done"))
    assert isinstance(run, RunView), run
    assert (run.pausable, run.tellable, run.retryable) == (False, False, False)
    assert run.cancellable
    return user.store.get(run.id)


async def test_without_an_agent_it_is_not_paused_told_or_tried_again(make: Maker) -> None:
    """The refusal names the command that asks for it anew; nothing of the run changes."""
    user = make()
    run = await closing(user)
    app = user.application
    again = """`beadwork close demo-1 --reason 'It'"'"'s done'`"""
    for state in ("queued", "running"):
        for answer in (await app.pause(run.id), await app.tell(run.id, "hello"), await app.resume(run.id)):
            assert refused(answer).code == "no-agent"
            assert f"beadwork cancel {run.id[:8]}" in refused(answer).message
            assert again in refused(answer).message
        assert (user.store.get(run.id).state, user.store.get(run.id).intent) == (state, None)
        if state == "queued":
            user.claim()
    user.end(run.id, State.FAILED, reason=Reason.REFUSED)
    for answer in (await app.retry(run.id), await app.tell(run.id, "hello"), await app.resume(run.id)):
        assert refused(answer).code == "no-agent"
        assert again in refused(answer).message
        assert "cancel" not in refused(answer).message


async def test_in_the_queue_it_is_cancelled_at_once(make: Maker) -> None:
    """As any run is, and the bead is free again."""
    user = make()
    run = await closing(user)
    view = await user.application.cancel(run.id)
    assert isinstance(view, RunView)
    assert view.state == "cancelled"
    await closing(user)


async def test_one_that_lost_its_worker_says_nothing_on_its_bead(make: Maker) -> None:
    """It is interrupted; what it had done to its bead stays, and nobody is told that work failed."""
    user = make(record("demo-1", assignee="Ben", labels=["work-done"]))
    ear = listener(user.made.folder)
    run = await closing(user)
    user.claim(ear.worker)
    before = (user.project / ".beads" / "issues.jsonl").read_text("utf-8")
    ear.end()
    await user.application.tend()
    after = user.store.get(run.id)
    assert (after.state, after.reason, after.told) == (State.FAILED, Reason.INTERRUPTED, True)
    assert (user.project / ".beads" / "issues.jsonl").read_text("utf-8") == before
    listed = await user.application.listing(user.project)
    (bead,) = [bead for group in listed.groups for bead in group.beads]
    assert (bead.group, bead.run) == ("done_to_review", None)


async def test_a_spent_budget_holds_no_errand(make: Maker) -> None:
    """So nothing is said of it while only errands wait."""
    user = make(day_budget=1.0)
    spent = await user.begun("demo-1")
    user.end(spent.id, State.COMPLETED, cost_usd=5.0)
    await closing(user)
    assert (await user.application.queue()).held == ""
    await user.queued("demo-3")
    assert "budget" in (await user.application.queue()).held


async def test_a_walk_goes_around_a_bead_that_an_errand_is_at(make: Maker) -> None:
    """While it is, nobody else takes it; that it came to nothing is no failure of the walk."""
    user = make(record("demo-1"), record("demo-3"))
    errand = await closing(user)
    await user.walk(script=user.made.script({"done": "Never played."}))
    assert user.waiting() == ["demo-1", "demo-3"]
    assert user.claim().id == errand.id
    user.end(errand.id, State.FAILED, reason=Reason.REFUSED)
    await user.application.tend()
    assert user.waiting() == ["demo-3", "demo-1"]
    (walk,) = (await user.application.queue()).walks
    assert (walk.queued, walk.failed) == (2, 0)


async def test_beads_that_can_only_be_read_are_neither_closed_nor_opened(make: Maker) -> None:
    """With the reason, and nothing is queued."""
    user = make(record("demo-1"), record("demo-2", status="closed"), bd="no-such-bd")
    (user.project / ".beads" / "metadata.json").write_text('{"dolt_mode": "server"}', "utf-8")
    asked = await user.application.close_bead(user.project, CloseRequest("demo-1", force=True))
    opened = await user.application.finishing.reopen(user.project, "demo-2")
    for answer in (asked, opened):
        assert refused(answer).code == "read-only"
        assert "no-such-bd" in refused(answer).message
    assert user.waiting() == []


def ended(verb: Verb, state: State, took: float, reason: Reason = Reason.REFUSED) -> Execution:
    """Give a run that ended after so many seconds."""
    order = Order("/home/ada/shop", "demo-1", "Sell things", verb)
    now = time.time()
    return Execution("0123456789", order, state, now - took, ended_at=now, reason=reason, summary="So.")


@pytest.mark.parametrize("verb", ERRANDS)
def test_people_are_told_of_an_errand_only_when_they_may_have_turned_away(verb: Verb) -> None:
    """Who asks for one waits for it: trouble that comes late, or by a killed worker, is told."""
    settings = Settings(notify=("json://localhost",))
    assert not worth_telling(ended(verb, State.COMPLETED, 1000.0), settings)
    assert not worth_telling(ended(verb, State.FAILED, 10.0), settings)
    assert worth_telling(ended(verb, State.FAILED, 1000.0), settings)
    assert worth_telling(ended(verb, State.TIMEOUT, 1000.0), settings)
    assert worth_telling(ended(verb, State.FAILED, 10.0, Reason.INTERRUPTED), settings)
    assert not worth_telling(ended(verb, State.FAILED, 1000.0), attrs.evolve(settings, notify=()))
    told = announcement_of(ended(verb, State.FAILED, 1000.0))
    assert told.title.endswith("demo-1 failed")
    assert f"Say it again: beadwork {verb.value} demo-1" in told.body
    assert "retry" not in told.body


@pytest.mark.parametrize(
    ("order", "words"),
    [
        (Order("/p", "demo-1", "", Verb.GATES), "beadwork gates demo-1"),
        (Order("/p", "@here", "", Verb.GATES, here=True), "beadwork gates --here"),
        (Order("/p", "demo-1", "", Verb.PUBLISH, draft=False), "beadwork publish demo-1 --ready"),
        (Order("/p", "d", "", Verb.LAND, how="squash", push=True), "beadwork land d --how squash --push"),
        (Order("/p", "d", "", Verb.CLOSE, skip_gates=True, force=True), "beadwork close d"),
    ],
)
def test_the_command_that_asks_again_overrules_nothing_by_itself(order: Order, words: str) -> None:
    """What it did is asked for as it was; going over what stands in the way is decided each time."""
    assert command_of(order) == words


async def test_what_gates_left_behind_goes_with_the_bead(make: Maker) -> None:
    """The checkout they ran in, and the home they had; not while the bead is open and in use."""
    user = make(record("demo-1"), record("demo-2"))
    house = user.application._house
    for bead in ("demo-1", "demo-2"):
        run = user.store.add(Order(str(user.project), bead, bead, Verb.GATES))
        user.claim()
        user.end(run.id, State.COMPLETED, reason=Reason.GATES_PASSED)
        head = user.made.repository.git("rev-parse", "main")
        checkout = await house.checkouts.prepare_gates(user.project, bead, head)
        house.state.agent_home_of(user.project, f"{bead} gates").mkdir(parents=True)
        assert checkout.path.is_dir()
    write_jsonl(user.project, [record("demo-1", status="closed"), record("demo-2")])
    said = await keep_house(house, force=True)
    assert "Removed the checkout for gates of demo-1." in said
    left = [path.name for path in (house.state.root / "checkouts").glob("*/*") if path.name != ".making"]
    assert len(left) == 1
    assert left[0].startswith("demo-2-gates")
    assert [path.name for path in (house.state.root / "homes").glob("*/*")] == left


def test_what_is_known_of_gates_goes_when_it_is_old_or_too_much(make: Maker) -> None:
    """The oldest first, with what the gates said; what is of today stays, since somebody was told of it."""
    state = make().application._house.state
    known = KnownGates(state.gates_of(Path("/some/shop")))
    now = time.time()
    gate = Gate("test", "make test")
    for days, size in ((400, 1), (50, 800_000), (10, 600_000), (0, 600_000)):
        commit = f"{days:040d}"
        output = known.output_path(commit, gate)
        known.keep(commit, GateResult(gate, GateState.PASSED, 0, 1.0, "", str(output)))
        output.write_bytes(b"x" * size)
        for path in (*output.parent.iterdir(), output.parent):
            os.utime(path, (now - days * DAY, now - days * DAY))

    def left() -> list[int]:
        found = known.folder.iterdir()
        return sorted(int(path.name) for path in found)

    assert list(remove_gates(state, Settings(keep_days=0, keep_megabytes=0), now)) == []
    assert remove_gates(state, Settings(keep_days=90), now) == ["Forgot what became of gates on 1 commit."]
    assert left() == [0, 10, 50]
    assert remove_gates(state, Settings(keep_megabytes=2), now) == []
    assert remove_gates(state, Settings(keep_megabytes=1), now) == [
        "Forgot what became of gates on 2 commits."
    ]
    assert left() == [0]
