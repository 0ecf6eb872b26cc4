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
    Asked,
    AskedChoice,
    AskedQuestion,
    ClaudeAgent,
    Denied,
    Outcome,
    OutcomeKind,
    Remark,
    Said,
    Spent,
    ToolCalled,
    ToolReturned,
    Withdrawn,
)
from beadwork.agents.claude_outcome import SCHEMA
from beadwork.processes import run
from beadwork.runners import Box, Runner
from beadwork.runners.plain import PlainRunner
from beadwork.runners.sandbox import SandboxRunner
from following import Following
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
        self, agent: ClaudeAgent, runner: Runner, prompt: str = "go", resume: str = "", budget: float = 0
    ) -> AgentRun:
        """Start a task."""
        box = attrs.evolve(self.box, readable=agent.readable())
        task = AgentTask(prompt, str(uuid.uuid4()), resume=resume, budget_usd=budget)
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


async def test_a_commit_that_a_person_refuses(bench: Bench, loopback_api: Api) -> None:
    """Without a box a call outside the list waits for leave; a refusal is seen though the agent says done."""
    command = "echo two > a.txt && git -c user.name=n commit -q -a -m x"
    api = loopback_api(reply(bash(command)), reply(done("I committed it.")))
    agent_run = await bench.start(bench.agent(api), PlainRunner())
    following = Following(agent_run)
    asked = await following.until(Asked)
    assert (asked.permission, asked.tool, asked.title) == (True, "Bash", command)
    await agent_run.permit(asked.request, allow=False, message="Not under that name.")
    events = await following.rest()
    denied = [event for event in events if isinstance(event, Denied)]
    assert denied == [Denied("Bash", command, "Not under that name.")]
    assert "Not under that name." in api.turns_asked[1].user_text()
    assert (await agent_run.outcome()).kind is OutcomeKind.DONE
    assert await bench.git("log", "--format=%s") == "Begin\n"


async def test_a_call_that_a_person_allows(bench: Bench, loopback_api: Api) -> None:
    """It is made as the agent meant it, and nothing counts as denied."""
    api = loopback_api(reply(bash("perl -e 'print 6 * 7'")), reply(done("x")))
    agent_run = await bench.start(bench.agent(api), PlainRunner())
    following = Following(agent_run)
    asked = await following.until(Asked)
    await agent_run.permit(asked.request, allow=True)
    events = await following.rest()
    assert [event.text for event in events if isinstance(event, ToolReturned)] == ["42"]
    assert not [event for event in events if isinstance(event, Denied | Withdrawn)]


QUESTIONS = tool(
    "AskUserQuestion",
    questions=[
        {
            "question": "Which way?",
            "header": "Way",
            "options": [{"label": "left", "description": "short"}, {"label": "right", "description": "long"}],
            "multiSelect": False,
        },
        {
            "question": "Which colours?",
            "header": "Colours",
            "options": [{"label": "red", "description": "r"}, {"label": "blue", "description": "b"}],
            "multiSelect": True,
        },
    ],
)


async def test_questions_in_the_middle(bench: Bench, loopback_api: Api, runner: Runner) -> None:
    """They arrive live, with all permissions too; the answers, and what it is told, go into the same turn."""
    api = loopback_api(reply(QUESTIONS), reply(done("x")))
    agent_run = await bench.start(bench.agent(api), runner)
    following = Following(agent_run)
    asked = await following.until(Asked)
    assert asked.questions == (
        AskedQuestion("Which way?", (AskedChoice("left", "short"), AskedChoice("right", "long"))),
        AskedQuestion("Which colours?", (AskedChoice("red", "r"), AskedChoice("blue", "b")), several=True),
    )
    await agent_run.tell("Mind the ö!")
    await agent_run.answer(asked.request, ["neither: straight on", "red, blue"])
    await following.rest()
    assert (await agent_run.outcome()).kind is OutcomeKind.DONE
    heard = api.turns_asked[1].whole_text()
    assert '"Which way?"="neither: straight on"' in heard
    assert '"Which colours?"="red, blue"' in heard
    assert "Mind the ö!" in heard


