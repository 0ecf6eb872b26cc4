"""How Claude Code is found and started; a small program stands in for it."""

import asyncio
import json
import os
import signal
import stat
from pathlib import Path

import attrs
import pytest

from bare_runner import BareRunner
from beadwork.agents import AgentError, AgentMissing, AgentTask, ClaudeAgent, OutcomeKind
from beadwork.agents.claude_loan import lend, take_back
from beadwork.runners import Box, RunnerError
from eventually import eventually

STAND_IN = """#!/bin/sh
if [ "$1" = --version ]; then echo "9.8.7 (Claude Code)"; exit 0; fi
read -r line
cp "$CLAUDE_CONFIG_DIR/.credentials.json" seen.json 2>/dev/null
printf '%s' "$line" > prompt.json
echo '{"type":"result","subtype":"success","result":"fine","session_id":"s-1"}'
read -r line  # until the input ends
exit 0
"""
TASK = AgentTask(prompt="ö\n'$(touch bad)'", session="5e55")


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A program that looks like Claude Code from outside."""
    path = tmp_path / "bin" / "claude"
    path.parent.mkdir()
    path.write_text(STAND_IN)
    path.chmod(0o755)
    return path


@pytest.fixture
def box(tmp_path: Path) -> Box:
    """A box with an empty checkout."""
    (tmp_path / "checkout").mkdir()
    return Box(execution="e-1", checkout=tmp_path / "checkout", home=tmp_path / "home")


def user(tmp_path: Path, **more: str) -> dict[str, str]:
    """Make a user's environment, with a home that holds a login."""
    folder = tmp_path / "user" / ".claude"
    folder.mkdir(parents=True, exist_ok=True)
    login = {"accessToken": "access", "refreshToken": "refresh", "expiresAt": 7, "scopes": ["user:inference"]}
    (folder / ".credentials.json").write_text(json.dumps({"claudeAiOauth": login, "mcpOAuth": {"x": "y"}}))
    return {"PATH": os.environ["PATH"], "HOME": str(tmp_path / "user"), **more}


async def work(agent: ClaudeAgent, runner: BareRunner, box: Box, task: AgentTask = TASK) -> OutcomeKind:
    """Run a task to its end."""
    agent_run = await agent.start(task, runner, box)
    async for _ in agent_run.events():
        pass
    outcome = await agent_run.outcome()
    await agent_run.end(grace=0)
    return outcome.kind


async def test_in_a_box(tmp_path: Path, program: Path, box: Box) -> None:
    """It gets all permissions, the prompt by its input, and an environment of named variables only."""
    secrets = {
        "AWS_SECRET_ACCESS_KEY": "s",
        "GITHUB_TOKEN": "s",
        "CLAUDECODE": "1",
        "HTTPS_PROXY": "http://p",
    }
    runner = BareRunner(isolates=True)
    agent = ClaudeAgent(str(program), ["Bash(docker:*)"], user(tmp_path, **secrets))
    assert await work(agent, runner, box) is OutcomeKind.DONE
    ((argv, environment),) = runner.started
    assert "--dangerously-skip-permissions" in argv
    assert "--session-id=5e55" in argv
    assert "--allowedTools" not in argv
    assert not any("touch bad" in word for word in argv)
    assert json.loads((box.checkout / "prompt.json").read_text())["message"]["content"] == TASK.prompt
    assert environment["HTTPS_PROXY"] == "http://p"
    assert environment["CLAUDE_CONFIG_DIR"] == str(box.home / ".claude")
    assert environment.get("IS_SANDBOX") == ("1" if os.geteuid() == 0 else None)
    assert not {"AWS_SECRET_ACCESS_KEY", "GITHUB_TOKEN", "CLAUDECODE", "HOME"} & set(environment)


async def test_without_a_box(tmp_path: Path, program: Path, box: Box) -> None:
    """It gets a list of commands with the user's additions, and takes no settings of the repository."""
    runner = BareRunner()
    agent = ClaudeAgent(str(program), ["Bash(docker:*)"], user(tmp_path))
    task = AgentTask(prompt="x", session="5e55", resume="0ld", model="some-model")
    assert await work(agent, runner, box, task) is OutcomeKind.DONE
    ((argv, environment),) = runner.started
    assert "--dangerously-skip-permissions" not in argv
    assert "IS_SANDBOX" not in environment
    assert argv[argv.index("--permission-mode") + 1] == "acceptEdits"
    assert argv[argv.index("--setting-sources") + 1] == "user"
    assert {"Bash(git commit:*)", "Bash(docker:*)"} <= set(argv)
    assert {"--resume=0ld", "--model=some-model"} <= set(argv)
    assert not any(word.startswith("--session-id") for word in argv)


