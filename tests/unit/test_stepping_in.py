"""Stepping in: answering, telling, pausing, resuming, cancelling and trying again, and what is refused."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from bead_places import edge, record
from beadwork.executions import (
    Ask,
    AskKind,
    Choice,
    Execution,
    Intent,
    Message,
    MessageKind,
    Permit,
    Phase,
    Question,
    Reason,
    State,
    Worker,
)
from beadwork.workflows import Refused, RunView
from eventually import eventually
from quiet_house import Listener, Maker, Quiet, listener, quiet, quiet_users

COLOUR = Question("Which colour?", (Choice("Red"), Choice("Dark blue"), Choice("7")))
PARTS = Question("Which parts?", (Choice("Front"), Choice("Back, and top"), Choice("Side")), several=True)
NAME = Question("Which name?")
ONE = Ask("ask-1", AskKind.QUESTION, (COLOUR,))
LEAVE = Ask(
    "leave-1",
    AskKind.PERMISSION,
    (Question("May it run?", tuple(Choice(permit.value) for permit in Permit)),),
    tool="Bash",
    title="make all",
)


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Maker]:
    """A factory of users whose workers do nothing."""
    yield from quiet_users(tmp_path, monkeypatch)


@pytest.fixture
def ear(tmp_path: Path) -> Iterator[Listener]:
    """A process that stands for a worker, and notes that it was nudged."""
    yield (heard := listener(tmp_path))
    heard.end()


def kept(user: Quiet, run: Execution, ask: Ask) -> Execution:
    """Let the agent of a live run ask, and its worker end it because nobody answered."""
    user.store.begin_ask(run.id, ask)
    return user.end(run.id, State.NEEDS_INPUT, reason=Reason.AGENT_ASKS, ask=ask)


def refused(answer: object) -> str:
    """Give the code of a refusal."""
    assert isinstance(answer, Refused), answer
    return str(answer.code)


def begun(answer: object) -> RunView:
    """Give the run that something led to."""
    assert isinstance(answer, RunView), answer
    return answer


# ---- answers


@pytest.mark.parametrize(
    ("ask", "given", "heard"),
    [
        ((COLOUR,), ["dark BLUE"], ["Dark blue"]),
        ((COLOUR,), [" 2 "], ["Dark blue"]),
        ((COLOUR,), ["7"], ["7"]),
        ((COLOUR,), ["Green, or none"], ["Green, or none"]),
        ((COLOUR,), ["4"], ["4"]),
        ((PARTS,), ["1, side"], ["Front, Side"]),
        ((PARTS,), ["back, AND top"], ["Back, and top"]),
        ((PARTS,), ["1,1,the rest"], ["Front, the rest"]),
        ((NAME, COLOUR), ["Grüße", "1"], ["Grüße", "Red"]),
    ],
)
async def test_a_choice_is_given_by_its_label_or_number_and_a_question_takes_any_text(
    make: Maker, ask: tuple[Question, ...], given: list[str], heard: list[str]
) -> None:
    """What the agent hears is its own label; of several there are commas between them."""
    user = make()
    run = kept(user, await user.begun("demo-1"), Ask("ask-1", AskKind.QUESTION, ask))
    assert begun(await user.application.answer(run.id[:8], given)).state == "queued"
    assert [(each.ask, list(each.texts)) for each in user.store.inbox.waiting(run.id)] == [("ask-1", heard)]


@pytest.mark.parametrize(
    ("ask", "given", "words"),
    [
        (LEAVE, ["perhaps"], "The choices are: 1 Allow once, 2 Allow for this run, 3 Always"),
        (LEAVE, ["6"], "'6' is no answer here"),
        (ONE, ["  "], "The answer is empty"),
        (ONE, ["Red", "Red"], "Questions: 1. Answers: 2."),
        (Ask("ask-1", AskKind.QUESTION, (NAME, COLOUR)), ["Bo"], "Questions: 2. Answers: 1."),
    ],
)
async def test_what_is_no_answer_is_refused_with_the_choices(
    make: Maker, ask: Ask, given: list[str], words: str
) -> None:
    """Nothing reaches the agent, and it goes on waiting."""
    user = make()
    run = kept(user, await user.begun("demo-1"), ask)
    answer = await user.application.answer(run.id, given)
    assert isinstance(answer, Refused)
    assert (answer.code, words in answer.message) == ("no-choice", True)
    assert user.store.inbox.waiting(run.id) == ()
    assert user.store.get(run.id).state is State.NEEDS_INPUT


async def test_permissions_are_answered_by_their_words(make: Maker) -> None:
    """By number or by label, in any case; the words are those of the choices."""
    user = make()
    run = kept(user, await user.begun("demo-1"), LEAVE)
    begun(await user.application.answer(run.id, ["allow ONCE"]))
    assert [each.texts for each in user.store.inbox.waiting(run.id)] == [(Permit.ONCE.value,)]


async def test_a_live_agent_is_answered_in_its_turn(make: Maker, ear: Listener) -> None:
    """The answer is in the inbox, its worker is nudged, and nothing is queued."""
    user = make()
    await user.queued("demo-1")
    run = user.claim(ear.worker)
    user.store.begin_ask(run.id, ONE)
    assert begun(await user.application.answer(run.id, ["1"], ask="ask-1")).state == "needs_input"
    assert [each.texts for each in user.store.inbox.waiting(run.id)] == [("Red",)]
    await eventually("the worker was nudged", lambda: ear.nudges() == 1)


async def test_an_answer_to_something_else_is_refused(make: Maker) -> None:
    """Who answers what they read a while ago does not answer what is asked by now."""
    user = make()
    run = kept(user, await user.begun("demo-1"), ONE)
    assert refused(await user.application.answer(run.id, ["1"], ask="ask-0")) == "not-asking"
    begun(await user.application.answer(run.id, ["1"], ask="ask-1"))
    assert refused(await user.application.answer(run.id, ["1"], ask="ask-1")) == "not-asking"
    assert len(user.store.inbox.waiting(run.id)) == 1


async def test_a_run_that_asks_nothing_cannot_be_answered(make: Maker) -> None:
    """Queued, running and ended ones say what they are."""
    user = make()
    run = await user.queued("demo-1")
    assert refused(await user.application.answer(run.id, ["1"])) == "not-asking"
    user.claim()
    assert refused(await user.application.answer(run.id, ["1"])) == "not-asking"
    user.end(run.id, State.FAILED)
    assert refused(await user.application.answer(run.id, ["1"])) == "not-asking"


async def test_a_kept_run_goes_on_before_all_others(make: Maker) -> None:
    """In the same row, in front of the queue, and its bead has one run all the time."""
    user = make()
    run = kept(user, await user.begun("demo-1", session="s-1"), ONE)
    await user.queued("demo-3")
    begun(await user.application.answer(run.id, ["1"]))
    assert user.waiting() == ["demo-1", "demo-3"]
    again = user.claim()
    assert (again.id, again.resumed, again.session) == (run.id, 1, "s-1")


async def test_an_answer_to_a_worker_that_is_gone_is_not_said_to_have_arrived(
    make: Maker, ear: Listener
) -> None:
    """The lost run is recovered there and then, and the person is told."""
    user = make()
    await user.queued("demo-1")
    run = user.claim(ear.worker)
    user.store.begin_ask(run.id, ONE)
    ear.end()
    answer = await user.application.answer(run.id, ["1"])
    now = user.store.get(run.id)
    assert not now.live
    if isinstance(answer, Refused):
        assert (answer.code, now.state) == ("not-asking", State.FAILED)
    else:
        assert now.state is State.QUEUED


async def test_a_process_that_took_over_the_number_of_a_worker_is_not_touched(
    make: Maker, ear: Listener
) -> None:
    """Process ids are used again: who has the worker's number by now is somebody else."""
    user = make()
    await user.queued("demo-1")
    run = user.claim(Worker(ear.worker.pid, ear.worker.started - 100.0, ear.worker.boot))
    user.store.begin_ask(run.id, ONE)
    await user.application.answer(run.id, ["1"])
    assert ear.nudges() == 0
    assert ear.process.poll() is None


