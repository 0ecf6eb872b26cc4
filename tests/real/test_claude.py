"""The real Claude Code in real boxes, with a scripted model API on the loopback."""

import asyncio
import contextlib
import json
import os
import signal
import uuid
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import attrs
import psutil
import pytest

from beadwork.agents import (
    AgentEvent,
    AgentRun,
    AgentTask,
    ClaudeAgent,
    Denied,
    Outcome,
    OutcomeKind,
    Remark,
    Said,
    Spent,
    ToolCalled,
    ToolReturned,
)
from beadwork.agents.claude_outcome import SCHEMA
from beadwork.processes import run
from beadwork.runners import Box, Runner
from beadwork.runners.plain import PlainRunner
from beadwork.runners.sandbox import SandboxRunner
from loopback_api import (
    LoopbackApi,
    Malformed,
    Reply,
    Stall,
    Status,
    bash,
    done,
    reply,
    structured,
    text,
    thinking,
    tool,
)

pytestmark = pytest.mark.claude

DEADLINE = 45.0
Api = Callable[..., LoopbackApi]


@attrs.frozen
class Bench:
    """A checkout, a box and Claude Code, with nothing of this machine's user."""

    program: Path
    folder: Path
    box: Box
    runs: list[AgentRun] = attrs.field(factory=list)

    @property
    def home(self) -> Path:
        """The home of a made-up user."""
        return self.folder / "user"

    def agent(self, api: LoopbackApi, *allow: str, **more: str) -> ClaudeAgent:
        """Make the agent that talks to `api`."""
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(self.home), **api.environment, **more}
        named = {name: value for name, value in environment.items() if value}
        return ClaudeAgent(str(self.program), allow, named)

    async def start(
        self, agent: ClaudeAgent, runner: Runner, prompt: str = "go", resume: str = ""
    ) -> AgentRun:
        """Start a task."""
        box = attrs.evolve(self.box, readable=agent.readable())
        task = AgentTask(prompt=prompt, session=str(uuid.uuid4()), resume=resume)
        self.runs.append(await agent.start(task, runner, box))
        return self.runs[-1]

    async def git(self, *words: str) -> str:
        """Run git in the checkout."""
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.home)}
        finished = await run(
            ["git", *words], cwd=self.box.checkout, environment=environment, timeout=DEADLINE
        )
        assert finished.code == 0, finished.stderr
        return finished.stdout.decode()


@pytest.fixture
async def bench(
    claude_program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Bench]:
    """A repository with one commit; every run is ended with the test."""
    made = Bench(
        claude_program,
        tmp_path,
        Box(execution=str(uuid.uuid4()), checkout=tmp_path / "check out", home=tmp_path / "agent home"),
    )
    made.home.mkdir()
    monkeypatch.setenv("HOME", str(made.home))
    made.box.checkout.mkdir()
    await made.git("init", "-q", "-b", "main")
    await made.git("config", "user.name", "Agent")
    await made.git("config", "user.email", "agent@example.org")
    (made.box.checkout / "a.txt").write_text("one\n")
    await made.git("add", "-A")
    await made.git("commit", "-q", "-m", "Begin")
    yield made
    for agent_run in made.runs:
        await agent_run.end(grace=0)


@pytest.fixture(params=["plain", pytest.param("sandbox", marks=pytest.mark.bubblewrap)])
def runner(request: pytest.FixtureRequest, bench: Bench) -> Runner:
    """Each of the runners; made when the made-up user is in place."""
    if request.param == "plain":
        return PlainRunner()
    request.getfixturevalue("bubblewrap")
    return SandboxRunner.of_user()


async def finish(agent_run: AgentRun) -> tuple[list[AgentEvent], Outcome]:
    """See a run through to its end, and end it."""
    async with asyncio.timeout(DEADLINE):
        events = [event async for event in agent_run.events()]
        outcome = await agent_run.outcome()
        ending = await agent_run.end(grace=5)
    assert ending.survivors == ()
    return events, outcome


def running_with(mark: str) -> list[str]:
    """Give the command lines of all processes that hold `mark`, in and out of boxes."""
    lines = []
    for process in psutil.process_iter():
        try:
            line = " ".join(process.cmdline())
        except psutil.Error:
            continue
        if mark in line and process.status() != psutil.STATUS_ZOMBIE:
            lines.append(line)
    return lines


