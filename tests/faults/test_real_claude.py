"""What goes wrong with the real Claude Code, with only the model played by a server on the loopback."""

import contextlib
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from beadwork.executions import Phase, Reason, State
from beadwork.processes import descendants, send
from beadwork.workflows import Refused, WorkRequest
from faults.ground import CLAIMED, DONE, Ground, ground_in
from left_behind import carrying, new_token
from loopback_api import LoopbackApi, Malformed, Stall, Status, Turn, bash, done, reply, serving, text, tool
from real.conftest import claude_program  # noqa: F401  (a fixture)

pytestmark = [pytest.mark.fault, pytest.mark.claude]

COMPLETED = (State.COMPLETED, Reason.VERIFIED)
CANCELLED = (State.CANCELLED, Reason.CANCELLED)
INTERRUPTED = (State.FAILED, Reason.INTERRUPTED)
COMMIT = "echo new > new.txt && git add new.txt && git commit -q -m work"
QUESTION = tool(
    "AskUserQuestion",
    questions=[
        {
            "question": "Which way?",
            "header": "Way",
            "options": [{"label": "left", "description": ""}, {"label": "right", "description": ""}],
            "multiSelect": False,
        }
    ],
)

Place = tuple[Ground, LoopbackApi]
Maker = Callable[..., Place]


@pytest.fixture
def make(tmp_path: Path, claude_program: Path) -> Iterator[Maker]:  # noqa: F811
    """A factory of grounds whose agent is Claude Code, and whose model plays the turns given."""
    with contextlib.ExitStack() as stack:

        def maker(*turns: Turn, **settings: object) -> Place:
            api = stack.enter_context(serving(*turns))
            variables = {**api.environment, "CLAUDE_CODE_MAX_RETRIES": "1"}
            ground = stack.enter_context(ground_in(tmp_path, **variables))
            ground.settings(agent="claude", claude=str(claude_program), allow=["Bash"], **settings)
            return ground, api

        yield maker


async def begun(ground: Ground) -> str:
    """Ask for work on demo-1; give the run."""
    view = await ground.application.work(ground.made.project, WorkRequest("demo-1"))
    assert not isinstance(view, Refused), view
    return view.id


def staying(ground: Ground, token: str, *, first: str = "true") -> str:
    """Give a command that leaves a deaf daemon without a mark, says where it is, and stays."""
    daemon = f"setsid env -i /bin/sh -c 'trap \"\" TERM INT HUP; while :; do sleep 600; done' {token}"
    return f"{first}; {daemon} < /dev/null > /dev/null 2>&1 & touch '{ground.gates}/agent.there'; sleep 600"


async def in_a_command(make: Maker, *, commits: bool = False) -> tuple[Ground, str, str]:
    """Begin work whose agent runs a command; give the ground, the run and the token of a daemon."""
    token = new_token()
    ground, api = make(cancel_grace=2.0)
    if commits:
        api.add(reply(bash(COMMIT)))
    api.add(reply(bash(staying(ground, token))), reply(done("x")))
    run = await begun(ground)
    await ground.there("agent.there", run)
    return ground, run, token


async def test_the_agent_is_killed_in_a_command(make: Maker) -> None:
    """Its command and the daemon go with it; the bead is free."""
    ground, run, token = await in_a_command(make)
    await ground.kill(ground.agent(run))
    await ground.aftermath(run, State.FAILED, Reason.AGENT_FAILED)
    assert not carrying(token)


async def test_the_worker_is_killed_in_a_command(make: Maker) -> None:
    """Interrupted; what was committed is brought back, and nothing runs on."""
    ground, run, token = await in_a_command(make, commits=True)
    await ground.kill(ground.worker(run))
    await ground.aftermath(run, *INTERRUPTED, bead=CLAIMED)
    assert not carrying(token)
    assert ground.made.repository.git("show", "bead/demo-1:new.txt") == "new"


async def test_it_says_success_when_it_is_cancelled_in_a_command(make: Maker) -> None:
    """SIGTERM makes Claude Code report success; the run is cancelled."""
    ground, run, token = await in_a_command(make, commits=True)
    await ground.application.cancel(run)
    await ground.application.settle()
    await ground.aftermath(run, *CANCELLED, bead=CLAIMED)
    assert not carrying(token)


