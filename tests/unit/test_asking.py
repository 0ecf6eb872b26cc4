"""An agent asks and a person answers, live and later; and what stands answered already."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from beadwork.executions import AskKind, Message, MessageKind, Permit, Reason, State
from working import WORK, Working, accepted, working

Maker = Callable[..., Working]
COLOUR = {"question": "Which colour?", "choices": ["red", "blue"]}
PUSH = {"permission": "Bash", "title": "git push"}


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Maker]:
    """A factory of users at work."""
    yield from working(tmp_path, monkeypatch)


async def test_an_answer_reaches_the_agent_in_its_turn(make: Maker) -> None:
    """The run waits meanwhile, with its question; log and store say so, and it goes on as if nothing was."""
    place = make()
    run = await place.work(COLOUR, *WORK)
    waiting = await place.asks(run)
    assert waiting.state is State.NEEDS_INPUT
    assert waiting.ask is not None
    assert [choice.label for choice in waiting.ask.questions[0].choices] == ["red", "blue"]
    assert waiting.ask.kind is AskKind.QUESTION
    await place.answer(run, "blue")
    done = await place.state(run, State.COMPLETED)
    assert done.ask is None
    assert place.texts(run) == ["The answer was: blue"]
    (question,), (answer,) = place.of_kind(run, "question"), place.of_kind(run, "answer")
    assert question["ask"]["id"] == answer["ask"] == waiting.ask.id
    assert (answer["text"], answer["by"]) == ("blue", "person")
    assert len(place.comments()) == 1


async def test_two_questions_are_asked_one_after_the_other(make: Maker) -> None:
    """Each has its own answer."""
    place = make()
    run = await place.work(COLOUR, {"question": "How large?"}, *WORK)
    await place.asks(run, "Which colour?")
    await place.answer(run, "red")
    await place.asks(run, "How large?")
    await place.answer(run, "very")
    await place.state(run, State.COMPLETED)
    assert place.texts(run) == ["The answer was: red", "The answer was: very"]


async def test_a_question_that_is_taken_back_is_asked_no_more(make: Maker) -> None:
    """The agent went on without its answer."""
    place = make()
    enough = place.made.folder / "enough"
    run = await place.work({**COLOUR, "until": str(enough)}, *WORK)
    await place.asks(run)
    enough.touch()
    await place.state(run, State.COMPLETED)
    assert "no longer waits" in place.notes(run)


async def test_an_answer_to_something_else_is_not_taken_for_one(make: Maker) -> None:
    """It is in the log that it was not delivered."""
    place = make()
    run = await place.work(COLOUR, *WORK)
    await place.asks(run)
    place.store.inbox.send(run, Message(MessageKind.ANSWER, ("green",), ask="another"))
    await place.answer(run, "blue")
    await place.state(run, State.COMPLETED)
    assert "not delivered: “green”" in place.notes(run)


@pytest.mark.parametrize(
    ("permit", "said"),
    [
        (Permit.ONCE, "Allowed: git push"),
        (Permit.DENY, "Denied: git push"),
        (Permit.RUN, "Allowed: git push"),
        (Permit.PROJECT, "Allowed: git push"),
        (Permit.NEVER, "Denied: git push"),
    ],
)
async def test_leave_is_given_or_refused_by_a_choice(make: Maker, permit: Permit, said: str) -> None:
    """A second request for the same in the run asks again, unless the first answer stands."""
    place = make()
    run = await place.work(PUSH, PUSH, *WORK)
    asked = (await place.asks(run)).ask
    assert asked is not None
    assert (asked.tool, asked.title) == ("Bash", "git push")
    assert [choice.label for choice in asked.questions[0].choices] == [each.value for each in Permit]
    await place.answer(run, permit.value)
    if permit in {Permit.ONCE, Permit.DENY}:
        await place.said(run, said)
        await place.asks(run)
        await place.answer(run, permit.value)
    await place.state(run, State.COMPLETED)
    assert place.texts(run) == [said, said]
    kept = place.permissions().read_text("utf-8") if place.permissions().exists() else ""
    assert ('answer = "allow"' in kept) == (permit is Permit.PROJECT)
    assert ('answer = "never"' in kept) == (permit is Permit.NEVER)
    by = [answer["by"] for answer in place.of_kind(run, "answer")]
    assert by == ["person", "person" if permit in {Permit.ONCE, Permit.DENY} else "standing"]


async def test_own_words_refuse_and_are_told_to_the_agent(make: Maker) -> None:
    """Who says what to do instead has not given leave."""
    place = make()
    run = await place.work(PUSH, *WORK)
    await place.asks(run)
    place.store.inbox.send(run, Message(MessageKind.ANSWER, ("Open a pull request.",)))
    await place.state(run, State.COMPLETED)
    assert place.texts(run) == ["Denied: git push"]
    assert any("Open a pull request." in str(error) for error in place.of_kind(run, "error"))


async def test_a_standing_answer_asks_nobody(make: Maker) -> None:
    """It is the user's own file, with a pattern, and holds in its project alone."""
    place = make()
    mine = f'tool = "Bash"\ntitle = "git *"\nproject = "{place.made.project}"\nanswer = "allow"\n'
    other = 'tool = "Bash"\ntitle = "*"\nproject = "/elsewhere"\nanswer = "never"\n'
    place.permissions().write_text(f"[[permission]]\n{mine}[[permission]]\n{other}", "utf-8")
    run = await place.work(PUSH, *WORK)
    await place.state(run, State.COMPLETED)
    assert place.texts(run) == ["Allowed: git push"]
    assert [answer["by"] for answer in place.of_kind(run, "answer")] == ["standing"]


