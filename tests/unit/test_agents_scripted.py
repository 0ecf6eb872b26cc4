"""The scripted agent: a real process, and what a run makes of it."""

import asyncio
import json
import os
import re
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bare_runner import BareRunner
from beadwork.agents import (
    Agent,
    AgentError,
    AgentGone,
    AgentRun,
    AgentTask,
    Asked,
    AskedChoice,
    AskedQuestion,
    Denied,
    OutcomeKind,
    Remark,
    Said,
    ScriptedAgent,
    ScriptError,
    Spent,
    ToolCalled,
    ToolReturned,
    Withdrawn,
    agent_of,
)
from beadwork.agents.boxed_run import LastWords
from beadwork.agents.port import AgentEvent
from beadwork.agents.script import STEPS, read_script
from beadwork.agents.scripted import ScriptedDialect
from beadwork.processes import run
from beadwork.runners import Box
from eventually import eventually
from following import Following

DEADLINE = 60.0
TASK = AgentTask(prompt="Please do demo-1.\nThank you.", session="not-needed")

Play = Callable[..., "asyncio.Future[AgentRun]"]


@pytest.fixture
def box(tmp_path: Path) -> Box:
    """A box with an empty checkout."""
    checkout = tmp_path / "check out ö"
    checkout.mkdir()
    return Box(execution="e-1", checkout=checkout, home=tmp_path / "home")


async def started(
    box: Box, *steps: dict[str, Any], prompt: str = TASK.prompt, resume: str = "", budget_usd: float = 0
) -> AgentRun:
    """Start an agent with a script of `steps`."""
    script = box.checkout.parent / "script.json"
    script.write_text(json.dumps({"steps": list(steps)}))
    task = attrs.evolve(TASK, prompt=prompt, resume=resume, budget_usd=budget_usd)
    return await ScriptedAgent(script, os.environ).start(task, BareRunner(), box)


async def all_of(agent_run: AgentRun) -> list[AgentEvent]:
    """Give all events, within the deadline."""
    async with asyncio.timeout(DEADLINE):
        return [event async for event in agent_run.events()]


def said(events: list[AgentEvent]) -> list[str]:
    """Give what was said."""
    return [event.text for event in events if isinstance(event, Said)]


async def until_said(agent_run: AgentRun, words: str) -> list[AgentEvent]:
    """Read events until the agent has said `words`."""
    seen: list[AgentEvent] = []
    async with asyncio.timeout(DEADLINE):
        async for event in agent_run.events():
            seen.append(event)
            if isinstance(event, Said) and words in event.text:
                return seen
    raise AssertionError(f"it ended without saying {words!r}: {seen}")


async def git(box: Box, *words: str) -> str:
    """Run git in the checkout."""
    finished = await run(["git", *words], cwd=box.checkout, environment=os.environ, timeout=DEADLINE)
    assert finished.code == 0, finished.stderr
    return finished.stdout.decode()


async def test_a_whole_piece_of_work(box: Box) -> None:
    """Files are written, commands run, everything is committed, and each step is seen."""
    await git(box, "init", "-q")
    await git(box, "config", "user.name", "Scripted")
    await git(box, "config", "user.email", "scripted@example.org")
    agent_run = await started(
        box,
        {"think": "Where to begin?"},
        {"say": "I begin."},
        {"write": "src/a.txt", "text": "one\n"},
        {"append": "src/a.txt", "text": "two\n"},
        {"replace": "src/a.txt", "old": "one", "new": "1"},
        {"replace": "src/a.txt", "old": "three", "new": "3"},
        {"run": "cat src/a.txt; echo oops >&2; exit 3"},
        {"run": "python3 -c 'print(6 * 7)'"},
        {"keep_prompt": "prompt.txt"},
        {"commit": "Change a"},
        {"done": "It is done."},
    )
    events = await all_of(agent_run)
    assert [event for event in events if isinstance(event, Said)] == [
        Said("Where to begin?", thinking=True),
        Said("I begin."),
    ]
    calls = [event.title for event in events if isinstance(event, ToolCalled)]
    assert calls[0] == "src/a.txt"
    assert calls[-1] == "Change a"
    results = [event for event in events if isinstance(event, ToolReturned)]
    assert [result.ok for result in results] == [True, True, True, False, False, True, True]
    assert results[4].text == "1\ntwo\noops\n"
    assert results[5].text == "42\n"
    assert (box.checkout / "prompt.txt").read_text() == TASK.prompt
    assert await git(box, "log", "--format=%s %an") == "Change a Scripted\n"
    assert await git(box, "status", "--short") == ""
    outcome = await agent_run.outcome()
    assert (outcome.kind, outcome.summary, outcome.typed) == (OutcomeKind.DONE, "It is done.", True)
    await agent_run.end(grace=0)