# ---- telling


async def test_a_live_agent_is_told_in_its_turn_and_a_queued_one_when_it_begins(
    make: Maker, ear: Listener
) -> None:
    """Both wait in the inbox; the live one is nudged."""
    user = make()
    run = await user.queued("demo-1")
    assert begun(await user.application.tell(run.id, "First this.")).state == "queued"
    user.claim(ear.worker)
    assert begun(await user.application.tell(run.id, "Then that.")).state == "running"
    waiting = user.store.inbox.waiting(run.id)
    assert [each.texts for each in waiting] == [("First this.",), ("Then that.",)]
    await eventually("the worker was nudged", lambda: ear.nudges() == 1)


@pytest.mark.parametrize("state", [State.PAUSED, State.NEEDS_INPUT])
async def test_a_resting_agent_goes_on_with_what_it_is_told(make: Maker, state: State) -> None:
    """Paused or waiting for an answer: the message is what it goes on with."""
    user = make()
    run = await user.begun("demo-1", session="s-1")
    if state is State.NEEDS_INPUT:
        kept(user, run, ONE)
    else:
        user.end(run.id, State.PAUSED, reason=Reason.PAUSED)
    told = begun(await user.application.tell(run.id, "Leave that out."))
    assert (told.id, told.state) == (run.id, "queued")
    assert [each.texts for each in user.store.inbox.waiting(run.id)] == [("Leave that out.",)]