async def test_a_broken_file_of_standing_answers_is_said_and_kept(make: Maker) -> None:
    """The answer counts for this run, and nothing of the file is lost."""
    place = make()
    place.permissions().write_text("not TOML at all", "utf-8")
    run = await place.work(PUSH, *WORK)
    await place.asks(run)
    await place.answer(run, Permit.PROJECT.value)
    await place.state(run, State.COMPLETED)
    assert place.texts(run) == ["Allowed: git push"]
    assert place.permissions().read_text("utf-8") == "not TOML at all"
    assert any("not valid TOML" in str(error["text"]) for error in place.of_kind(run, "error"))


async def test_nobody_answers_in_time_and_the_run_rests(make: Maker) -> None:
    """Slot and agent are given back, the claim is kept, the bead is told once; a later answer goes on."""
    place = make(answer_patience=0.2)
    run = await place.work(COLOUR, *WORK)
    resting = await place.state(run, State.NEEDS_INPUT, live=False)
    assert resting.reason is Reason.AGENT_ASKS
    assert resting.ask is not None
    assert place.store.counts() == (0, 0)
    assert place.bead()["status"] == "in_progress"
    (comment,) = place.comments()
    assert "waiting for an answer" in comment
    assert "Which colour?" in comment
    await place.application.tend()
    assert len(place.comments()) == 1
    await place.answer(run, "blue")
    done = await place.state(run, State.COMPLETED)
    assert done.resumed == 1
    assert "You asked: Which colour?\nThe answer: blue" in place.texts(run)[0]
    assert place.bead()["labels"] == ["work-done"]
    assert len(place.comments()) == 2
    assert [answer["text"] for answer in place.of_kind(run, "answer")] == ["blue"]


async def test_work_before_the_rest_counts_after_it(make: Maker) -> None:
    """What was committed before the question is this run's, and what was not committed is still there."""
    place = make(answer_patience=0.2)
    run = await place.work(
        {"write": "new.txt", "text": "new\n"},
        {"commit": "From the agent"},
        {"write": "draft.txt", "text": "draft\n"},
        COLOUR,
        {"run": "test -e draft.txt && rm draft.txt"},
        {"done": "Worked."},
    )
    await place.state(run, State.NEEDS_INPUT, live=False)
    await place.answer(run, "blue")
    done = await place.state(run, State.COMPLETED)
    assert "left uncommitted" not in done.summary
    assert "From the agent" in place.comments()[-1]