async def test_everything_of_the_session_is_told_to_end_in_a_command(make: Maker) -> None:
    """The worker hears it too, and says interrupted, whatever the agent said."""
    ground, run, token = await in_a_command(make)
    worker = ground.worker(run)
    for each in (worker, *descendants(worker.pid)):
        send(each, signal.SIGTERM)
    await ground.aftermath(run, *INTERRUPTED)
    assert not carrying(token)


async def test_only_the_agent_is_told_to_end(make: Maker) -> None:
    """Its word of success without a typed result is not believed."""
    ground, run, token = await in_a_command(make)
    send(ground.agent(run), signal.SIGTERM)
    await ground.aftermath(run, State.FAILED, Reason.AGENT_FAILED)
    assert not carrying(token)


async def test_it_is_paused_in_a_command(make: Maker) -> None:
    """It rests with its session kept, and goes on in it."""
    ground, run, token = await in_a_command(make)
    await ground.application.pause(run)
    await ground.application.settle()
    await ground.aftermath(run, State.PAUSED, Reason.PAUSED, bead=CLAIMED, told=0)
    assert not carrying(token)
    await ground.application.cancel(run)
    await ground.aftermath(run, *CANCELLED, log=False)


async def test_the_model_goes_away_in_the_middle(make: Maker) -> None:
    """What passes is said to pass; what was committed is kept."""
    ground, api = make()
    there, go = ground.gates / "agent.there", ground.gates / "agent.go"
    api.add(reply(bash(f"{COMMIT}; touch '{there}'; while [ ! -e '{go}' ]; do sleep 0.05; done")))
    run = await begun(ground)
    await ground.there("agent.there", run)
    api.stop()
    ground.let_go()
    await ground.aftermath(run, State.FAILED, Reason.PASSING, bead=CLAIMED)


async def test_the_model_is_overloaded_for_ever(make: Maker) -> None:
    """It is tried again by itself, once here, and then given up with the bead free."""
    ground, _ = make(Status(529, "overloaded_error", times=99), retries=1, retry_delay=0.05)
    first = await begun(ground)
    await ground.until(first, lambda now: now.retried_by)
    await ground.aftermath(ground.get(first).retried_by, State.FAILED, Reason.PASSING)


async def test_the_stream_of_the_model_is_broken(make: Maker) -> None:
    """A broken stream is no result."""
    ground, _ = make(reply(bash(COMMIT)), Malformed(times=9))
    run = await begun(ground)
    ended = await ground.ended(run)
    assert ended.reason in {Reason.PASSING, Reason.AGENT_FAILED}
    await ground.aftermath(run, State.FAILED, ended.reason, bead=CLAIMED)


async def test_the_model_falls_silent(make: Maker) -> None:
    """A request that is never answered is ended by the watch over silence."""
    ground, _ = make(Stall((text("Let me think."),)), silence_warning=1.0, silence_limit=4.0)
    run = await begun(ground)
    await ground.aftermath(run, State.TIMEOUT, Reason.SILENT)


async def test_the_worker_is_killed_while_it_asks(make: Maker) -> None:
    """The question stays; the answer goes on with the session."""
    ground, api = make(reply(text("I wonder."), QUESTION))
    run = await begun(ground)
    await ground.until(run, lambda now: now.state is State.NEEDS_INPUT)
    await ground.kill(ground.worker(run))
    await ground.aftermath(run, State.NEEDS_INPUT, Reason.AGENT_ASKS, bead=CLAIMED)
    api.add(reply(bash(COMMIT)), reply(done("Went left.")))
    view = await ground.application.answer(run, ["left"])
    assert not isinstance(view, Refused), view
    await ground.aftermath(run, *COMPLETED, bead=DONE, told=2)
    assert "left" in api.turns_asked[-1].whole_text()


async def test_it_fails_to_end_its_work_with_a_typed_result(make: Maker) -> None:
    """Words alone are no result of which anybody could be sure: the run says what is there."""
    ground, _ = make(reply(bash(COMMIT)), reply(text("All done.")))
    run = await begun(ground)
    ended = await ground.ended(run)
    assert ended.phase is Phase.RECORDING
    await ground.aftermath(run, ended.state, ended.reason, bead=ground.shown())