@pytest.mark.parametrize("state", [State.COMPLETED, State.FAILED, State.CANCELLED])
async def test_an_ended_agent_goes_on_with_its_session_in_a_new_run(make: Maker, state: State) -> None:
    """The new run is linked with the old one, and has the session and the message in its order."""
    user = make()
    run = user.end((await user.begun("demo-1", session="s-1")).id, state)
    told = begun(await user.application.tell(run.id, "And the tests."))
    new = user.store.get(told.id)
    assert (new.retry_of, new.attempt, user.store.get(run.id).retried_by) == (run.id, 2, new.id)
    assert (new.order.resume, new.order.message) == ("s-1", "And the tests.")
    assert new.order.script == run.order.script
    assert refused(await user.application.tell(run.id, "More.")) == "retried"


async def test_an_ended_agent_that_kept_no_session_cannot_be_told_anything(make: Maker) -> None:
    """It is refused; and so is an agent that was told to end, or has given its last word."""
    user = make()
    run = await user.begun("demo-1", session="s-1", phase=Phase.VERIFYING)
    assert refused(await user.application.tell(run.id, "Wait!")) == "not-running"
    assert refused(await user.application.tell(run.id, "  ")) == "no-choice"
    user.end(run.id, State.FAILED, session="")
    assert refused(await user.application.tell(run.id, "Go on.")) == "no-session"
    assert user.store.inbox.all(run.id) == ()


async def test_an_agent_that_was_blocked_is_told_what_to_do_about_it(make: Maker) -> None:
    """What is in the way of its bead does not keep a person from speaking to it."""
    user = make(record("demo-1"), record("wall"))
    run = await user.begun("demo-1", session="s-1")
    user.end(run.id, State.BLOCKED, reason=Reason.AGENT_BLOCKED, blocked_by="wall")
    user.beads(record("demo-1", dependencies=[edge("demo-1", "wall")]), record("wall"))
    assert refused(await user.application.retry(run.id)) == "blocked"
    told = begun(await user.application.tell(run.id, "Use the other door."))
    assert told.forced_over == ("wall",)


# ---- pausing, resuming, cancelling


async def test_a_queued_run_is_paused_at_once_and_resumed_before_all_others(make: Maker) -> None:
    """It keeps its bead while it rests, and its rest counts as none: it never began."""
    user = make()
    run = await user.queued("demo-1")
    await user.queued("demo-3")
    assert begun(await user.application.pause(run.id)).state == "paused"
    assert user.waiting() == ["demo-3"]
    assert begun(await user.application.resume(run.id)).state == "queued"
    assert user.waiting() == ["demo-1", "demo-3"]
    assert user.claim().resumed == 0


async def test_what_does_not_run_cannot_be_paused(make: Maker) -> None:
    """Paused, waiting without a worker, ended: each says what it is."""
    user = make()
    run = await user.queued("demo-1")
    await user.application.pause(run.id)
    assert refused(await user.application.pause(run.id)) == "not-running"
    await user.application.resume(run.id)
    kept(user, user.claim(), ONE)
    answer = await user.application.pause(run.id)
    assert isinstance(answer, Refused)
    assert (answer.code, "waiting for an answer" in answer.message) == ("not-running", True)
    await user.application.cancel(run.id)
    assert refused(await user.application.pause(run.id)) == "not-running"