async def test_leave_that_is_given_after_the_rest_holds_for_the_run(make: Maker) -> None:
    """The agent is told to try again, and is not asked about once more."""
    place = make(answer_patience=0.2)
    run = await place.work(PUSH, PUSH, *WORK)
    await place.state(run, State.NEEDS_INPUT, live=False)
    await place.answer(run, Permit.ONCE.value)
    await place.state(run, State.COMPLETED)
    assert "It is granted. Try again" in place.texts(run)[0]
    assert place.texts(run)[1:] == ["Allowed: git push", "Allowed: git push"]


async def test_a_question_that_ends_a_run_is_answered_by_resuming_it(make: Maker) -> None:
    """The agent ended its turn with it; no process waits."""
    place = make()
    run = await place.work({"ask": "Which colour?"}, {"exit": 0}, *WORK)
    resting = await place.state(run, State.NEEDS_INPUT, live=False)
    assert resting.ask is not None
    assert (resting.ask.id, resting.ask.text) == ("result", "Which colour?")
    await place.answer(run, "blue")
    await place.state(run, State.COMPLETED)
    assert "You asked: Which colour?\nThe answer: blue" in place.texts(run)[0]


async def test_an_answer_without_the_session_is_put_behind_the_whole_prompt(make: Maker) -> None:
    """The agent's memory is lost, and what it asked is not."""
    place = make(answer_patience=0.2)
    run = await place.work({"keep_prompt": "../prompt"}, COLOUR, *WORK)
    await place.state(run, State.NEEDS_INPUT, live=False)
    for kept in (place.made.state / "homes").rglob(".scripted-agent.json"):
        kept.unlink()
    place.settings(answer_patience=30.0)
    await place.answer(run, "blue")
    await place.asks(run)
    (prompt,) = (place.made.state / "checkouts").rglob("prompt")
    assert "Title of demo-1" in prompt.read_text("utf-8")
    assert "You asked: Which colour?\nThe answer: blue" in prompt.read_text("utf-8")
    await place.answer(run, "blue")
    await place.state(run, State.COMPLETED)


async def test_a_resting_run_that_is_cancelled_gives_its_bead_back(make: Maker) -> None:
    """It has no worker: whoever tends next tells the bead."""
    place = make(answer_patience=0.2)
    run = await place.work(COLOUR)
    await place.state(run, State.NEEDS_INPUT, live=False)
    accepted(await place.application.cancel(run))
    await place.application.tend()
    assert place.store.get(run).state is State.CANCELLED
    assert place.bead()["status"] == "open"
    assert [text.split(" by ")[0] for text in place.comments()] == [
        "Work waiting for an answer",
        "Work cancelled",
    ]


async def test_what_is_told_arrives_in_the_turn(make: Maker) -> None:
    """The log has it as a message of a person."""
    place = make()
    run = await place.work({"say": "here"}, {"hear": True}, *WORK)
    await place.said(run, "here")
    accepted(await place.application.tell(run, "Mind the gap."))
    await place.state(run, State.COMPLETED)
    assert place.texts(run) == ["here", "I was told: Mind the gap."]
    assert [message["text"] for message in place.of_kind(run, "message")] == ["Mind the gap."]


async def test_what_is_told_too_late_is_not_lost(make: Maker) -> None:
    """The agent has given its result: the run says what it did not hear."""
    place = make(result_grace=60.0)
    gone = place.made.folder / "gone"
    run = await place.work(*WORK, {"stall": True, "until": str(gone)})
    await place.concluded(run, "Worked.")
    place.store.inbox.send(run, Message(MessageKind.TELL, ("Mind the gap.",)))
    gone.touch()
    done = await place.state(run, State.COMPLETED)
    assert "did not hear this any more: “Mind the gap.”" in done.summary
    assert "not delivered: “Mind the gap.”" in place.notes(run)


async def test_what_is_told_after_the_end_goes_on_in_the_session(make: Maker) -> None:
    """It is a new run, linked with the first; what the first had committed is not taken for its work."""
    place = make()
    run = await place.work(*WORK, {"say": "again"})
    await place.state(run, State.COMPLETED)
    view = accepted(await place.application.tell(run, "Mind the gap."))
    assert view.retry_of == run
    after = await place.state(view.id, State.COMPLETED, State.FAILED)
    assert place.texts(view.id)[0] == "Resumed with: Mind the gap."
    assert after.reason is Reason.NO_COMMIT