async def test_two_questions_at_once(bench: Bench, loopback_api: Api) -> None:
    """Each waits under its own name, and they can be answered in any order."""
    api = loopback_api(reply(QUESTIONS, QUESTIONS), reply(done("x")))
    agent_run = await bench.start(bench.agent(api), PlainRunner())
    following = Following(agent_run)
    second = await following.until(Asked, 2)
    first = await following.until(Asked)
    await agent_run.answer(second.request, ["right", "blue"])
    await agent_run.answer(first.request, ["left", "red"])
    await following.rest()
    heard = api.turns_asked[1].whole_text()
    assert '"Which way?"="left", "Which colours?"="red"' in heard
    assert '"Which way?"="right", "Which colours?"="blue"' in heard


async def test_ended_with_an_open_question(bench: Bench, loopback_api: Api, runner: Runner) -> None:
    """The question is withdrawn, its session is kept, and what is answered later goes on with it."""
    agent = bench.agent(loopback_api(reply(text("I wonder."), QUESTIONS)))
    agent_run = await bench.start(agent, runner, "Remember the number 4711.")
    following = Following(agent_run)
    asked = await following.until(Asked)
    async with asyncio.timeout(DEADLINE):
        ending = await agent_run.end(grace=5)
    assert ending.steps == ("interrupt",)
    assert Withdrawn(asked.request) in await following.rest()
    session = (await agent_run.outcome()).session
    assert agent.resumable(session, bench.box.home)
    later = loopback_api(reply(done("x")))
    resumed = await bench.start(bench.agent(later), runner, "The answer is: left.", resume=session)
    _, outcome = await finish(resumed)
    assert (outcome.kind, outcome.session) == (OutcomeKind.DONE, session)
    heard = later.turns_asked[0].whole_text()
    assert heard.index("4711") < heard.index("I wonder.") < heard.index("The answer is: left.")


@pytest.mark.parametrize("ended", ["by its interrupt", "by a kill"])
async def test_resumed_after_an_end_in_a_command(
    bench: Bench, loopback_api: Api, runner: Runner, ended: str
) -> None:
    """The conversation goes on under the same id, with all that was said and done before the command."""
    mark = str(uuid.uuid4().int % 10**15 + 10**6)
    first = loopback_api(reply(text("I look."), bash("echo noted")), reply(bash(f"sleep {mark}")))
    agent = bench.agent(first, "Bash")
    agent_run = await bench.start(agent, runner, "Remember the number 4711.")
    following = Following(agent_run)
    await until(lambda: running_with(f"sleep {mark}"), "a sleeping process")
    if ended == "by a kill":
        # It writes its session down a moment after the fact; what is killed before that is not in it.
        await until(lambda: mark in _sessions_of(bench), "the command in the session's file")
        for process in _claude_of(bench):
            process.send_signal(signal.SIGKILL)
        await following.rest()
    async with asyncio.timeout(DEADLINE):
        await agent_run.end(grace=5)
    await following.rest()
    session = (await agent_run.outcome()).session
    assert agent.resumable(session, bench.box.home)
    assert not agent.resumable(str(uuid.uuid4()), bench.box.home)
    second = loopback_api(reply(bash("echo again")), reply(done("It was 4711.")))
    resumed = await bench.start(bench.agent(second, "Bash"), runner, "Which number?", resume=session)
    events, outcome = await finish(resumed)
    assert (outcome.kind, outcome.session) == (OutcomeKind.DONE, session)
    assert [event.text for event in events if isinstance(event, ToolReturned)] == ["again"]
    heard = second.turns_asked[0].whole_text()
    assert heard.index("4711") < heard.index("noted") < heard.index("Which number?")
    assert len(list((bench.box.home / ".claude" / "projects").rglob(f"{session}.jsonl"))) == 1