async def test_who_was_first_to_end_a_run_has_the_word(make: Maker) -> None:
    """A pause does not become a cancel, nor a cancel a pause: each is refused until the other is done."""
    user = make()
    first, second = await user.begun("demo-1"), await user.begun("demo-3")
    user.store.intend(first.id, Intent.PAUSE)
    user.store.intend(second.id, Intent.CANCEL)
    for answer, words in (
        (await user.application.cancel(first.id), "is being paused"),
        (await user.application.pause(second.id), "is being cancelled"),
    ):
        assert isinstance(answer, Refused)
        assert (answer.code, words in answer.message) == ("not-running", True)


async def test_only_what_is_paused_is_resumed(make: Maker) -> None:
    """One that waits for an answer says that it wants one."""
    user = make()
    run = await user.begun("demo-1")
    assert refused(await user.application.resume(run.id)) == "not-paused"
    kept(user, run, ONE)
    answer = await user.application.resume(run.id)
    assert isinstance(answer, Refused)
    assert (answer.code, "Answer it" in answer.message) == ("not-paused", True)
    await user.application.cancel(run.id)
    assert refused(await user.application.resume(run.id)) == "not-paused"


@pytest.mark.parametrize("state", [State.PAUSED, State.NEEDS_INPUT])
async def test_a_resting_run_is_cancelled_at_once_and_its_bead_told_by_whoever_tends_next(
    make: Maker, state: State
) -> None:
    """There is no worker to wait for; the claim is given back."""
    user = make()
    run = await user.begun("demo-1", session="s-1")
    user.beads(record("demo-1", status="in_progress", assignee="Ada"))
    if state is State.NEEDS_INPUT:
        kept(user, run, ONE)
    else:
        user.end(run.id, State.PAUSED, reason=Reason.PAUSED)
    assert begun(await user.application.cancel(run.id)).state == "cancelled"
    assert await user.application.tend() == []
    page = await user.application.page(user.project, "demo-1")
    assert (page.bead.status, page.bead.assignee, len(page.comments)) == ("open", "", 1)
    assert refused(await user.application.cancel(run.id)) == "not-running"


# ---- trying again


async def test_a_retry_keeps_what_was_asked_for_and_goes_on_with_the_session(make: Maker) -> None:
    """Agent, box, script and settings are the old ones; both runs name each other."""
    user = make()
    run = await user.begun("demo-1", session="s-1")
    user.end(run.id, State.FAILED)
    user.made.settings(agent="claude", runner="plain", actor="Ada")
    again = begun(await user.application.retry(run.id[:8]))
    new = user.store.get(again.id)
    assert (again.retry_of, again.attempt, user.store.get(run.id).retried_by) == (run.id, 2, again.id)
    assert (new.order.agent, new.order.runner, new.order.script) == (
        "scripted",
        run.order.runner,
        run.order.script,
    )
    assert (new.order.resume, new.order.message, new.order.walk) == ("s-1", "", "")


async def test_a_retry_of_what_kept_a_claim_knows_whose_it_was_before(make: Maker) -> None:
    """A claim that the first attempt made and kept is not taken for the person's own."""
    user = make()
    run = await user.begun("demo-1")
    user.end(run.id, State.TIMEOUT)
    user.beads(record("demo-1", status="in_progress", assignee="Ada"))
    again = begun(await user.application.retry(run.id))
    order = user.store.get(again.id).order
    assert (order.status, order.assignee) == ("open", "")


async def test_what_has_not_ended_or_is_done_or_was_retried_is_not_tried_again(make: Maker) -> None:
    """Each says so; a retry that is queued by two is queued once."""
    user = make()
    run = await user.begun("demo-1")
    assert refused(await user.application.retry(run.id)) == "not-ended"
    kept(user, run, ONE)
    assert refused(await user.application.retry(run.id)) == "not-ended"
    await user.application.cancel(run.id)
    begun(await user.application.retry(run.id))
    assert refused(await user.application.retry(run.id)) == "retried"
    done = user.end((await user.begun("demo-3")).id, State.COMPLETED)
    assert refused(await user.application.retry(done.id)) == "not-ended"


