"""What Claude Code asks in its turn, and how answers are spelled; read without the program."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beadwork.agents import (
    AgentEvent,
    Asked,
    AskedChoice,
    AskedQuestion,
    Denied,
    Remark,
    ToolCalled,
    ToolReturned,
    Withdrawn,
)
from beadwork.agents.boxed_run import LastWords
from beadwork.agents.claude_limits import limits_of
from beadwork.agents.claude_reading import ClaudeDialect
from beadwork.agents.claude_title import Titles

CHECKOUT = Path("/box/checkout")
QUESTIONS = [
    {
        "question": "Which way?",
        "header": "Way",
        "options": [{"label": "left", "description": "the short one"}, {"label": "right"}],
        "multiSelect": False,
    },
    {"question": "Which colours?", "options": [{"label": "red"}, {"label": "blue"}], "multiSelect": True},
]


def dialect() -> ClaudeDialect:
    """Make a reader of a run without a box."""
    return ClaudeDialect(CHECKOUT, "acceptEdits")


def read(reader: ClaudeDialect, event: object) -> list[AgentEvent]:
    """Read one event."""
    return reader.read(json.dumps(event))


def request(tool: str, data: object, *, name: object = "r-1", **more: object) -> dict[str, Any]:
    """Make a request for leave to call `tool`."""
    inner = {"subtype": "can_use_tool", "tool_name": tool, "input": data, "tool_use_id": "c-1", **more}
    return {"type": "control_request", "request_id": name, "request": inner}


def response(words: bytes) -> dict[str, Any]:
    """Give what an answer to `r-1` says."""
    message = json.loads(words)
    assert words.endswith(b"\n")
    assert message["type"] == "control_response"
    assert (message["response"]["subtype"], message["response"]["request_id"]) == ("success", "r-1")
    answer: dict[str, Any] = message["response"]["response"]
    return answer


def test_questions() -> None:
    """They arrive with their choices, and the answers go into the tool's own input, once."""
    reader = dialect()
    assert read(reader, request("AskUserQuestion", {"questions": QUESTIONS, "other": 1})) == [
        Asked(
            "r-1",
            (
                AskedQuestion("Which way?", (AskedChoice("left", "the short one"), AskedChoice("right"))),
                AskedQuestion("Which colours?", (AskedChoice("red"), AskedChoice("blue")), several=True),
            ),
        )
    ]
    assert reader.permit("r-1", allow=True, message="") == b""
    assert reader.answer("r-2", ["left"]) == b""
    assert response(reader.answer("r-1", ["left", "red, blue"])) == {
        "behavior": "allow",
        "updatedInput": {
            "questions": QUESTIONS,
            "other": 1,
            "answers": {"Which way?": "left", "Which colours?": "red, blue"},
        },
    }
    assert reader.answer("r-1", ["right"]) == b""
    assert reader.reply() == b""


def test_leave_is_given() -> None:
    """The call goes on as it was meant."""
    reader = dialect()
    data = {"command": "docker ps\n", "description": "Look"}
    (asked,) = read(reader, request("Bash", data))
    assert asked == Asked(
        "r-1",
        (AskedQuestion("May Bash be used: docker ps"),),
        permission=True,
        tool="Bash",
        title="docker ps",
    )
    assert reader.answer("r-1", ["Allow"]) == b""
    assert response(reader.permit("r-1", allow=True, message="")) == {
        "behavior": "allow",
        "updatedInput": data,
    }
    assert reader.permit("r-1", allow=True, message="") == b""


@pytest.mark.parametrize("message", ["", "Use podman."])
def test_leave_is_refused(message: str) -> None:
    """The agent reads why, and the refusal is seen once in the log."""
    reader = dialect()
    call = {"type": "tool_use", "id": "c-1", "name": "Bash", "input": {"command": "docker ps"}}
    read(reader, {"type": "assistant", "message": {"id": "m", "content": [call]}})
    read(reader, request("Bash", {"command": "docker ps"}))
    answer = response(reader.permit("r-1", allow=False, message=message))
    words = answer["message"]
    assert answer == {"behavior": "deny", "message": message or words}
    assert words
    block = {"type": "tool_result", "tool_use_id": "c-1", "content": words, "is_error": True}
    events = read(reader, {"type": "user", "message": {"content": [block]}})
    assert events == [Denied("Bash", "docker ps", words), ToolReturned("c-1", ok=False, text=words)]
    denials = [{"tool_use_id": "c-1", "tool_name": "Bash", "tool_input": {}}]
    events = read(reader, {"type": "result", "subtype": "success", "permission_denials": denials})
    assert not [event for event in events if isinstance(event, Denied)]


def test_questions_are_taken_back() -> None:
    """By the agent, or because its turn is over; nobody can answer then."""
    reader = dialect()
    for name in ("r-1", "r-2"):
        read(reader, request("AskUserQuestion", {"questions": QUESTIONS}, name=name))
    cancel = {"type": "control_cancel_request", "request_id": "r-1"}
    assert read(reader, cancel) == [Withdrawn("r-1")]
    assert read(reader, cancel) == []
    assert reader.answer("r-1", ["left"]) == b""
    assert Withdrawn("r-2") in read(reader, {"type": "result", "subtype": "error_during_execution"})
    assert reader.answer("r-2", ["left"]) == b""


