"""Runs that ask, rest, are told, tried again or announced, and what harm comes to them meanwhile."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from beadwork.executions import Execution, Phase, Reason, State
from beadwork.workflows import Refused
from faults.ground import CLAIMED, DONE, WORK, Ground, Step

pytestmark = pytest.mark.fault

COMPLETED = (State.COMPLETED, Reason.VERIFIED)
INTERRUPTED = (State.FAILED, Reason.INTERRUPTED)
CANCELLED = (State.CANCELLED, Reason.CANCELLED)
ASKS = (State.NEEDS_INPUT, Reason.AGENT_ASKS)
QUESTION: Step = {"question": "Which colour?", "choices": ["red", "blue"]}


async def asking(ground: Ground, *more: Step) -> str:
    """Begin work whose agent waits for an answer."""
    run = await ground.work(QUESTION, *more, *WORK)
    await ground.until(run, lambda now: now.state is State.NEEDS_INPUT)
    return run


async def answered(ground: Ground, run: str, text: str = "blue") -> None:
    """Answer what a run asks."""
    view = await ground.application.answer(run, [text])
    assert not isinstance(view, Refused), view


# A question


@pytest.mark.parametrize("what", ["worker", "agent and worker"])
async def test_the_worker_is_killed_while_its_agent_asks(ground: Ground, what: str) -> None:
    """The question stays, its agent's session is kept, and an answer that comes later goes on with it."""
    run = await asking(ground)
    others = [ground.agent(run)] if what == "agent and worker" else []
    await ground.kill(ground.worker(run), *others)
    done = await ground.aftermath(run, *ASKS, bead=CLAIMED)
    assert done.ask is not None
    await answered(ground, run)
    await ground.aftermath(run, *COMPLETED, bead=DONE, told=2)
    assert "blue" in ground.said(run).partition("Resumed with: ")[2]


async def test_the_server_is_killed_while_an_agent_asks(ground: Ground) -> None:
    """Another one answers it, in the same turn."""
    async with ground.made.editor() as editor:
        asked = await editor.command("work", id="demo-1", script=ground.made.script(QUESTION, *WORK))
        run = str(asked["run"]["id"])
        await ground.until(run, lambda now: now.state is State.NEEDS_INPUT)
        editor.kill()
    await answered(ground, run)
    done = await ground.aftermath(run, *COMPLETED, bead=DONE)
    assert done.resumed == 0


async def test_the_agent_is_killed_while_it_asks(ground: Ground) -> None:
    """The question stays, and an answer goes on with its session."""
    run = await asking(ground)
    await ground.kill(ground.agent(run))
    await ground.aftermath(run, *ASKS, bead=CLAIMED)
    await answered(ground, run)
    await ground.aftermath(run, *COMPLETED, bead=DONE, told=2)


@pytest.mark.parametrize("kept", [False, True])
async def test_it_is_cancelled_while_its_agent_asks(ground: Ground, kept: bool) -> None:
    """Live or kept: cancelled, the question is gone, the bead given back."""
    if kept:
        ground.settings(answer_patience=0.1)
    run = await asking(ground)
    if kept:
        await ground.aftermath(run, *ASKS, bead=CLAIMED)
    await ground.application.cancel(run)
    await ground.application.settle()
    done = await ground.aftermath(run, *CANCELLED, told=2 if kept else 1)
    assert done.ask is None


async def test_nobody_answers(ground: Ground) -> None:
    """After its patience the agent is ended and its slot given back; an answer goes on with its session."""
    ground.settings(answer_patience=0.1)
    run = await asking(ground)
    await ground.aftermath(run, *ASKS, bead=CLAIMED)
    assert ground.store.counts() == (0, 0)
    ground.settings()
    await answered(ground, run)
    await ground.aftermath(run, *COMPLETED, bead=DONE, told=2)


async def test_the_session_is_gone_when_the_answer_comes(ground: Ground) -> None:
    """The agent begins anew, and is told what was asked and answered."""
    ground.settings(answer_patience=0.1)
    prompt = ground.made.folder / "prompt"
    run = await ground.work({"keep_prompt": str(prompt)}, QUESTION, *WORK)
    await ground.aftermath(run, *ASKS, bead=CLAIMED)
    ground.settings()
    (ground.state.agent_home_of(ground.made.project, "demo-1") / ".scripted-agent.json").unlink()
    await answered(ground, run)
    await ground.until(run, lambda now: now.state is State.NEEDS_INPUT and now.live)
    text = prompt.read_text("utf-8")
    assert "Which colour?" in text
    assert "blue" in text
    await answered(ground, run, "red")
    await ground.aftermath(run, *COMPLETED, bead=DONE, told=2)