@pytest.mark.parametrize("boxed", [True, False])
async def test_who_is_only_to_read(tmp_path: Path, program: Path, box: Box, *, boxed: bool) -> None:
    """It has the caller's form, no tool that writes, and of git no command that changes anything."""
    agent = ClaudeAgent(str(program), (), user(tmp_path))
    runner = BareRunner(isolates=boxed)
    task = attrs.evolve(TASK, read_only=True, schema={"type": "object"})
    assert await work(agent, runner, box, task) is OutcomeKind.DONE
    ((argv, _),) = runner.started
    assert '--json-schema={"type":"object"}' in argv
    assert {"Edit", "Write", "NotebookEdit"} <= set(argv[argv.index("--disallowedTools") :])
    assert not {"Bash(git commit:*)", "Bash(git add:*)"} & set(argv)
    assert boxed or "Bash(git diff:*)" in argv
    assert "acceptEdits" not in argv


async def test_people_and_budgets(tmp_path: Path, program: Path, box: Box) -> None:
    """In each mode it is heard while it writes, asks by its output, and keeps to its budget."""
    for isolates, budget in ((True, 0.0), (False, 1.5)):
        runner = BareRunner(isolates=isolates)
        task = attrs.evolve(TASK, budget_usd=budget)
        await work(ClaudeAgent(str(program), [], user(tmp_path)), runner, box, task)
        ((argv, _),) = runner.started
        assert "--include-partial-messages" in argv
        assert argv[argv.index("--permission-prompt-tool") + 1] == "stdio"
        assert "ExitPlanMode" in argv[argv.index("--disallowedTools") :]
        budgets = [word for word in argv if word.startswith("--max-budget-usd")]
        assert budgets == (["--max-budget-usd=1.500000"] if budget else [])


def test_which_sessions_can_be_resumed(tmp_path: Path) -> None:
    """Those whose file holds a message, at its own place; a name that is none is looked for nowhere."""
    agent = ClaudeAgent("claude", [], {})
    session = "0e1d2c3b-0000-4000-8000-0123456789ab"
    file = tmp_path / ".claude" / "projects" / "-checkout" / f"{session}.jsonl"
    assert not agent.resumable(session, tmp_path)
    file.parent.mkdir(parents=True)
    file.write_text('{"type":"queue-operation"}\n')
    assert not agent.resumable(session, tmp_path)
    file.write_text('{"type":"queue-operation"}\n{"parentUuid":null,"type":"user"}\n{"type":"assi')
    assert agent.resumable(session, tmp_path)
    for name in ("", "*", f"../-checkout/{session}", session + "x"):
        assert not agent.resumable(name, tmp_path)
    file.rename(tmp_path / "elsewhere")
    file.symlink_to(tmp_path / "elsewhere")
    assert not agent.resumable(session, tmp_path)


async def test_the_login_is_lent(tmp_path: Path, program: Path, box: Box) -> None:
    """The run sees the access token but no refresh token, and after it there is neither."""
    environment = user(tmp_path)
    await work(ClaudeAgent(str(program), [], environment), BareRunner(), box)
    seen = json.loads((box.checkout / "seen.json").read_text())
    assert seen == {"claudeAiOauth": {"accessToken": "access", "expiresAt": 7, "scopes": ["user:inference"]}}
    assert not (box.home / ".claude" / ".credentials.json").exists()
    assert "refresh" in (tmp_path / "user/.claude/.credentials.json").read_text()


async def test_an_agent_that_died_is_not_outlived_by_its_output(
    tmp_path: Path, program: Path, box: Box
) -> None:
    """What it left behind may go on talking on its output; the run does not listen for hours."""
    program.write_text("#!/bin/sh\necho $$ > pid\n(while :; do echo noise; sleep 0.02; done) &\nexit 3\n")
    agent_run = await ClaudeAgent(str(program), [], user(tmp_path)).start(TASK, BareRunner(), box)
    try:
        async with asyncio.timeout(30):
            async for _ in agent_run.events():
                pass
    finally:
        os.killpg(int((box.checkout / "pid").read_text()), signal.SIGKILL)
        await agent_run.end(grace=0)
    assert "exit code 3" in (await agent_run.outcome()).summary


async def test_an_end_that_has_begun_is_seen_through(tmp_path: Path, program: Path, box: Box) -> None:
    """A run that is cancelled while its agent is being ended leaves neither the agent nor the login."""
    program.write_text("#!/bin/sh\ntouch there\nwhile [ ! -e go ]; do sleep 0.02; done\n")
    agent_run = await ClaudeAgent(str(program), [], user(tmp_path)).start(TASK, BareRunner(), box)
    await eventually("it runs", (box.checkout / "there").exists)
    ending = asyncio.create_task(agent_run.end(grace=60))
    await asyncio.sleep(0)
    ending.cancel()
    await asyncio.wait({ending}, timeout=0.1)
    assert not ending.done()
    (box.checkout / "go").touch()
    with pytest.raises(asyncio.CancelledError):
        await ending
    assert not (box.home / ".claude" / ".credentials.json").exists()


async def test_the_login_of_a_run_that_could_not_start(tmp_path: Path, program: Path) -> None:
    """It is taken back at once."""
    box = Box(execution="e", checkout=tmp_path / "none", home=tmp_path / "home")
    with pytest.raises(RunnerError):
        await ClaudeAgent(str(program), [], user(tmp_path)).start(TASK, BareRunner(), box)
    assert not (box.home / ".claude" / ".credentials.json").exists()


