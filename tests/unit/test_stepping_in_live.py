"""Stepping in with real workers and a scripted agent: what a person says reaches the agent, and only once."""

from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

import attrs
import pytest

import trial
from beadwork.executions import Execution, Message, MessageKind, Reason, State, alive
from beadwork.state_folder import StateFolder
from beadwork.workflows import Application, Refused, RunView, WorkRequest, build
from eventually import eventually

DONE: tuple[Mapping[str, object], ...] = (
    {"write": "new.txt", "text": "new"},
    {"commit": "work"},
    {"done": "Worked."},
)


@attrs.frozen
class Live:
    """A user, and the application that a front end of theirs holds; its workers are real."""

    made: trial.Trial
    application: Application

    async def work(self, bead: str, *steps: Mapping[str, object], **request: object) -> str:
        """Ask for work on a bead by an agent that plays `steps`; give the run."""
        asked = WorkRequest(bead, script=self.made.script(*steps), runner="plain", **request)  # type: ignore[arg-type]
        run = await self.application.work(self.made.project, asked)
        assert isinstance(run, RunView), run
        return run.id

    def get(self, run: str) -> Execution:
        """Give a run as the store has it."""
        return self.application._house.store.get(run)

    async def until(self, run: str, holds: Callable[[Execution], object]) -> Execution:
        """Wait until something holds of a run, and give it."""
        await eventually(f"{run} was so", lambda: holds(self.get(run)), within=trial.DEADLINE)
        return self.get(run)

    async def resting(self, run: str, state: State) -> Execution:
        """Wait until a run has come to rest, and its worker is gone."""
        return await self.until(run, lambda now: now.state is state and not now.live)

    def said(self, run: str) -> str:
        """Give all that the agent of a run said."""
        return "\n".join(str(event["text"]) for event in self.made.events(run) if event["kind"] == "text")


def done(answer: object) -> RunView:
    """Give the run that something led to."""
    assert isinstance(answer, RunView), answer
    return answer


@pytest.fixture
async def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Callable[..., Live]]:
    """A factory of users with real workers; what still runs at the end of the test is ended."""
    made: list[Live] = []

    def maker(*beads: Mapping[str, object], **settings: object) -> Live:
        user = trial.with_file(tmp_path, *beads)
        user.settings(**{"agent": "scripted", "actor": "Ada", "cancel_grace": 0.5, **settings})
        for name, value in user.environment.items():
            monkeypatch.setenv(name, value)
        made.append(new := Live(user, build(StateFolder(user.state))))
        return new

    yield maker
    for each in made:
        await each.application.settle()
        each.made.end_all()
        each.application.close()


async def test_a_question_is_answered_in_the_turn_of_the_agent(make: Callable[..., Live]) -> None:
    """It waits with what it asks on its run, hears the choice, and completes."""
    user = make()
    run = await user.work("demo-1", {"question": "Which colour?", "choices": ["Red", "Blue"]}, *DONE)
    asking = await user.until(run, lambda now: now.state is State.NEEDS_INPUT)
    assert asking.live
    assert asking.ask is not None
    assert [choice.label for choice in asking.ask.questions[0].choices] == ["Red", "Blue"]
    done(await user.application.answer(run, ["2"], asking.ask.id))
    assert (await user.application.wait_for_end(run)).state == "completed"
    assert "The answer was: Blue" in user.said(run)


async def test_a_permission_is_given_and_refused_in_the_turn_of_the_agent(make: Callable[..., Live]) -> None:
    """The front end shows five choices, and the agent hears yes or no."""
    user = make()
    run = await user.work(
        "demo-1",
        {"permission": "Bash", "title": "make all"},
        {"permission": "Bash", "title": "rm -rf /"},
        *DONE,
    )
    for title, answer in (("make all", "allow once"), ("rm -rf /", "4")):

        def asks(now: Execution, title: str = title) -> bool:
            return now.ask is not None and now.ask.title == title

        await user.until(run, asks)
        done(await user.application.answer(run, [answer]))
    assert (await user.application.wait_for_end(run)).state == "completed"
    assert "Allowed:" in user.said(run)
    assert "Denied:" in user.said(run)


async def test_an_answer_that_comes_late_goes_on_in_the_same_run(make: Callable[..., Live]) -> None:
    """The agent is ended with its session kept, the slot is free, and the log has no gap."""
    user = make(answer_patience=0.2, slots=1)
    run = await user.work("demo-1", {"question": "Which colour?", "choices": ["Red", "Blue"]}, *DONE)
    await user.resting(run, State.NEEDS_INPUT)
    other = await user.work("demo-3", *DONE)
    assert (await user.application.wait_for_end(other)).state == "completed"
    done(await user.application.answer(run, ["red"]))
    ended = await user.application.wait_for_end(run)
    assert (ended.state, ended.resumed) == ("completed", 1)
    assert "Red" in user.said(run)
    seqs = [event["seq"] for event in user.made.events(run)]
    assert seqs == list(range(1, len(seqs) + 1))


async def test_of_several_answers_that_wait_the_first_one_counts(make: Callable[..., Live]) -> None:
    """Who gave one died before the run was queued again; whoever comes by does that."""
    live = make(answer_patience=0.5)
    run = await live.work("demo-1", {"question": "Which?", "choices": ["Red", "Blue"]}, *DONE)
    rests = await live.resting(run, State.NEEDS_INPUT)
    assert rests.ask is not None
    for text in ("Red", "Blue"):
        live.application._house.store.inbox.send(run, Message(MessageKind.ANSWER, (text,), ask=rests.ask.id))
    await live.application.tend()
    await live.until(run, lambda now: now.state is State.COMPLETED)
    assert "The answer: Red" in live.said(run)
    assert "Blue" not in live.said(run)
    notes = [str(event.get("text")) for event in live.made.events(run)]
    assert any("Another answer came before" in note for note in notes)


