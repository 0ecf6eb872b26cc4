"""Pause and resume, silence, and what a run may cost: who ends an agent, and how it goes on."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from beadwork.executions import Intent, Message, MessageKind, Reason, State
from eventually import eventually
from working import WORK, Working, accepted, working

Maker = Callable[..., Working]
COLOUR = {"question": "Which colour?", "choices": ["red", "blue"]}


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Maker]:
    """A factory of users at work."""
    yield from working(tmp_path, monkeypatch)


async def test_a_paused_run_goes_on_in_its_session_and_its_log(make: Maker) -> None:
    """The bead keeps its claim and hears nothing of it; what was done and not committed is still there."""
    place = make()
    run = await place.work(
        {"write": "draft.txt", "text": "draft\n"},
        {"say": "here"},
        {"stall": True},
        {"run": "test -e draft.txt"},
        *WORK,
    )
    await place.said(run, "here")
    accepted(await place.application.pause(run))
    paused = await place.state(run, State.PAUSED)
    assert (paused.reason, paused.intent, paused.worker) == (Reason.PAUSED, None, None)
    assert f"`beadwork resume {run[:8]}`" in paused.summary
    assert not place.made.processes(run)
    await place.application.tend()
    assert (place.bead()["status"], place.bead()["assignee"], place.comments()) == ("in_progress", "Ada", [])
    before = len(place.events(run))
    accepted(await place.application.resume(run))
    done = await place.state(run, State.COMPLETED)
    assert (done.log, done.session, done.base) == (paused.log, paused.session, paused.base)
    assert place.texts(run)[1].startswith("Resumed with: You were interrupted.")
    assert place.events(run)[before].kind == "run"
    assert [result["ok"] for result in place.of_kind(run, "tool_result")] == [True] * 4
    assert len(place.comments()) == 1


async def test_a_pause_while_the_agent_asks_keeps_the_question(make: Maker) -> None:
    """It is still an answer that is wanted."""
    place = make()
    run = await place.work(COLOUR, *WORK)
    await place.asks(run)
    place.store.intend(run, Intent.PAUSE)
    resting = await place.state(run, State.NEEDS_INPUT, live=False)
    assert resting.ask is not None
    await place.answer(run, "blue")
    await place.state(run, State.COMPLETED)
    assert "The answer: blue" in place.texts(run)[0]


async def test_what_is_told_to_a_paused_run_is_what_it_goes_on_with(make: Maker) -> None:
    """The message waits in the inbox."""
    place = make()
    run = await place.work({"say": "here"}, {"stall": True}, *WORK)
    await place.said(run, "here")
    accepted(await place.application.pause(run))
    await place.state(run, State.PAUSED)
    accepted(await place.application.tell(run, "Mind the gap."))
    await place.state(run, State.COMPLETED)
    assert place.texts(run)[1] == "Resumed with: Mind the gap."


async def test_a_run_without_a_session_begins_anew_with_what_is_there(make: Maker) -> None:
    """The agent was paused before it had kept anything; the summary says so, and its commits count."""
    place = make()
    run = await place.work(*WORK[:2], {"say": "here"}, {"stall": True})
    await place.said(run, "here")
    for kept in (place.made.state / "homes").rglob(".scripted-agent.json"):
        kept.unlink()
    accepted(await place.application.pause(run))
    paused = await place.state(run, State.PAUSED)
    assert "kept no session" in paused.summary
    script = Path(place.store.get(run).order.script)
    script.write_text('{"steps": [{"keep_prompt": "../prompt"}, {"done": "Worked."}]}', "utf-8")
    accepted(await place.application.resume(run))
    done = await place.state(run, State.COMPLETED)
    assert done.session != paused.session
    (prompt,) = (place.made.state / "checkouts").rglob("prompt")
    assert "You were interrupted." in prompt.read_text("utf-8")


async def test_a_bead_that_was_closed_meanwhile_is_left_alone(make: Maker) -> None:
    """The run ends as overtaken: nobody works on what is done with."""
    place = make()
    run = await place.work({"say": "here"}, {"stall": True}, *WORK)
    await place.said(run, "here")
    accepted(await place.application.pause(run))
    await place.state(run, State.PAUSED)
    file = place.made.project / ".beads" / "issues.jsonl"
    closed = file.read_text("utf-8").replace('"in_progress"', '"closed"')
    file.write_text(closed, "utf-8")
    accepted(await place.application.resume(run))
    after = await place.state(run, State.FAILED)
    assert after.reason is Reason.OVERTAKEN
    assert "what was done before is kept" in after.summary
    assert place.bead()["status"] == "closed"


async def test_a_bead_that_is_closed_in_the_middle_stays_closed(make: Maker) -> None:
    """The work is judged by what is there, and the run says what it found."""
    place = make()
    go = place.made.folder / "go"
    run = await place.work({"say": "here"}, {"stall": True, "until": str(go)}, *WORK)
    await place.said(run, "here")
    file = place.made.project / ".beads" / "issues.jsonl"
    file.write_text(file.read_text("utf-8").replace('"in_progress"', '"closed"'), "utf-8")
    go.touch()
    done = await place.state(run, State.COMPLETED)
    assert "closed meanwhile" in done.summary
    assert place.bead()["status"] == "closed"


async def test_a_silent_agent_is_warned_of_and_ended(make: Maker) -> None:
    """Its checkout and log are kept; the bead is given back and told."""
    place = make(silence_warning=0.2, silence_limit=1.0)
    run = await place.work({"say": "here"}, {"stall": True})
    ended = await place.state(run, State.TIMEOUT)
    assert ended.reason is Reason.SILENT
    assert "Nothing was heard of the agent" in place.notes(run)
    assert place.bead()["status"] == "open"
    assert "timed out" in place.comments()[0]


async def test_a_tool_with_a_limit_of_its_own_may_be_silent_for_longer(make: Maker) -> None:
    """What is known to run is waited for."""
    place = make(silence_limit=3.0, tool_limit=0.5)
    run = await place.work({"silent": 5.0, "limit": 60.0}, *WORK)
    await place.state(run, State.COMPLETED)


async def test_who_is_asked_is_not_silent(make: Maker) -> None:
    """While a person thinks, neither the wall clock nor the silence counts."""
    place = make(silence_limit=3.0, wall_clock=5.0)
    run = await place.work(COLOUR, *WORK)
    begun = (await place.asks(run)).used
    heartbeat = place.store.signal()
    await eventually("more time goes by than there is", lambda: _waited(place, run, 5.5))
    assert place.store.signal() == heartbeat
    await place.answer(run, "blue")
    done = await place.state(run, State.COMPLETED)
    assert begun <= done.used < 5.0


def _waited(place: Working, run: str, seconds: float) -> bool:
    """Whether the question of a run stands for so long."""
    (question,) = [event for event in place.events(run) if event.kind == "question"]
    return time.time() - question.at > seconds


async def test_a_run_that_reaches_its_budget_fails_for_it(make: Maker) -> None:
    """What it had committed is kept, and nothing is tried again."""
    place = make(run_budget=1.0)
    run = await place.work(*WORK[:2], {"spend": 0.5}, {"spend": 0.75}, {"done": "Worked."})
    ended = await place.state(run, State.FAILED)
    assert (ended.reason, ended.cost_usd, ended.retried_by) == (Reason.BUDGET, 1.25, "")
    assert "1 commit of it" in ended.summary


async def test_cost_and_budget_count_over_a_rest(make: Maker) -> None:
    """The second stretch has what the first has left."""
    place = make(run_budget=1.0)
    run = await place.work({"spend": 0.75}, {"say": "here"}, {"stall": True}, {"spend": 0.5}, *WORK)
    await place.said(run, "here")
    accepted(await place.application.pause(run))
    assert (await place.state(run, State.PAUSED)).cost_usd == 0.75
    accepted(await place.application.resume(run))
    ended = await place.state(run, State.FAILED)
    assert (ended.reason, ended.cost_usd, ended.input_tokens) == (Reason.BUDGET, 1.25, 1250)


async def test_a_run_that_has_nothing_left_does_not_go_on(make: Maker) -> None:
    """No agent is started for nothing."""
    place = make()
    run = await place.work({"spend": 0.75}, {"say": "here"}, {"stall": True}, *WORK)
    await place.said(run, "here")
    accepted(await place.application.pause(run))
    await place.state(run, State.PAUSED)
    place.settings(run_budget=0.5)
    accepted(await place.application.resume(run))
    ended = await place.state(run, State.FAILED)
    assert ended.reason is Reason.BUDGET
    assert place.texts(run) == ["here"]


async def test_an_answer_that_came_as_the_run_came_to_rest_is_not_lost(make: Maker) -> None:
    """It waits in the inbox, and the run goes on with it by itself."""
    place = make(answer_patience=0.3)
    run = await place.work(COLOUR, *WORK)
    await place.asks(run)
    await eventually("nobody is asked any more", lambda: "in time" in place.notes(run))
    place.store.inbox.send(run, Message(MessageKind.ANSWER, ("blue",), ask="ask-1"))
    done = await place.state(run, State.COMPLETED)
    assert done.resumed == 1
    assert "The answer: blue" in place.texts(run)[0]


async def test_a_claim_is_given_back_by_the_stretch_that_ends_the_run(make: Maker) -> None:
    """It was the run's from the beginning, though another stretch took it."""
    place = make()
    run = await place.work({"say": "here"}, {"stall": True}, {"fail": "No way."})
    await place.said(run, "here")
    accepted(await place.application.pause(run))
    await place.state(run, State.PAUSED)
    accepted(await place.application.resume(run))
    await place.state(run, State.FAILED)
    assert (place.bead()["status"], place.bead().get("assignee", "")) == ("open", "")