async def test_two_windows_that_retry_at_once_begin_one_run(make: Maker) -> None:
    """The other one is told which run it is."""
    user = make()
    run = user.end((await user.begun("demo-1")).id, State.FAILED)
    other = quiet(user.made)
    answers = await asyncio.gather(*(each.application.retry(run.id) for each in (user, other)))
    assert sorted(isinstance(answer, Refused) for answer in answers) == [False, True]
    codes = [answer.code for answer in answers if isinstance(answer, Refused)]
    assert codes == ["retried"]
    assert user.waiting() == ["demo-1"]
    other.application.close()


async def test_a_retry_is_refused_like_work_and_can_be_forced(make: Maker) -> None:
    """Blockers and the claim of another are in the way of it too; a closed bead always is."""
    user = make(record("demo-1"), record("wall"))
    run = user.end((await user.begun("demo-1")).id, State.FAILED)
    user.beads(record("demo-1", status="closed"), record("wall"))
    assert refused(await user.application.retry(run.id, force=True)) == "closed"
    user.beads(record("demo-1", status="in_progress", assignee="Bo"), record("wall"))
    assert refused(await user.application.retry(run.id)) == "taken"
    user.beads(record("demo-1", dependencies=[edge("demo-1", "wall")]), record("wall"))
    answer = await user.application.retry(run.id)
    assert isinstance(answer, Refused)
    assert (answer.code, answer.blocked_by, answer.can_force) == ("blocked", ("wall",), True)
    assert begun(await user.application.retry(run.id, force=True)).forced_over == ("wall",)


async def test_a_bead_with_another_unfinished_run_is_not_tried_again(make: Maker) -> None:
    """An older run of it is refused while a newer one rests."""
    user = make()
    old = user.end((await user.begun("demo-1")).id, State.FAILED)
    new = await user.begun("demo-1")
    user.end(new.id, State.PAUSED, reason=Reason.PAUSED)
    assert refused(await user.application.retry(old.id)) == "already-active"


# ---- what was blocked


async def test_a_blocked_bead_is_tried_again_once_when_its_blocker_closes_if_the_user_wants_that(
    make: Maker,
) -> None:
    """Not before, not twice, and not without the setting."""
    user = make(record("demo-1"), record("wall"))
    run = await user.begun("demo-1", session="s-1")
    user.end(run.id, State.BLOCKED, reason=Reason.AGENT_BLOCKED, blocked_by="wall")
    depends = record("demo-1", dependencies=[edge("demo-1", "wall")])
    user.beads(depends, record("wall"))
    user.made.settings(agent="scripted", actor="Ada", requeue_unblocked=True)
    await user.application.tend()
    assert user.waiting() == []
    user.beads(depends, record("wall", status="closed"))
    user.made.settings(agent="scripted", actor="Ada")
    await user.application.beads_changed(user.project)
    assert user.waiting() == []
    user.made.settings(agent="scripted", actor="Ada", requeue_unblocked=True)
    await user.application.beads_changed(user.project)
    await user.application.tend()
    assert [(each.retry_of, each.order.resume) for each in user.store.queue()] == [(run.id, "s-1")]


# ---- groups


@pytest.mark.parametrize("lives", [True, False])
async def test_a_bead_whose_agent_asks_needs_you(make: Maker, *, lives: bool) -> None:
    """Whether its worker is there or not; and so does one that is paused."""
    user = make()
    run = await user.begun("demo-1")
    if lives:
        user.store.begin_ask(run.id, ONE)
    else:
        kept(user, run, ONE)
    paused = await user.queued("demo-3")
    await user.application.pause(paused.id)
    listing = await user.application.listing(user.project)
    groups = {bead.id: group.title for group in listing.groups for bead in group.beads}
    assert (groups["demo-1"], groups["demo-3"]) == ("Needs you", "Needs you")


async def test_an_answer_that_a_worker_took_no_more_goes_on_with_the_run(make: Maker) -> None:
    """Said while the worker was ending its agent: it waits in the inbox, and is not lost."""
    user = make()
    run = await user.begun("demo-1")
    user.store.inbox.send(run.id, Message(MessageKind.ANSWER, ("Red",), ask="ask-1"))
    kept(user, run, ONE)
    begun(await user.application.tell(run.id, "And hurry."))
    waiting = user.store.inbox.waiting(run.id)
    assert [each.texts for each in waiting] == [("Red",), ("And hurry.",)]