def test_what_an_agent_planted(tmp_path: Path) -> None:
    """Settings, hooks and skills of an earlier run are gone before the next; its sessions stay."""
    folder = tmp_path / "home" / ".claude"
    for name in ("projects/p/s.jsonl", "settings.json", "skills/x/SKILL.md", ".credentials.json/x"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    lend(user(tmp_path), folder)
    assert {entry.name for entry in folder.iterdir()} == {"projects", ".credentials.json"}
    assert stat.S_IMODE((folder / ".credentials.json").stat().st_mode) == 0o600


@pytest.mark.parametrize("place", [".claude", ".claude/projects", ".claude/.credentials.json"])
def test_a_link_that_an_agent_planted(tmp_path: Path, place: str) -> None:
    """It is never followed: the user's own folder stays as it is."""
    environment = user(tmp_path)
    own = tmp_path / "user" / ".claude"
    (own / "settings.json").write_text("{}")
    before = {path.name: path.read_bytes() for path in own.iterdir()}
    link = tmp_path / "home" / place
    link.parent.mkdir(parents=True)
    link.symlink_to(own / ".credentials.json" if place.endswith("json") else own)
    lend(environment, tmp_path / "home" / ".claude")
    assert not link.is_symlink()
    link.parent.joinpath("x").touch()
    take_back(tmp_path / "home" / ".claude")
    assert {path.name: path.read_bytes() for path in own.iterdir()} == before


def test_a_link_planted_during_a_run(tmp_path: Path) -> None:
    """What is taken back is the loan, never the user's own login."""
    user(tmp_path)
    link = tmp_path / "home" / ".claude"
    link.parent.mkdir()
    link.symlink_to(tmp_path / "user" / ".claude")
    take_back(link)
    assert (tmp_path / "user" / ".claude" / ".credentials.json").exists()


def test_a_file_planted_during_a_run(tmp_path: Path) -> None:
    """With the folder the loan is gone, and nothing raises."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / ".claude").touch()
    take_back(tmp_path / "home" / ".claude")


@pytest.mark.parametrize("content", [None, "{", "[]", '{"claudeAiOauth": 3}', '{"claudeAiOauth": {}}'])
def test_no_login(tmp_path: Path, content: str | None) -> None:
    """Without a readable login nothing is lent, and nothing raises."""
    environment = user(tmp_path)
    stored = tmp_path / "user" / ".claude" / ".credentials.json"
    stored.unlink() if content is None else stored.write_text(content)
    lend(environment, tmp_path / "home" / ".claude")
    assert not list((tmp_path / "home" / ".claude").iterdir())


def test_a_home_that_cannot_be_made(tmp_path: Path) -> None:
    """It is one clear sentence."""
    (tmp_path / "file").touch()
    with pytest.raises(AgentError, match="cannot be made ready"):
        lend({}, tmp_path / "file" / ".claude")


async def test_no_program(tmp_path: Path, box: Box) -> None:
    """It is said how to get it."""
    agent = ClaudeAgent("claude", [], {"PATH": str(tmp_path)})
    with pytest.raises(AgentMissing, match="npm install -g"):
        await agent.start(TASK, BareRunner(), box)
    probe = await agent.probe()
    assert not probe.works
    assert "npm install -g" in probe.reason
    assert agent.readable() == ()


async def test_another_program_of_that_name(tmp_path: Path) -> None:
    """A program that gives no version is not taken for Claude Code."""
    path = tmp_path / "claude"
    path.write_text("#!/bin/sh\necho usage: claude the horse >&2\nexit 2\n")
    path.chmod(0o755)
    probe = await ClaudeAgent(str(path), [], {}).probe()
    assert not probe.works
    assert "the horse" in probe.reason


async def test_its_version(program: Path) -> None:
    """It is on the label once it was probed."""
    agent = ClaudeAgent(str(program), [], {"PATH": os.environ["PATH"]})
    assert agent.label == "Claude Code"
    assert (await agent.probe()).works
    assert agent.label == "Claude Code 9.8.7"


def test_where_it_really_lives(tmp_path: Path) -> None:
    """Links are resolved; npm's package brings the one that it stands on, a script its Node."""
    local = tmp_path / "share" / "claude" / "versions" / "9.8.7"
    scope = tmp_path / "lib" / "node_modules" / "@anthropic-ai"
    packaged = scope / "claude-code" / "bin" / "claude.exe"
    script = tmp_path / "old" / "cli.js"
    node = tmp_path / "node" / "v24" / "bin" / "node"
    links = tmp_path / "bin"
    links.mkdir()
    for path, content in ((local, ""), (packaged, ""), (script, "#!/usr/bin/env node\n"), (node, "")):
        path.parent.mkdir(parents=True)
        path.write_text(content)
        path.chmod(0o755)
        (links / path.name).symlink_to(path)
    environment = {"PATH": str(links)}

    def readable(name: str) -> tuple[Path, ...]:
        return ClaudeAgent(name, [], environment).readable()

    assert readable("9.8.7") == (local,)
    assert readable("claude.exe") == (scope,)
    assert readable("cli.js") == (script, node.parent.parent)