@pytest.mark.parametrize(
    ("step", "kind", "field"),
    [
        ({"done": "words"}, OutcomeKind.DONE, "summary"),
        ({"fail": "words"}, OutcomeKind.FAILED, "summary"),
        ({"refuse": "words"}, OutcomeKind.REFUSED, "summary"),
        ({"blocked": "words"}, OutcomeKind.BLOCKED, "blocker"),
        ({"ask": "words"}, OutcomeKind.NEEDS_INPUT, "question"),
    ],
)
async def test_its_results(box: Box, step: dict[str, Any], kind: OutcomeKind, field: str) -> None:
    """Each kind of result arrives with its words."""
    agent_run = await started(box, step)
    await all_of(agent_run)
    outcome = await agent_run.outcome()
    assert agent_run.concluded
    assert outcome.kind is kind
    assert getattr(outcome, field) == "words"
    await agent_run.end(grace=0)


async def test_it_dies_without_a_result(box: Box) -> None:
    """It has failed, and its exit code is said."""
    agent_run = await started(box, {"say": "hello"}, {"exit": 7}, {"done": "never played"})
    await all_of(agent_run)
    outcome = await agent_run.outcome()
    assert not agent_run.concluded
    assert outcome.kind is OutcomeKind.FAILED
    assert "exit code 7" in outcome.summary
    await agent_run.end(grace=0)


async def test_a_prompt_of_five_megabytes(box: Box) -> None:
    """It arrives whole, also when it is larger than any pipe."""
    prompt = "ö€\n" * 1_000_000
    agent_run = await started(box, {"keep_prompt": "prompt.txt"}, {"done": "x"}, prompt=prompt)
    await all_of(agent_run)
    assert (box.checkout / "prompt.txt").read_text() == prompt
    await agent_run.end(grace=0)


async def test_rubbish_on_its_output(box: Box) -> None:
    """Noise becomes remarks, of much of it a number; what comes after it is read."""
    agent_run = await started(
        box,
        *({"garbage": name} for name in ("nul", "utf-8", "half", "array", "unknown", "AAEC")),
        {"garbage": "Cg=="},
        {"flood": 2_000_000},
        {"long_line": 5_000_000},
        {"done": "x"},
    )
    events = await all_of(agent_run)
    assert [len(event.text) for event in events if isinstance(event, Said)] == [5_000_000]
    remarks = [event.text for event in events if isinstance(event, Remark)]
    assert 1000 < len(remarks) < 1010
    assert remarks[-1].endswith(" more problems of its output are not written down.")
    assert int(remarks[-1].split()[0]) > 2000
    assert (await agent_run.outcome()).kind is OutcomeKind.DONE
    await agent_run.end(grace=0)


async def test_it_hangs_after_its_result(box: Box) -> None:
    """`concluded` says so while events are awaited, and `end` ends them."""
    agent_run = await started(box, {"done": "x"}, {"say": "late"}, {"stall": True})
    await until_said(agent_run, "late")
    assert agent_run.concluded
    ending = await agent_run.end(grace=0)
    assert ending.steps
    assert (await agent_run.outcome()).kind is OutcomeKind.DONE


async def test_events_end_when_it_is_ended(box: Box) -> None:
    """Who reads the events of a stalled agent is let go by `end`."""
    agent_run = await started(box, {"say": "here"}, {"stall": True})
    seen = asyncio.Event()

    async def follow() -> None:
        async for event in agent_run.events():
            if isinstance(event, Said):
                seen.set()

    following = asyncio.create_task(follow())
    async with asyncio.timeout(DEADLINE):
        await seen.wait()
        await agent_run.end(grace=0)
        await following
    assert (await agent_run.outcome()).kind is OutcomeKind.FAILED