async def test_a_paused_agent_goes_on_where_it_stopped(make: Callable[..., Live]) -> None:
    """Its worker is gone while it rests, its bead stays claimed, and nobody else may begin it."""
    user = make()
    run = await user.work("demo-1", {"say": "Before."}, {"stall": True}, {"say": "After."}, *DONE)
    await eventually("the agent works", lambda: self_said(user, run, "Before."), within=trial.DEADLINE)
    worker = user.get(run).worker
    assert worker is not None
    assert done(await user.application.pause(run)).intent == "pause"
    rests = await user.resting(run, State.PAUSED)
    assert rests.used > 0
    await eventually("the worker is gone", lambda: not alive(worker))
    page = await user.application.page(user.made.project, "demo-1")
    assert (page.bead.status, page.bead.group) == ("in_progress", "needs_you")
    refused = await user.application.work(user.made.project, WorkRequest("demo-1", script=user.made.script()))
    assert isinstance(refused, Refused)
    assert refused.code == "already-active"
    done(await user.application.resume(run))
    assert (await user.application.wait_for_end(run)).state == "completed"
    assert user.said(run).count("Before.") == 1
    assert "After." in user.said(run)


def self_said(user: Live, run: str, words: str) -> bool:
    """Whether the agent of a run has said something yet."""
    log = user.get(run).log
    return bool(log) and Path(log).exists() and words in Path(log).read_text("utf-8")


async def test_a_run_has_a_wall_clock_of_its_own(make: Callable[..., Live]) -> None:
    """What a person allows one run counts before the setting, for its next attempt as well."""
    live = make(wall_clock=3600)
    run = await live.work("demo-1", {"stall": True}, {"stall": True}, wall_clock=1.0)
    ended = await live.until(run, lambda now: now.state is State.TIMEOUT)
    assert ended.reason is Reason.TIMEOUT
    again = done(await live.application.retry(run))
    assert live.get(again.id).order.deadline == 1.0
    await live.until(again.id, lambda now: now.state is State.TIMEOUT)


async def test_a_message_reaches_the_turn_of_the_agent(make: Callable[..., Live]) -> None:
    """It hears it while it works, once."""
    user = make()
    run = await user.work("demo-1", {"say": "Listening."}, {"hear": True}, *DONE)
    await eventually("the agent listens", lambda: self_said(user, run, "Listening."), within=trial.DEADLINE)
    done(await user.application.tell(run, "Use tabs."))
    assert (await user.application.wait_for_end(run)).state == "completed"
    assert user.said(run).count("Use tabs.") == 1


async def test_an_ended_agent_goes_on_with_its_session_when_it_is_told_something(
    make: Callable[..., Live],
) -> None:
    """In a new run, linked with the old one, which hears the message first."""
    user = make()
    run = await user.work("demo-1", {"fail_until": 2, "fail": "No."}, *DONE)
    assert (await user.application.wait_for_end(run)).state == "failed"
    told = done(await user.application.tell(run, "Try the other way."))
    ended = await user.application.wait_for_end(told.id)
    assert (ended.state, ended.retry_of) == ("completed", run)
    assert "Resumed with: Try the other way." in user.said(told.id)


async def test_a_retry_goes_on_with_the_session(make: Callable[..., Live]) -> None:
    """The agent remembers: it is resumed, not begun anew."""
    user = make()
    run = await user.work("demo-1", {"say": "Once."}, {"fail_until": 2, "fail": "No."}, *DONE)
    assert (await user.application.wait_for_end(run)).state == "failed"
    again = done(await user.application.retry(run))
    assert (await user.application.wait_for_end(again.id)).state == "completed"
    assert "Resumed with:" in user.said(again.id)
    assert "Once." not in user.said(again.id)


async def test_a_run_that_waits_for_an_answer_is_cancelled(make: Callable[..., Live]) -> None:
    """Its worker ends in good order, and the bead is given back."""
    user = make()
    run = await user.work("demo-1", {"question": "Which colour?"}, *DONE)
    await user.until(run, lambda now: now.state is State.NEEDS_INPUT)
    done(await user.application.cancel(run))
    ended = await user.application.wait_for_end(run)
    assert (ended.state, ended.ask) == ("cancelled", None)
    page = await user.application.page(user.made.project, "demo-1")
    assert (page.bead.status, page.bead.assignee) == ("open", "")


async def test_a_blocked_bead_goes_on_by_itself_when_its_blocker_is_closed(make: Callable[..., Live]) -> None:
    """From the agent's word to the blocker bead, and from its end to the next attempt."""
    user = make(requeue_unblocked=True)
    run = await user.work("demo-1", {"blocked": "The licence server is down."}, {"exit": 0}, *DONE)
    ended = await user.application.wait_for_end(run)
    assert ended.state == "blocked"
    assert ended.blocked_by
    await user.application.tend()
    assert user.get(run).retried_by == ""
    file = user.made.project / ".beads" / "issues.jsonl"
    lines = file.read_text("utf-8").splitlines()
    closed = [
        line.replace('"status":"open"', '"status":"closed"').replace('"status": "open"', '"status": "closed"')
        if f'"id":"{ended.blocked_by}"' in line or f'"id": "{ended.blocked_by}"' in line
        else line
        for line in lines
    ]
    file.write_text("\n".join(closed) + "\n", "utf-8")
    await user.application.beads_changed(user.made.project)
    again = user.get(run).retried_by
    assert again
    assert (await user.application.wait_for_end(again)).state == "completed"