@pytest.mark.parametrize(
    "inner",
    [
        {"subtype": "hook_callback", "callback_id": "x"},
        {"subtype": "can_use_tool"},
        {"subtype": "can_use_tool", "tool_name": "Bash", "input": "ls"},
        {"subtype": "can_use_tool", "tool_name": "AskUserQuestion", "input": {}},
        {"subtype": "can_use_tool", "tool_name": "AskUserQuestion", "input": {"questions": []}},
        {
            "subtype": "can_use_tool",
            "tool_name": "AskUserQuestion",
            "input": {"questions": [QUESTIONS[0], 3]},
        },
        {},
    ],
)
def test_a_request_that_is_not_understood(inner: object) -> None:
    """It is answered with an error at once, once, so that the agent does not wait for ever."""
    reader = dialect()
    events = read(reader, {"type": "control_request", "request_id": "r-1", "request": inner})
    assert [type(event) for event in events] == [Remark]
    answer = json.loads(reader.reply())["response"]
    assert (answer["subtype"], answer["request_id"]) == ("error", "r-1")
    assert reader.reply() == b""


def test_titles_that_leave_is_given_for() -> None:
    """No two calls share one, however long they are or wherever their lines break."""
    titles = Titles(CHECKOUT)
    bash = [
        "echo ok rm x",
        "echo ok\nrm x",
        "echo  ok rm x",
        "a" * 5000 + "b",
        "a" * 5000 + "c",
    ]
    given = {titles.whole("Bash", {"command": command}) for command in bash}
    assert len(given) == len(bash)
    assert not any("\n" in title or len(title) > 4100 for title in given)
    assert titles.whole("Write", {"file_path": "/box/checkout/a b.txt"}) == "a b.txt"
    assert titles.whole("mcp__x__y", {"z": 1}) == "mcp__x__y"


@pytest.mark.parametrize(
    ("environment", "data", "limit"),
    [
        ({}, {}, 120),
        ({}, {"timeout": 5000}, 5),
        ({}, {"timeout": 5_000_000}, 600),
        ({}, {"timeout": 5000, "run_in_background": True}, None),
        ({}, {"timeout": "soon"}, 120),
        ({}, {"timeout": -1}, 120),
        ({"BASH_DEFAULT_TIMEOUT_MS": "500", "BASH_MAX_TIMEOUT_MS": "900"}, {}, 0.5),
        ({"BASH_DEFAULT_TIMEOUT_MS": "500", "BASH_MAX_TIMEOUT_MS": "900"}, {"timeout": 1000}, 0.9),
        ({"BASH_DEFAULT_TIMEOUT_MS": "900000"}, {"timeout": 800_000}, 800),
        ({"BASH_DEFAULT_TIMEOUT_MS": "long", "BASH_MAX_TIMEOUT_MS": "-1"}, {"timeout": 700_000}, 600),
    ],
)
def test_how_long_a_command_may_run(
    environment: dict[str, str], data: dict[str, object], limit: float | None
) -> None:
    """By the program's own rule; other tools have no limit that is known."""
    reader = ClaudeDialect(CHECKOUT, "acceptEdits", limits=limits_of(environment))
    calls = [
        {"type": "tool_use", "id": tool, "name": tool, "input": {"command": "x", **data}}
        for tool in ("Bash", "Task")
    ]
    events = read(reader, {"type": "assistant", "message": {"id": "m", "content": calls}})
    assert [event.limit for event in events if isinstance(event, ToolCalled)] == [limit, None]


KEYS = ("questions", "question", "options", "label", "description", "multiSelect", "command", "timeout")
SHAPES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4) | st.just("\ud800"),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=3), inner)
    ),
    max_leaves=12,
)
TOOLS = st.sampled_from(["AskUserQuestion", "Bash", "Write"]) | SHAPES
INNER = st.fixed_dictionaries(
    {},
    optional={
        "subtype": st.sampled_from(["can_use_tool", "hook_callback"]) | SHAPES,
        "tool_name": TOOLS,
        "input": st.fixed_dictionaries({"questions": st.lists(SHAPES, max_size=3)}) | SHAPES,
        "tool_use_id": SHAPES,
    },
)
NAMES = st.sampled_from(["r-1", "r-2"]) | SHAPES
REQUESTS = st.builds(
    lambda name, inner: {"type": "control_request", "request_id": name, "request": inner},
    NAMES,
    INNER | SHAPES,
)
OTHERS = st.builds(
    lambda kind, name, inner: {"type": kind, "request_id": name, "response": inner},
    st.sampled_from(["control_cancel_request", "control_response", "result", "assistant"]),
    NAMES,
    SHAPES,
)


@given(st.lists(REQUESTS | OTHERS, max_size=6), st.lists(st.text(max_size=3), max_size=3))
def test_any_shape_of_a_request(events: list[dict[str, Any]], texts: list[str]) -> None:
    """It never raises, and every request that has a name is asked, turned away, or open already."""
    reader = dialect()
    for event in events:
        found = read(reader, event)
        answered = reader.reply()
        if event["type"] == "control_request":
            asked = [each for each in found if isinstance(each, Asked)]
            assert all(each.questions for each in asked)
            assert not (asked and answered)
    for name in ("r-1", "r-2"):
        for words in (reader.permit(name, allow=False, message=""), reader.answer(name, texts)):
            assert not words or json.loads(words)["response"]["request_id"] == name
        assert reader.answer(name, texts) == reader.permit(name, allow=True, message="") == b""
    assert reader.outcome(LastWords(0, ended_by_us=False, stderr="")).summary
