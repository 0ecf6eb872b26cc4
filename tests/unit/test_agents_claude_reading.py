"""Claude Code's stream, read without the program."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beadwork.agents import (
    Denied,
    Outcome,
    OutcomeKind,
    Remark,
    Said,
    Spent,
    ToolCalled,
    ToolReturned,
)
from beadwork.agents.boxed_run import LastWords
from beadwork.agents.claude_reading import ClaudeDialect
from beadwork.agents.lines import Line, Lines
from beadwork.agents.port import AgentEvent

WENT = LastWords(exit_code=0, ended_by_us=False, stderr="")
INIT = {
    "type": "system",
    "subtype": "init",
    "session_id": "s-1",
    "claude_code_version": "9.9.9",
    "model": "some-model",
    "permissionMode": "bypassPermissions",
}


def dialect() -> ClaudeDialect:
    """Make a reader of a boxed run."""
    return ClaudeDialect(Path("/box/checkout"), "bypassPermissions")


def read(*events: object) -> tuple[list[AgentEvent], Outcome]:
    """Read a whole stream that ended well."""
    reader = dialect()
    found = [got for event in events for got in reader.read(json.dumps(event))]
    return found, reader.outcome(WENT)


def outcome(*events: object, last: LastWords = WENT) -> Outcome:
    """Give the final word alone."""
    reader = dialect()
    for event in events:
        reader.read(json.dumps(event))
    return reader.outcome(last)


def assistant(*blocks: object, message: str = "m-1") -> dict[str, Any]:
    """Make an assistant event."""
    usage = {"input_tokens": 5, "cache_read_input_tokens": 3, "output_tokens": 2}
    return {"type": "assistant", "message": {"id": message, "content": list(blocks), "usage": usage}}


def use(call: str, name: str, **arguments: object) -> dict[str, Any]:
    """Make a tool call."""
    return {"type": "tool_use", "id": call, "name": name, "input": arguments}


def returned(call: str, content: object, *, error: bool = False) -> dict[str, Any]:
    """Make a tool result event."""
    block = {"type": "tool_result", "tool_use_id": call, "content": content, "is_error": error}
    return {"type": "user", "message": {"role": "user", "content": [block]}}


def result(**fields: object) -> dict[str, Any]:
    """Make a result event, a success unless `fields` say otherwise."""
    plain = {"type": "result", "subtype": "success", "is_error": False, "result": "all is well"}
    return {**plain, "session_id": "s-1", "total_cost_usd": 0.5, **fields}


def typed(status: str, **fields: str) -> dict[str, Any]:
    """Make a result event with the typed form."""
    return result(structured_output={"status": status, "summary": "what was done", **fields})


def test_an_ordinary_run() -> None:
    """Text, thought, a tool with its result, and a typed end."""
    events, end = read(
        INIT,
        assistant({"type": "thinking", "thinking": "hm", "signature": ""}),
        assistant({"type": "text", "text": "I look."}),
        assistant(use("c1", "Bash", command="ls\n  -l", description="List")),
        returned("c1", [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]),
        typed("done"),
    )
    assert events == [
        Remark("Claude Code 9.9.9 started with some-model, permissions: bypassPermissions."),
        Said("hm", thinking=True),
        Spent(None, 8, 2),
        Said("I look."),
        ToolCalled("c1", "Bash", "ls -l", {"command": "ls\n  -l", "description": "List"}, limit=120.0),
        ToolReturned("c1", ok=True, text="a\nb"),
        Spent(0.5, 8, 2),
    ]
    assert end == Outcome(OutcomeKind.DONE, "what was done", session="s-1", typed=True)


@pytest.mark.parametrize(
    ("name", "arguments", "title"),
    [
        ("Edit", {"file_path": "/box/checkout/src/a.py"}, "src/a.py"),
        ("Read", {"file_path": "/etc/hosts"}, "/etc/hosts"),
        ("Grep", {"pattern": "def .*", "path": "/box/checkout"}, "def .*"),
        ("WebFetch", {"url": "http://there"}, "http://there"),
        ("Strange", {"depth": 3}, "Strange"),
        ("Bash", {"command": "x" * 500}, "x" * 159 + "…"),
    ],
)
def test_titles(name: str, arguments: dict[str, object], title: str) -> None:
    """A call is shown in one line, with its file relative to the checkout."""
    events, _ = read(assistant(use("c1", name, **arguments)))
    call = next(event for event in events if isinstance(event, ToolCalled))
    assert call.title == title


def test_the_same_message_in_several_events() -> None:
    """Parts of one message all count, its tokens once, and a call that is repeated is one call."""
    call = use("c1", "Bash", command="true")
    events, _ = read(assistant({"type": "text", "text": "one"}), assistant(call), assistant(call))
    assert [type(event) for event in events] == [Said, Spent, ToolCalled]


@pytest.mark.parametrize(
    "words",
    [
        "This command requires approval",
        "This Bash command contains multiple operations. The following part requires approval: git -c x",
        "Claude requested permissions to write to /etc/zzz, but you haven't granted it yet.",
        "Permission to use Bash with command rm has been denied.",
    ],
)
def test_a_denied_call(words: str) -> None:
    """It is seen at once, and not a second time when the result lists it."""
    denial = {"tool_name": "Bash", "tool_use_id": "c1", "tool_input": {"command": "git commit"}}
    events, end = read(
        assistant(use("c1", "Bash", command="git commit")),
        returned("c1", words, error=True),
        result(permission_denials=[denial], structured_output={"status": "done", "summary": "x"}),
    )
    assert [event for event in events if isinstance(event, Denied)] == [Denied("Bash", "git commit", words)]
    assert end.kind is OutcomeKind.DONE, "what was denied is said; what it means is for the evidence"


def test_a_denial_that_only_the_result_knows() -> None:
    """It is seen too."""
    denial = {"tool_name": "Write", "tool_use_id": "c9", "tool_input": {"file_path": "/box/checkout/b"}}
    events, _ = read(result(permission_denials=[denial, "rubbish"]))
    assert Denied("Write", "b", "It was not permitted.") in events


def test_a_command_that_fails_with_such_words() -> None:
    """A failed command is no denied one."""
    events, _ = read(
        assistant(use("c1", "Bash", command="deploy")),
        returned("c1", "Exit code 1\nThis command requires approval", error=True),
    )
    assert not [event for event in events if isinstance(event, Denied)]


def test_other_permissions_than_asked_for() -> None:
    """A program that falls back to fewer permissions is not silent about it."""
    events, _ = read({**INIT, "permissionMode": "default"})
    assert any(isinstance(event, Remark) and event.problem and "`default`" in event.text for event in events)


def test_what_is_not_known() -> None:
    """Unknown types are remarked once, unknown fields and blocks not at all, and the rest goes on."""
    events, end = read(
        {"type": "system", "subtype": "hook_started", "hook": "x"},
        {"type": "from the future", "payload": [1]},
        {"type": "from the future", "payload": [2]},
        {"type": None},
        assistant({"type": "hologram"}, {"type": "text", "text": "hi", "colour": "red"}),
        typed("done", colour="red"),
        {"type": "rate_limit_event"},
        {"type": "system", "subtype": "after the end"},
    )
    assert [event.text for event in events if isinstance(event, Said | Remark)] == [
        "An unknown event: from the future",
        "An unknown event: None",
        "hi",
    ]
    assert end.kind is OutcomeKind.DONE


def test_lines_that_are_no_events() -> None:
    """They are remarked, shortened, and harm nothing."""
    reader = dialect()
    for line in ("Segmentation fault", "[1, 2]", "17", '{"type": "assis', "[" * 100_000, "NaN", '{"a": NaN}'):
        assert [type(event) for event in reader.read(line)] == [Remark]
    assert reader.read("") == reader.read("\0\0") == []
    assert reader.outcome(WENT).kind is OutcomeKind.FAILED


def test_half_a_surrogate_pair() -> None:
    """A text that was cut inside a character can still be written into a log."""
    events = dialect().read(json.dumps(assistant({"type": "text", "text": "cut \ud83d"})))
    assert isinstance(events[0], Said)
    events[0].text.encode("utf-8")


def test_an_api_that_is_overloaded() -> None:
    """Retries are remarked."""
    retry = {"type": "system", "subtype": "api_retry", "attempt": 2, "max_retries": 10, "error_status": 529}
    events, _ = read({**retry, "error": "overloaded"})
    assert events == [Remark("The model API answered 529 (overloaded); attempt 2 of 10.", problem=True)]


@pytest.mark.parametrize(
    ("event", "wanted"),
    [
        (typed("done"), Outcome(OutcomeKind.DONE, "what was done", typed=True)),
        (
            typed("blocked", blocker="no key"),
            Outcome(OutcomeKind.BLOCKED, "what was done", blocker="no key", typed=True),
        ),
        (
            typed("blocked"),
            Outcome(OutcomeKind.BLOCKED, "what was done", blocker="what was done", typed=True),
        ),
        (
            typed("needs_input", question="which?"),
            Outcome(OutcomeKind.NEEDS_INPUT, "what was done", question="which?", typed=True),
        ),
        (typed("failed"), Outcome(OutcomeKind.FAILED, "what was done", typed=True)),
        (typed("splendid"), Outcome(OutcomeKind.DONE, "all is well")),
        (result(), Outcome(OutcomeKind.DONE, "all is well")),
        (result(structured_output=[1]), Outcome(OutcomeKind.DONE, "all is well")),
        (
            result(result="I tried.\n**BLOCKED:** no network\nSorry."),
            Outcome(OutcomeKind.BLOCKED, "I tried.\n**BLOCKED:** no network\nSorry.", blocker="no network"),
        ),
        (
            result(result="BLOCKED: it is demo-2"),
            Outcome(OutcomeKind.BLOCKED, "BLOCKED: it is demo-2", blocker="it is demo-2"),
        ),
        (
            result(result="nothing is UNBLOCKED: fine"),
            Outcome(OutcomeKind.DONE, "nothing is UNBLOCKED: fine"),
        ),
        (
            result(stop_reason="refusal", result=""),
            Outcome(OutcomeKind.REFUSED, "The model refused the task."),
        ),
    ],
)
def test_what_a_result_means(event: dict[str, Any], wanted: Outcome) -> None:
    """The typed form first, then the text."""
    got = outcome(event)
    assert (got.kind, got.summary, got.blocker, got.question, got.typed) == (
        wanted.kind,
        wanted.summary,
        wanted.blocker,
        wanted.question,
        wanted.typed,
    )


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (result(is_error=True, result="API Error: 400 bad"), "could not go on: API Error: 400 bad"),
        (
            result(is_error=True, api_error_status=401, result="no"),
            "set CLAUDE_CODE_OAUTH_TOKEN or ANTHROPIC_API_KEY",
        ),
        (result(subtype="error_max_turns", is_error=True, result=None), "limit of turns"),
        (result(subtype="error_max_budget_usd", is_error=True), "limit of cost"),
        (
            result(subtype="error_during_execution", errors=["torn"], result=None),
            "in the middle of its work. torn",
        ),
        (result(subtype="error_max_structured_output_retries"), "the form that was asked for"),
        (result(subtype="error_from_the_future"), "`error_from_the_future`"),
        (result(result=""), "without a word"),
        (result(is_error=True, structured_output={"status": "done", "summary": "x"}), "could not go on"),
    ],
)
def test_what_is_no_success(event: dict[str, Any], words: str) -> None:
    """It failed, in clear words, whatever else the event holds."""
    got = outcome(event)
    assert got.kind is OutcomeKind.FAILED
    assert words in got.summary


@pytest.mark.parametrize(
    ("fields", "passing"),
    [
        ({"api_error_status": 529}, True),
        ({"api_error_status": 500}, True),
        ({"api_error_status": 429}, True),
        ({"api_error_status": 408}, True),
        ({"api_error_status": 400}, False),
        ({"api_error_status": 401}, False),
        ({"api_error_status": 403}, False),
        ({"api_error_status": 404}, False),
        ({"result": "API Error: Unable to connect to API (ConnectionRefused)"}, True),
        ({"result": "API Error: Unable to connect to API (ECONNRESET)"}, True),
        ({"result": "API Error: Request timed out."}, True),
        ({"result": "Unable to connect to API: SSL certificate has expired"}, False),
        ({"result": "API Error: API returned an empty or malformed response (HTTP 200)"}, False),
        ({"subtype": "error_during_execution", "result": "Request timed out"}, False),
        ({"subtype": "error_max_budget_usd"}, False),
    ],
)
def test_what_passes_by_itself(fields: dict[str, Any], passing: bool) -> None:
    """An API that is overloaded or out of reach; never a login or a request that is refused."""
    got = outcome(result(is_error=True, **fields))
    assert (got.kind, got.passing) == (OutcomeKind.FAILED, passing)
    assert got.over_budget is (fields.get("subtype") == "error_max_budget_usd")


@pytest.mark.parametrize(
    ("last", "words"),
    [
        (
            LastWords(1, ended_by_us=False, stderr="warning\nSession is in use."),
            "exit code 1). It said: Session",
        ),
        (LastWords(-9, ended_by_us=False, stderr=""), "signal 9"),
        (LastWords(None, ended_by_us=False, stderr=""), "still there"),
    ],
)
def test_no_result(last: LastWords, words: str) -> None:
    """A stream without a result has failed, with what is known of the program."""
    got = outcome(INIT, assistant({"type": "text", "text": "I am done."}), last=last)
    assert got.kind is OutcomeKind.FAILED
    assert words in got.summary
    assert got.session == "s-1"


def test_a_success_of_a_program_that_was_killed() -> None:
    """Ended from outside, it may report a success on its way out: that is none, unless it was typed."""
    killed = LastWords(143, ended_by_us=False, stderr="")
    assert outcome(result(result="so far"), last=killed).kind is OutcomeKind.FAILED
    assert outcome(typed("done"), last=killed).kind is OutcomeKind.DONE


def test_two_results() -> None:
    """A later success replaces the first; what it says while it is being ended does not."""
    aborted = result(subtype="error_during_execution", is_error=True)
    assert outcome(typed("blocked"), typed("done")).kind is OutcomeKind.DONE
    assert outcome(typed("done"), aborted).kind is OutcomeKind.DONE
    assert outcome(aborted, typed("done")).kind is OutcomeKind.DONE
    assert outcome(aborted, aborted).kind is OutcomeKind.FAILED


def test_cost_of_several_models() -> None:
    """The totals of the result count, over all models and kinds of input."""
    models = {
        "a": {"inputTokens": 1, "cacheReadInputTokens": 2, "cacheCreationInputTokens": 4, "outputTokens": 8},
        "b": {"inputTokens": 16, "outputTokens": 32},
        "c": None,
    }
    events, _ = read(result(modelUsage=models))
    assert events == [Spent(0.5, 23, 40)]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = ("subtype", "message", "content", "id", "name", "input", "usage", "permission_denials", "modelUsage")
NESTED = st.recursive(
    JSON | st.sampled_from(["init", "api_retry", "text", "thinking", "tool_use", "tool_result", "success"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(("type", "text", *KEYS)), inner, max_size=5)
    ),
    max_leaves=15,
)


@given(
    st.lists(
        st.builds(
            lambda kind, fields: {**fields, "type": kind},
            st.sampled_from(["system", "assistant", "user", "other"]),
            st.dictionaries(st.sampled_from(("is_error", "isSynthetic", *KEYS)), NESTED, max_size=5),
        ),
        max_size=5,
    )
)
def test_any_shape_without_a_result(events: list[dict[str, Any]]) -> None:
    """Events of any shape never raise, and never make a run done without a result."""
    reader = dialect()
    for event in events:
        reader.read(json.dumps(event))
    assert not reader.concluded
    assert reader.outcome(WENT).kind is OutcomeKind.FAILED


@given(
    st.dictionaries(
        st.sampled_from(("subtype", "result", "structured_output", "total_cost_usd", "errors", *KEYS)), NESTED
    )
)
def test_any_shape_of_a_result(fields: dict[str, Any]) -> None:
    """A result of any shape has a final word, and it is no success without saying so."""
    got = outcome({**fields, "type": "result"})
    assert got.summary
    if fields.get("subtype") != "success":
        assert got.kind is OutcomeKind.FAILED


@given(st.binary(max_size=300))
def test_any_bytes(content: bytes) -> None:
    """Noise never raises and never makes a run done."""
    lines, reader = Lines(), dialect()
    for line in lines.feed(content) + lines.close():
        assert isinstance(line, Line)
        reader.read(line.text)
    assert reader.outcome(WENT).kind is OutcomeKind.FAILED