async def test_a_process_that_holds_its_output(box: Box) -> None:
    """Events end with the agent, not with what it left behind."""
    agent_run = await started(box, {"grandchild": 300, "holds_output": True}, {"done": "x"})
    events = await all_of(agent_run)
    assert (await agent_run.outcome()).kind is OutcomeKind.DONE
    await agent_run.end(grace=0)
    left = next(re.search(r"\d+", event.text) for event in events if isinstance(event, Said))
    assert left is not None
    os.kill(int(left[0]), signal.SIGKILL)


async def test_it_is_told_something(box: Box) -> None:
    """A message reaches the running agent; after its result it takes none."""
    agent_run = await started(box, {"hear": True}, {"done": "x"}, {"stall": True, "until": "enough"})
    await agent_run.tell("look at ö\nfirst")
    await until_said(agent_run, "I was told: look at ö\nfirst")
    (box.checkout / "enough").touch()
    async with asyncio.timeout(DEADLINE):
        await agent_run.outcome()
    await agent_run.end(grace=0)
    with pytest.raises(AgentGone):
        await agent_run.tell("too late")


async def test_it_asks_and_is_answered(box: Box) -> None:
    """A question waits in its turn; the answer goes back into it, and only once."""
    agent_run = await started(
        box,
        {"question": "Which way?", "choices": ["left", "right"], "several": True},
        {"done": "x"},
    )
    following = Following(agent_run)
    asked = await following.until(Asked)
    choices = (AskedChoice("left"), AskedChoice("right"))
    assert asked == Asked("ask-1", (AskedQuestion("Which way?", choices, several=True),))
    with pytest.raises(AgentGone):
        await agent_run.answer("another", ["left"])
    with pytest.raises(AgentGone):
        await agent_run.permit(asked.request, allow=True)
    before = agent_run.heard_at
    await agent_run.answer(asked.request, ["left, right"])
    with pytest.raises(AgentGone):
        await agent_run.answer(asked.request, ["left"])
    assert said(await following.rest()) == ["The answer was: left, right"]
    assert agent_run.heard_at > before
    assert (await agent_run.outcome()).kind is OutcomeKind.DONE
    await agent_run.end(grace=0)


@pytest.mark.parametrize(("allow", "words"), [(True, "Allowed: rm -rf /"), (False, "Denied: rm -rf /")])
async def test_it_wants_leave(box: Box, allow: bool, words: str) -> None:
    """It goes on with what a person says, and a refusal is seen."""
    agent_run = await started(box, {"permission": "Bash", "title": "rm -rf /"}, {"done": "x"})
    following = Following(agent_run)
    asked = await following.until(Asked)
    assert (asked.permission, asked.tool, asked.title) == (True, "Bash", "rm -rf /")
    await agent_run.permit(asked.request, allow=allow, message="No.")
    events = await following.rest()
    assert said(events) == [words]
    denied = [event for event in events if isinstance(event, Denied)]
    assert denied == ([] if allow else [Denied("Bash", "rm -rf /", "No.")])
    await agent_run.end(grace=0)


async def test_it_takes_its_question_back(box: Box) -> None:
    """Nobody can answer it then."""
    agent_run = await started(box, {"question": "Which way?", "until": "enough"}, {"hear": True})
    following = Following(agent_run)
    asked = await following.until(Asked)
    (box.checkout / "enough").touch()
    assert await following.until(Withdrawn) == Withdrawn(asked.request)
    with pytest.raises(AgentGone):
        await agent_run.answer(asked.request, ["left"])
    await agent_run.end(grace=0)
    await following.rest()


async def test_a_tool_that_says_nothing(box: Box) -> None:
    """Its limit is said where it has one."""
    agent_run = await started(box, {"silent": 0, "limit": 30}, {"silent": 0}, {"done": "x"})
    events = await all_of(agent_run)
    assert [event.limit for event in events if isinstance(event, ToolCalled)] == [30, None]
    await agent_run.end(grace=0)


@pytest.mark.parametrize(("budget", "kind"), [(0.0, OutcomeKind.DONE), (2.0, OutcomeKind.FAILED)])
async def test_it_spends(box: Box, budget: float, kind: OutcomeKind) -> None:
    """The cost adds up; beyond its budget it fails and says why."""
    steps = ({"spend": 1.5}, {"spend": 1}, {"done": "x"})
    agent_run = await started(box, *steps, budget_usd=budget)
    events = await all_of(agent_run)
    assert [event.usd for event in events if isinstance(event, Spent)] == [1.5, 2.5]
    outcome = await agent_run.outcome()
    assert (outcome.kind, outcome.over_budget) == (kind, kind is OutcomeKind.FAILED)
    await agent_run.end(grace=0)