async def until(condition: Callable[[], object], what: str) -> None:
    """Wait for a named condition."""
    end = asyncio.get_running_loop().time() + DEADLINE
    while not condition():
        assert asyncio.get_running_loop().time() < end, f"it never came to this: {what}"
        await asyncio.sleep(0.02)


async def test_work_to_a_commit(bench: Bench, loopback_api: Api, runner: Runner) -> None:
    """It edits, commits and gives a typed result; the prompt arrives whole; its process ends by itself."""
    prompt = "Do “ö€😀”:\n\n'$(touch bad)' \\ \"x\" --version\n" + "long " * 50_000 + "END"
    path = str(bench.box.checkout / "a.txt")
    api = loopback_api(
        reply(thinking("First I read."), text("I read."), tool("Read", file_path=path)),
        reply(tool("Edit", file_path=path, old_string="one", new_string="two")),
        reply(bash("git add a.txt && git commit -q -m 'Change a'")),
        reply(done("Changed a.")),
    )
    agent_run = await bench.start(bench.agent(api), runner, prompt)
    async with asyncio.timeout(DEADLINE):
        events = [event async for event in agent_run.events()]
    assert await agent_run.outcome() == Outcome(
        OutcomeKind.DONE, "Changed a.", session=(await agent_run.outcome()).session, typed=True
    )
    assert (await agent_run.end(grace=5)).steps == ()
    assert await bench.git("log", "--format=%s by %an") == "Change a by Agent\nBegin by Agent\n"
    assert prompt in api.turns_asked[0].user_text()
    assert api.turns_left == 0
    assert [event.title for event in events if isinstance(event, ToolCalled)] == [
        "a.txt",
        "a.txt",
        "git add a.txt && git commit -q -m 'Change a'",
    ]
    assert all(event.ok for event in events if isinstance(event, ToolReturned))
    assert Said("First I read.", thinking=True) in events
    assert not [event for event in events if isinstance(event, Denied)]
    assert not [event for event in events if isinstance(event, Remark) and event.problem]
    assert [event for event in events if isinstance(event, Spent)][-1].usd


async def test_a_denied_commit(bench: Bench, loopback_api: Api) -> None:
    """Without a box a call outside the list is refused, and that is seen although the agent says done."""
    command = "echo two > a.txt && git -c user.name=n commit -q -a -m x"
    api = loopback_api(reply(bash(command)), reply(done("I committed it.")))
    events, outcome = await finish(await bench.start(bench.agent(api), PlainRunner()))
    denied = [event for event in events if isinstance(event, Denied)]
    assert [(event.tool, event.title) for event in denied] == [("Bash", command)]
    assert "requires approval" in denied[0].reason
    assert outcome.kind is OutcomeKind.DONE
    assert await bench.git("log", "--format=%s") == "Begin\n"


async def test_a_repository_with_hooks(bench: Bench, loopback_api: Api) -> None:
    """Without a box the checkout's own hooks, permissions and servers do not count."""
    settings = {
        "permissions": {"allow": ["Bash"]},
        "hooks": {"UserPromptSubmit": [{"hooks": [{"type": "command", "command": "touch hooked"}]}]},
    }
    (bench.box.checkout / ".claude").mkdir()
    (bench.box.checkout / ".claude" / "settings.json").write_text(json.dumps(settings))
    servers = {"mcpServers": {"planted": {"command": "touch", "args": ["served"]}}}
    (bench.box.checkout / ".mcp.json").write_text(json.dumps(servers))
    api = loopback_api(reply(bash("perl -e 'print 1'")), reply(done("x")))
    events, _ = await finish(await bench.start(bench.agent(api), PlainRunner()))
    assert [event.tool for event in events if isinstance(event, Denied)] == ["Bash"]
    assert not (bench.box.checkout / "hooked").exists()
    assert not (bench.box.checkout / "served").exists()