async def test_the_agent_takes_its_question_back_in_the_middle_of_the_answer(ground: Ground) -> None:
    """Too late an answer is refused or noted, and harms nothing."""
    taken_back = ground.made.folder / "taken-back"
    question: Step = {**QUESTION, "until": str(taken_back)}
    run = await ground.work(question, *ground.stalling(), *WORK)
    await ground.until(run, lambda now: now.state is State.NEEDS_INPUT)
    taken_back.touch()
    await ground.until(run, lambda now: now.state is State.RUNNING)
    view = await ground.application.answer(run, ["blue"])
    assert isinstance(view, Refused)
    ground.let_go()
    await ground.aftermath(run, *COMPLETED, bead=DONE)


# Pause


@pytest.mark.parametrize("phase", [Phase.PREPARING, Phase.AGENT])
async def test_it_is_paused(ground: Ground, phase: Phase) -> None:
    """It rests with nothing of it running, and goes on when it is resumed."""
    run = await ground.held(phase)
    await ground.application.pause(run)
    await ground.application.settle()
    ground.let_go()
    await ground.aftermath(run, State.PAUSED, Reason.PAUSED, bead=CLAIMED, told=0)
    view = await ground.application.resume(run)
    assert not isinstance(view, Refused)
    done = await ground.aftermath(run, *COMPLETED, bead=DONE)
    assert done.resumed == 1


async def test_the_worker_is_killed_while_it_pauses(ground: Ground) -> None:
    """With the agent's session kept it is paused all the same."""
    run = await ground.held(Phase.AGENT, {"ignore_signals": True})
    ground.settings(cancel_grace=60)
    await ground.application.pause(run)
    await ground.kill(ground.worker(run))
    await ground.application.settle()
    done = await ground.ended(run)
    assert (done.state, done.reason) == (State.PAUSED, Reason.PAUSED)
    ground.let_go()
    view = await ground.application.resume(run)
    assert not isinstance(view, Refused)
    await ground.aftermath(run, *COMPLETED, bead=DONE)


async def test_a_paused_run_is_cancelled(ground: Ground) -> None:
    """It ends for good, and its bead is given back."""
    run = await ground.held(Phase.AGENT)
    await ground.application.pause(run)
    await ground.application.settle()
    ground.let_go()
    await ground.ended(run)
    await ground.application.cancel(run)
    await ground.aftermath(run, *CANCELLED)


# Silence


async def test_the_agent_is_silent_for_long(ground: Ground) -> None:
    """It is warned of once, then ended as timed out."""
    ground.settings(silence_warning=0.1, silence_limit=0.5, tool_limit=0.2)
    run = await ground.work({"silent": 600})
    await ground.aftermath(run, State.TIMEOUT, Reason.SILENT)


async def test_a_tool_may_be_silent_for_as_long_as_it_said(ground: Ground) -> None:
    """The tool's own limit counts on top of the agent's."""
    ground.settings(silence_warning=0.1, silence_limit=3.0, tool_limit=0.1)
    run = await ground.work({"silent": 4.0, "limit": 30}, *WORK)
    await ground.aftermath(run, *COMPLETED, bead=DONE)


async def test_an_agent_that_is_stopped_is_silent(ground: Ground) -> None:
    """SIGSTOP is silence: the run does not wait for ever."""
    ground.settings(silence_warning=0.1, silence_limit=0.5, tool_limit=0.1)
    run = await ground.work({"run": "kill -STOP $PPID"}, {"stall": True})
    await ground.aftermath(run, State.TIMEOUT, Reason.SILENT)


# Trying again


PASSING: Step = {"fail_until": 3, "fail": "The model is overloaded.", "passing": True}


def chain(ground: Ground, run: str) -> list[Execution]:
    """Give the attempts that began with `run`, the first one first."""
    found = [ground.get(run)]
    while found[-1].retried_by:
        found.append(ground.get(found[-1].retried_by))
    return found