async def test_it_fails_until_a_later_attempt(box: Box) -> None:
    """Attempts in one home count, whether its session is resumed or not."""
    steps = ({"fail_until": 3, "fail": "overloaded", "passing": True}, {"done": "x"})
    ends = []
    for resume in ("", "not-needed", ""):
        agent_run = await started(box, *steps, resume=resume)
        await all_of(agent_run)
        outcome = await agent_run.outcome()
        ends.append((outcome.kind, outcome.passing))
        await agent_run.end(grace=0)
    assert ends == [(OutcomeKind.FAILED, True), (OutcomeKind.FAILED, True), (OutcomeKind.DONE, False)]


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ({"stall": True}, ["Resumed with: right, then", "on"]),
        ({"question": "Which way?"}, ["Resumed with: right, then", "The answer was: right, then", "on"]),
        ({"permission": "Bash", "title": "ls"}, ["Resumed with: right, then", "Allowed: ls", "on"]),
    ],
)
async def test_it_is_resumed(box: Box, step: dict[str, Any], words: list[str]) -> None:
    """Ended where it waits, it goes on after that, and takes the message for the answer."""
    steps = ({"spend": 1}, {"silent": 0}, step, {"say": "on"}, {"spend": 2}, {"done": "x"})
    agent_run = await started(box, {"say": "begin"}, *steps)
    following = Following(agent_run)
    await following.until(ToolReturned if "stall" in step else Asked)
    kept = box.home / ".scripted-agent.json"
    await eventually(
        "its fourth step", lambda: json.loads(kept.read_text())["sessions"]["not-needed"]["next"] == 4
    )
    await agent_run.end(grace=0)
    await following.rest()
    agent = ScriptedAgent(box.checkout.parent / "script.json")
    session = (await agent_run.outcome()).session
    assert agent.resumable(session, box.home)
    resumed = await started(box, {"say": "begin"}, *steps, prompt="right, then", resume=session)
    events = await all_of(resumed)
    assert said(events) == words
    assert [event.usd for event in events if isinstance(event, Spent)] == [2.0], "a new process counts anew"
    outcome = await resumed.outcome()
    assert (outcome.kind, outcome.session) == (OutcomeKind.DONE, session)
    await resumed.end(grace=0)


async def test_it_is_resumed_after_its_end(box: Box) -> None:
    """With no step left it says its result again; a result in the middle is not the end of its session."""
    steps = ({"ask": "Which way?"}, {"exit": 0}, {"done": "x"})
    for resume, kind in (
        ("", OutcomeKind.NEEDS_INPUT),
        ("not-needed", OutcomeKind.DONE),
        ("not-needed", OutcomeKind.DONE),
    ):
        agent_run = await started(box, *steps, resume=resume)
        await all_of(agent_run)
        assert (await agent_run.outcome()).kind is kind
        await agent_run.end(grace=0)


async def test_a_session_that_is_not_there(box: Box) -> None:
    """It cannot be resumed, and trying fails."""
    agent_run = await started(box, {"done": "x"}, resume="another")
    await all_of(agent_run)
    assert (await agent_run.outcome()).kind is OutcomeKind.FAILED
    assert not ScriptedAgent(box.checkout).resumable("another", box.home)
    await agent_run.end(grace=0)


async def test_it_stalls_until_a_file_is_there(box: Box) -> None:
    """A test can hold it, and let it go."""
    (box.checkout / "go").touch()
    agent_run = await started(box, {"stall": True, "until": "go"}, {"done": "x"})
    await all_of(agent_run)
    assert agent_run.concluded
    await agent_run.end(grace=0)


async def test_its_words_on_standard_error(box: Box) -> None:
    """They are kept for the log."""
    agent_run = await started(box, {"run": "echo hidden >&2"}, {"write": "/proc/nowhere/x"}, {"exit": 0})
    events = await all_of(agent_run)
    assert [event.ok for event in events if isinstance(event, ToolReturned)] == [True, False]
    await agent_run.end(grace=0)