async def test_the_login_of_the_user(bench: Bench, loopback_api: Api, runner: Runner) -> None:
    """The stored login works inside, without its refresh token, and nothing of it stays."""
    stored = bench.home / ".claude" / ".credentials.json"
    stored.parent.mkdir()
    login = {
        "accessToken": "sk-ant-oat01-dummy",
        "refreshToken": "sk-ant-ort01-dummy",
        "expiresAt": 4102444800000,
    }
    stored.write_text(json.dumps({"claudeAiOauth": {**login, "scopes": ["user:inference"]}}))
    before = stored.read_bytes()
    api = loopback_api(reply(bash('cat "$CLAUDE_CONFIG_DIR/.credentials.json"; env')), reply(done("x")))
    _, outcome = await finish(await bench.start(bench.agent(api, ANTHROPIC_API_KEY=""), runner))
    assert outcome.kind is OutcomeKind.DONE
    assert api.turns_asked[0].headers["Authorization"] == "Bearer sk-ant-oat01-dummy"
    assert not any("ort01" in json.dumps(asked.body) for asked in api.requests)
    assert stored.read_bytes() == before
    assert [path.name for path in stored.parent.iterdir()] == [".credentials.json"]
    assert not list(bench.box.home.rglob(".credentials.json"))


async def test_blocked_in_words(bench: Bench, loopback_api: Api) -> None:
    """An agent that ignores the form and says BLOCKED is blocked."""
    api = loopback_api(Reply((text("I looked.\n\nBLOCKED: the key is missing"),), times=2))
    _, outcome = await finish(await bench.start(bench.agent(api), PlainRunner()))
    assert (outcome.kind, outcome.blocker, outcome.typed) == (
        OutcomeKind.BLOCKED,
        "the key is missing",
        False,
    )


async def test_a_question(bench: Bench, loopback_api: Api) -> None:
    """It arrives by the form."""
    api = loopback_api(reply(structured(status="needs_input", summary="s", question="Which one?")))
    _, outcome = await finish(await bench.start(bench.agent(api), PlainRunner()))
    assert (outcome.kind, outcome.question, outcome.typed) == (OutcomeKind.NEEDS_INPUT, "Which one?", True)


@pytest.mark.parametrize(
    ("turn", "words"),
    [
        (Status(400, "invalid_request_error", "the model is on holiday"), "the model is on holiday"),
        (Status(401, "authentication_error", "bad key", times=20), "did not accept the login"),
        (Malformed(times=5), "malformed"),
    ],
)
async def test_a_model_api_that_fails(bench: Bench, loopback_api: Api, turn: Status, words: str) -> None:
    """The run failed, in words that say why."""
    agent = bench.agent(loopback_api(turn), CLAUDE_CODE_MAX_RETRIES="1")
    _, outcome = await finish(await bench.start(agent, PlainRunner()))
    assert outcome.kind is OutcomeKind.FAILED
    assert words in outcome.summary


async def test_a_model_api_that_is_overloaded(bench: Bench, loopback_api: Api) -> None:
    """It is tried again, and that is said."""
    api = loopback_api(Status(529, "overloaded_error", times=2), reply(done("x")))
    events, outcome = await finish(await bench.start(bench.agent(api), PlainRunner()))
    assert outcome.kind is OutcomeKind.DONE
    assert sum("529" in event.text for event in events if isinstance(event, Remark)) == 2


async def test_cancelled_in_the_middle_of_a_command(bench: Bench, loopback_api: Api, runner: Runner) -> None:
    """Nothing of it stays, also no process in a session of its own."""
    mark = str(uuid.uuid4().int % 10**15 + 10**6)
    api = loopback_api(reply(bash(f"setsid sleep {mark} & env -i setsid sleep {mark} & exec sleep {mark}")))
    agent_run = await bench.start(bench.agent(api, "Bash"), runner)
    reading = asyncio.create_task(_all(agent_run))
    await until(lambda: len(running_with(f"sleep {mark}")) >= 3, "three sleeping processes")
    async with asyncio.timeout(DEADLINE):
        ending = await agent_run.end(grace=3)
        await reading
    assert ending.steps == ("interrupt",), "its own way of stopping is enough"
    assert ending.survivors == ()
    assert running_with(mark) == []
    assert running_with(bench.box.execution) == []
    assert (await agent_run.outcome()).kind is OutcomeKind.FAILED
    assert not list(bench.box.home.rglob(".credentials.json"))