async def test_killed_before_its_first_word(bench: Bench, loopback_api: Api) -> None:
    """A session of which nothing was kept is not resumable, and nobody tries."""
    agent = bench.agent(loopback_api(Stall()))
    agent_run = await bench.start(agent, PlainRunner())
    await agent_run.end(grace=0)
    await Following(agent_run).rest()
    session = (await agent_run.outcome()).session or str(uuid.uuid4())
    assert not agent.resumable(session, bench.box.home)


async def test_a_budget(bench: Bench, loopback_api: Api) -> None:
    """It ends at its cost, and says so; resumed, the cost counts anew."""
    api = loopback_api(Reply((bash("echo more"),), times=9))
    agent = bench.agent(api)
    session, turns = "", 0
    for _ in range(2):
        agent_run = await bench.start(agent, PlainRunner(), resume=session, budget=0.0004)
        events, outcome = await finish(agent_run)
        assert (outcome.kind, outcome.over_budget, outcome.passing) == (OutcomeKind.FAILED, True, False)
        assert "limit of cost" in outcome.summary
        spent = [event.usd for event in events if isinstance(event, Spent) and event.usd is not None]
        assert 0.0004 <= spent[-1] < 0.0008
        assert len(api.turns_asked) > turns
        session, turns = outcome.session, len(api.turns_asked)


async def test_a_command_that_reaches_its_limit(bench: Bench, loopback_api: Api) -> None:
    """The limit that is said of a command is the one that ends it."""
    api = loopback_api(reply(bash("sleep 600")), reply(bash("sleep 600", timeout=90_000)), reply(done("x")))
    agent = bench.agent(api, "Bash", BASH_DEFAULT_TIMEOUT_MS="300", BASH_MAX_TIMEOUT_MS="600")
    events, _ = await finish(await bench.start(agent, PlainRunner()))
    assert [event.limit for event in events if isinstance(event, ToolCalled)] == [0.3, 0.6]
    assert all("timed out" in event.text for event in events if isinstance(event, ToolReturned))


@pytest.mark.parametrize(
    ("turn", "passing"),
    [
        (Status(529, "overloaded_error", times=9), True),
        (Status(503, times=9), True),
        (Status(429, "rate_limit_error", times=9), True),
        (Status(400, "invalid_request_error"), False),
        (Status(401, "authentication_error", times=9), False),
        (Status(403, "permission_error", times=9), False),
    ],
)
async def test_whether_a_failure_passes(bench: Bench, loopback_api: Api, turn: Status, passing: bool) -> None:
    """An overloaded API does, a login or a request that is refused does not."""
    agent = bench.agent(loopback_api(turn), CLAUDE_CODE_MAX_RETRIES="1")
    _, outcome = await finish(await bench.start(agent, PlainRunner()))
    assert (outcome.kind, outcome.passing) == (OutcomeKind.FAILED, passing)


async def test_a_model_api_out_of_reach(bench: Bench, loopback_api: Api) -> None:
    """A closed port is a failure that passes."""
    api = loopback_api()
    api.stop()
    agent = bench.agent(api, CLAUDE_CODE_MAX_RETRIES="1")
    _, outcome = await finish(await bench.start(agent, PlainRunner()))
    assert (outcome.kind, outcome.passing) == (OutcomeKind.FAILED, True)
    assert "Unable to connect" in outcome.summary


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
    agent_run = await bench.start(bench.agent(api), PlainRunner())
    following = Following(agent_run)
    await agent_run.permit((await following.until(Asked)).request, allow=False)
    assert [event.tool for event in await following.rest() if isinstance(event, Denied)] == ["Bash"]
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
    _, outcome = await finish(await bench.start(bench.agent(api, "Bash", ANTHROPIC_API_KEY=""), runner))
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


def _sessions_of(bench: Bench) -> str:
    files = (bench.box.home / ".claude" / "projects").rglob("*.jsonl")
    return "".join(file.read_text("utf-8", "replace") for file in files)


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