async def test_it_is_called_scripted(box: Box) -> None:
    """Nobody can take it for a model."""
    script = box.checkout / "s.json"
    script.write_text('{"steps": []}')
    agent = agent_of("scripted", claude="", allow=(), environment={}, script=script)
    assert agent.label == "scripted agent (no model)"
    assert (await agent.probe()).works


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "not valid JSON"),
        ("[]", "must be an object with a list"),
        ('{"steps": ["say"]}', "step 1 must be an object"),
        ('{"steps": [{"say": "x"}, {"wrte": "x"}]}', "step 2 is unknown (`wrte`); did you mean `write`?"),
        ('{"steps": [{"say": 3}]}', "step 1 (`say`) needs a text as `say`, not 3"),
        ('{"steps": [{"say": "x", "run": "y"}]}', "more than one action: `say`, `run`"),
        ('{"steps": [{"replace": "f", "old": "a"}]}', "step 1 (`replace`) needs `new` too"),
        ('{"steps": [{"say": "x", "loud": true}]}', "step 1 (`say`) knows no `loud`"),
        ('{"steps": [{"pause": -1}]}', "needs a number of at least 0"),
        ('{"steps": [{"exit": 1.5}]}', "needs a whole number"),
        ('{"steps": [{"stall": false}]}', "needs true"),
        ('{"steps": [{"question": "x", "choices": ["a", 1]}]}', "needs a list of texts as `choices`"),
        ('{"steps": [{"fail_until": 2}]}', "step 1 (`fail_until`) needs `fail` too"),
    ],
)
async def test_a_broken_script(box: Box, content: str, words: str) -> None:
    """It is refused before anything starts, and the step is named."""
    script = box.checkout / "s.json"
    script.write_text(content)
    runner = BareRunner()
    with pytest.raises(ScriptError) as caught:
        await ScriptedAgent(script).start(TASK, runner, box)
    assert words in caught.value.message
    assert not runner.started
    assert not (await ScriptedAgent(script).probe()).works


def test_no_script(tmp_path: Path) -> None:
    """A missing file and a missing choice are clear errors."""
    with pytest.raises(ScriptError, match="cannot be read"):
        read_script(tmp_path / "none.json")
    with pytest.raises(AgentError, match="needs a script"):
        agent_of("scripted", claude="", allow=(), environment={})
    with pytest.raises(AgentError, match="choose one of claude, scripted"):
        agent_of("hal", claude="", allow=(), environment={})


def test_every_step_is_documented() -> None:
    """The table of the module lists the steps that there are."""
    import beadwork.agents.script as module  # noqa: PLC0415

    assert module.__doc__ is not None
    assert all(f'{{"{step}"' in module.__doc__ or f"`{step}`" in module.__doc__ for step in STEPS)


WORDS = st.sampled_from(
    ["event", "asked", "withdrawn", "denied", "spent", "called", "request", "questions", "choices", "text"]
)
SHAPES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=5),
    max_leaves=10,
)
FIELDS = ("request", "questions", "permission", "tool", "title", "usd", "input_tokens", "reason", "limit")


@given(
    st.sampled_from(["asked", "withdrawn", "denied", "spent", "called", "said"]),
    st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, SHAPES)),
    SHAPES,
)
def test_any_event(kind: str, fields: dict[str, Any], other: object) -> None:
    """Events of any shape never raise, and answers to any request neither."""
    dialect = ScriptedDialect()
    for event in ({**fields, "event": kind}, other):
        dialect.read(json.dumps(event))
    for request in (str(fields.get("request")), "x"):
        dialect.answer(request, [])
        dialect.permit(request, allow=True, message="")
    assert not dialect.concluded


@given(
    st.text(max_size=200) | st.dictionaries(st.text(max_size=5), st.integers() | st.text()).map(json.dumps)
)
def test_any_line(line: str) -> None:
    """No line raises, and none makes it done but a result."""
    dialect = ScriptedDialect()
    dialect.read(line)
    assert dialect.outcome(LastWords(0, ended_by_us=False, stderr="")).kind is OutcomeKind.FAILED


def claude_is_an_agent() -> Agent:
    """Let the type checker compare the implementations with the port."""
    return agent_of("claude", claude="claude", allow=(), environment={})