async def test_killed_from_outside(bench: Bench, loopback_api: Api, runner: Runner) -> None:
    """Its events end, it has failed, and what it left is ended."""
    mark = str(uuid.uuid4().int % 10**15 + 10**6)
    api = loopback_api(reply(bash(f"exec sleep {mark}")))
    agent_run = await bench.start(bench.agent(api, "Bash"), runner)
    reading = asyncio.create_task(_all(agent_run))
    await until(lambda: running_with(f"sleep {mark}"), "a sleeping process")
    for process in _claude_of(bench):
        process.send_signal(signal.SIGKILL)
    async with asyncio.timeout(DEADLINE):
        await reading
        outcome = await agent_run.outcome()
        ending = await agent_run.end(grace=1)
    assert outcome.kind is OutcomeKind.FAILED
    assert "without a result (signal 9)" in outcome.summary or "exit code 137" in outcome.summary
    assert ending.survivors == ()
    assert running_with(mark) == []


async def test_ended_and_resumed(bench: Bench, loopback_api: Api, runner: Runner) -> None:
    """A later run in the same home goes on with the session."""
    first = loopback_api(reply(text("I remember."), bash("echo noted")), Stall())
    agent_run = await bench.start(bench.agent(first), runner, "Remember the number 4711.")
    reading = asyncio.create_task(_all(agent_run))
    await asyncio.to_thread(first.wait_for_turns, 2)
    async with asyncio.timeout(DEADLINE):
        await agent_run.end(grace=3)
        await reading
    session = (await agent_run.outcome()).session
    second = loopback_api(reply(done("It was 4711.")))
    resumed = await bench.start(bench.agent(second), runner, "Which number?", resume=session)
    _, outcome = await finish(resumed)
    assert (outcome.kind, outcome.session) == (OutcomeKind.DONE, session)
    asked = second.turns_asked[0].user_text()
    assert asked.index("Remember the number 4711.") < asked.index("noted") < asked.index("Which number?")


async def test_a_session_that_is_not_there(bench: Bench, loopback_api: Api) -> None:
    """Resuming it fails at once, with the program's own words."""
    api = loopback_api()
    agent_run = await bench.start(bench.agent(api), PlainRunner(), resume=str(uuid.uuid4()))
    _, outcome = await finish(agent_run)
    assert outcome.kind is OutcomeKind.FAILED
    assert "No conversation found" in outcome.summary


async def test_told_while_it_works(bench: Bench, loopback_api: Api) -> None:
    """A message reaches it in the same turn, after the tool that runs."""
    api = loopback_api(Reply((bash("sleep 0.2"),), times=10), reply(done("x")))
    agent_run = await bench.start(bench.agent(api), PlainRunner())
    reading = asyncio.create_task(_all(agent_run))
    await asyncio.to_thread(api.wait_for_turns, 1)
    await agent_run.tell("Mind the ö!")
    async with asyncio.timeout(DEADLINE):
        await reading
    assert (await agent_run.outcome()).kind is OutcomeKind.DONE
    assert "Mind the ö!" in api.turns_asked[10].whole_text()
    await agent_run.end(grace=1)


async def test_lines_of_megabytes(bench: Bench, loopback_api: Api) -> None:
    """A text and an output of five megabytes harm nothing."""
    api = loopback_api(
        reply(text("ö" * 2_500_000), bash("python3 -c 'print(\"y\" * 5_000_000)'")), reply(done("x"))
    )
    events, outcome = await finish(await bench.start(bench.agent(api), PlainRunner()))
    assert outcome.kind is OutcomeKind.DONE
    assert Said("ö" * 2_500_000) in events
    assert any("yyy" in event.text for event in events if isinstance(event, ToolReturned))


async def test_its_version(bench: Bench, loopback_api: Api) -> None:
    """The real binary is recognised."""
    agent = bench.agent(loopback_api())
    assert (await agent.probe()).works
    assert agent.label == "Claude Code 2.1.197"


async def _all(agent_run: AgentRun) -> list[AgentEvent]:
    return [event async for event in agent_run.events()]


def _claude_of(bench: Bench) -> list[psutil.Process]:
    real = str(bench.program.resolve())
    mark = f"--json-schema={SCHEMA}"
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            words = process.cmdline()
            if words[:1] == [real] and mark in words and process.cwd() == str(bench.box.checkout):
                found.append(process)
    assert found, "Claude Code is not there"
    return found