async def test_a_bead_that_another_takes_before_the_work_begins_is_theirs(make: Maker) -> None:
    """Nothing is done, nothing is told, and nothing is tried again."""
    place = make(slots=1)
    first = await place.work({"say": "here"}, {"stall": True}, bead="demo-3")
    await place.said(first, "here")
    run = await place.work(*WORK)
    file = place.made.project / ".beads" / "issues.jsonl"
    taken = [{**bead, "status": "in_progress", "assignee": "Eve"} for bead in place.beads()[:1]]
    file.write_text("".join(json.dumps(bead) + "\n" for bead in (*taken, *place.beads()[1:])), "utf-8")
    accepted(await place.application.cancel(first))
    ended = await place.state(run, State.FAILED)
    assert (ended.reason, ended.retried_by, ended.told) == (Reason.OVERTAKEN, "", True)
    assert "Eve" in ended.summary
    assert (place.bead()["assignee"], place.comments()) == ("Eve", [])


async def test_a_run_that_was_paused_in_the_queue_begins_as_any_other(make: Maker) -> None:
    """It had no session yet, and is told all."""
    place = make(slots=1)
    first = await place.work({"say": "here"}, {"stall": True}, bead="demo-3")
    await place.said(first, "here")
    run = await place.work(*WORK)
    accepted(await place.application.pause(run))
    assert place.store.get(run).state is State.PAUSED
    accepted(await place.application.resume(run))
    accepted(await place.application.cancel(first))
    done = await place.state(run, State.COMPLETED)
    assert done.resumed == 0
    assert place.texts(run) == []