async def attempts(ground: Ground, run: str, count: int) -> None:
    """Wait until a run has been tried so often."""
    await ground.until(run, lambda _: len(chain(ground, run)) == count)


async def test_what_passes_is_tried_again(ground: Ground) -> None:
    """Twice, each linked to the one before; the third attempt completes the work."""
    ground.settings(retries=2, retry_delay=0.05)
    run = await ground.work(PASSING, *WORK)
    await attempts(ground, run, 3)
    await ground.aftermath(chain(ground, run)[-1].id, *COMPLETED, bead=DONE)
    assert [each.reason for each in chain(ground, run)] == [Reason.PASSING, Reason.PASSING, Reason.VERIFIED]


async def test_what_never_passes_is_given_up(ground: Ground) -> None:
    """After the last attempt the bead is free, and nothing waits."""
    ground.settings(retries=1, retry_delay=0.05)
    run = await ground.work({**PASSING, "fail_until": 99})
    await attempts(ground, run, 2)
    await ground.aftermath(chain(ground, run)[-1].id, State.FAILED, Reason.PASSING)
    assert ground.store.counts() == (0, 0)


async def test_a_retry_is_killed(ground: Ground) -> None:
    """The chain ends with what was interrupted: that is no thing that passes."""
    ground.settings(retries=2, retry_delay=0.05)
    run = await ground.work({**PASSING, "fail_until": 2}, *ground.stalling(), *WORK)
    await ground.there("agent.there", run)
    second = chain(ground, run)[-1]
    await ground.kill(ground.worker(second.id))
    await ground.aftermath(second.id, *INTERRUPTED)
    assert len(chain(ground, run)) == 2


async def test_who_waits_for_a_retry_is_killed(ground: Ground) -> None:
    """The retry stays queued, and begins when somebody comes by."""
    ground.settings(retries=1, retry_delay=3600)
    run = await ground.work({**PASSING, "fail_until": 2}, *WORK)
    await attempts(ground, run, 2)
    await ground.kill(ground.worker(run))
    second = chain(ground, run)[-1]
    assert second.state is State.QUEUED
    ground.store.move_first(second.id)  # as a person does who does not want to wait an hour
    await ground.application.tend()
    await ground.aftermath(second.id, *COMPLETED, bead=DONE)


async def test_a_retry_that_waits_is_cancelled(ground: Ground) -> None:
    """It never begins, and nobody waits for it any more."""
    ground.settings(retries=1, retry_delay=3600)
    run = await ground.work({**PASSING, "fail_until": 2}, *WORK)
    await attempts(ground, run, 2)
    second = chain(ground, run)[-1]
    await ground.application.cancel(second.id)
    await ground.aftermath(second.id, *CANCELLED, told=0, log=False)


# Notifications


@contextlib.asynccontextmanager
async def service(hangs: bool) -> AsyncIterator[tuple[str, list[bytes]]]:
    """Serve an address that takes what it is sent and never answers, or hangs up at once."""
    heard: list[bytes] = []
    never = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(100))
        if hangs:
            await never.wait()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"json://127.0.0.1:{server.sockets[0].getsockname()[1]}/secret-path", heard
    finally:
        never.set()
        server.close()


@pytest.mark.parametrize("hangs", [True, False])
async def test_who_is_to_be_told_hangs(ground: Ground, hangs: bool) -> None:
    """The run has ended before, the next one does not wait, and the address is in no log."""
    async with service(hangs) as (address, heard):
        ground.settings(notify=[address], notify_timeout=4.0)
        run = await ground.work(*WORK)
        await ground.aftermath(run, *COMPLETED, bead=DONE)
        assert heard
    assert "secret-path" not in ground.said(run)
    assert "failed" in ground.state.notifications.read_text("utf-8")
    assert "secret-path" not in ground.state.notifications.read_text("utf-8")


async def test_nobody_is_at_the_address_to_be_told(ground: Ground) -> None:
    """A notification that fails never fails a run."""
    ground.settings(notify=["json://127.0.0.1:9/", "no address at all", "nosuch://x"], notify_timeout=1.0)
    run = await ground.work(*WORK)
    await ground.aftermath(run, *COMPLETED, bead=DONE)
    assert Path(ground.state.notifications).read_text("utf-8").count("failed") >= 1
