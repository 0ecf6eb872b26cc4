"""Reads Claude Code's stream of JSON lines into our events, and spells messages to it.

The stream is an open set: unknown types and fields are let pass, a line that is no JSON is a remark, and
nothing that is read can raise. What it leaves out: how the result is judged (`claude_outcome.py`).
"""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from beadwork.agents.boxed_run import LastWords
from beadwork.agents.claude_asking import Requests
from beadwork.agents.claude_limits import BASH_LIMITS, BashLimits
from beadwork.agents.claude_outcome import outcome_of, succeeded
from beadwork.agents.claude_title import Titles
from beadwork.agents.json_line import NotAnObject, parse_object
from beadwork.agents.port import (
    AgentEvent,
    Denied,
    Outcome,
    Remark,
    Said,
    Spent,
    ToolCalled,
    ToolReturned,
)

_RESULT_TOOL = "StructuredOutput"
_BASH = "Bash"
_SILENT = frozenset({"stream_event", "control_response", "rate_limit_event", "keep_alive"})
_SHOWN = 200
_NO_PRICE = 1e9
_DENIAL = re.compile(
    r"This (Bash )?command (contains multiple operations\. The following parts? requires?|requires) approval"
    r"|Claude requested permissions? to |Permission to use .{1,80} has been denied"
)

Json = Mapping[str, object]


class ClaudeDialect:
    """The stream of one run.

    `checkout` makes file names short, `mode` is the permission mode asked for, `session` the one that is gone
    on with, `limits` are those of its Bash tool, `own_schema`: the result is of the caller's.
    """

    def __init__(
        self,
        checkout: Path,
        mode: str,
        *,
        session: str = "",
        limits: BashLimits = BASH_LIMITS,
        own_schema: bool = False,
    ) -> None:
        self._own_schema = own_schema
        self._titles = Titles(checkout)
        self._requests = Requests(self._titles)
        self._mode = mode
        self._limits = limits
        self._result: Json | None = None
        self._session = session
        self._calls: dict[str, tuple[str, str]] = {}
        self._denied: set[str] = set()
        self._usage: dict[str, tuple[int, int]] = {}
        self._usd: float | None = None
        self._unknown: set[str] = set()

    @property
    def concluded(self) -> bool:
        """Whether a result event was read."""
        return self._result is not None

    def message(self, text: str) -> bytes:
        """Spell a message of the user."""
        return _line({"type": "user", "message": {"role": "user", "content": text}})

    def answer(self, request: str, texts: Sequence[str]) -> bytes:
        """Spell the answer to questions."""
        return self._requests.answer(request, texts)

    def permit(self, request: str, *, allow: bool, message: str) -> bytes:
        """Spell leave, or that there is none."""
        return self._requests.permit(request, allow=allow, message=message)

    def reply(self) -> bytes:
        """Take what is said to a request that nobody here understands."""
        return self._requests.reply()

    def interrupt(self) -> bytes:
        """Spell the request to end the turn; it also ends the running tool."""
        request = {"subtype": "interrupt"}
        return _line({"type": "control_request", "request_id": "interrupt", "request": request})

    def outcome(self, last: LastWords) -> Outcome:
        """Judge the run by its result event."""
        return outcome_of(self._result, self._session, last, own_schema=self._own_schema)

    def read(self, line: str) -> list[AgentEvent]:
        """Give what one line means."""
        if not line.strip("\0 \t\r"):
            return []
        try:
            return self._event(parse_object(line))
        except (NotAnObject, RecursionError):
            return [Remark(f"Not an event: {line[:_SHOWN]}", problem=True)]

    def _event(self, event: Json) -> list[AgentEvent]:
        match event.get("type"):
            case "system":
                return self._system(event)
            case "assistant":
                return self._assistant(event)
            case "user":
                return self._user(event)
            case "result":
                return self._take_result(event)
            case "control_request":
                return self._requests.take(event)
            case "control_cancel_request":
                return self._requests.withdraw(event)
            case kind:
                return self._unknown_event(str(kind))

    def _unknown_event(self, kind: str) -> list[AgentEvent]:
        if kind in _SILENT or kind in self._unknown:
            return []
        self._unknown.add(kind)
        return [Remark(f"An unknown event: {kind[:_SHOWN]}")]

    def _system(self, event: Json) -> list[AgentEvent]:
        match event.get("subtype"):
            case "init":
                return self._init(event)
            case "api_retry":
                status, error = event.get("error_status"), event.get("error")
                attempt, most = event.get("attempt"), event.get("max_retries")
                words = f"The model API answered {status} ({error}); attempt {attempt} of {most}."
                return [Remark(words, problem=True)]
            case _:
                return []

    def _init(self, event: Json) -> list[AgentEvent]:
        self._session = _string(event, "session_id") or self._session
        version, model, mode = (
            _string(event, key) for key in ("claude_code_version", "model", "permissionMode")
        )
        started: list[AgentEvent] = [
            Remark(f"Claude Code {version} started with {model}, permissions: {mode}.")
        ]
        if mode != self._mode:
            words = f"Claude Code runs with permissions `{mode}`, not `{self._mode}` as it was told."
            started.append(Remark(words, problem=True))
        return started

    def _assistant(self, event: Json) -> list[AgentEvent]:
        message = _mapping(event, "message")
        events: list[AgentEvent] = []
        for block in _blocks(message):
            match block.get("type"):
                case "text" if words := _string(block, "text"):
                    events.append(Said(words))
                case "thinking" if words := _string(block, "thinking"):
                    events.append(Said(words, thinking=True))
                case "tool_use":
                    events += self._call(block)
                case _:
                    pass
        return events + self._tokens(message)

    def _call(self, block: Json) -> list[AgentEvent]:
        call, tool = _string(block, "id"), _string(block, "name")
        if call in self._calls:
            return []
        data = dict(_mapping(block, "input"))
        title = self._titles.short(tool, data)
        self._calls[call] = (tool, title)
        limit = self._limits.of(data) if tool == _BASH else None
        return [] if tool == _RESULT_TOOL else [ToolCalled(call, tool, title, data, limit=limit)]

    def _tokens(self, message: Json) -> list[AgentEvent]:
        usage = _mapping(message, "usage")
        key = _string(message, "id")
        if not usage or key in self._usage:
            return []
        self._usage[key] = _tokens_of(usage)
        read, written = (sum(pair[side] for pair in self._usage.values()) for side in (0, 1))
        return [Spent(self._usd, read, written)]

    def _user(self, event: Json) -> list[AgentEvent]:
        events: list[AgentEvent] = []
        for block in _blocks(_mapping(event, "message")):
            match block.get("type"):
                case "tool_result":
                    events += self._returned(block)
                case "text" if event.get("isSynthetic") and (words := _string(block, "text")):
                    events.append(Remark(words))
                case _:
                    pass
        return events

    def _returned(self, block: Json) -> list[AgentEvent]:
        call = _string(block, "tool_use_id")
        tool, title = self._calls.get(call, ("", ""))
        if tool == _RESULT_TOOL and not block.get("is_error"):
            return []
        text = _flat(block.get("content"))
        events: list[AgentEvent] = []
        refused = self._requests.refused(call)
        if block.get("is_error") and (refused or _DENIAL.match(text)):
            events += self._deny(call, tool, title, refused or text)
        return [*events, ToolReturned(call, not block.get("is_error"), text)]

    def _deny(self, call: str, tool: str, title: str, reason: str) -> list[AgentEvent]:
        if call in self._denied:
            return []
        self._denied.add(call)
        return [Denied(tool, title, reason)]

    def _take_result(self, event: Json) -> list[AgentEvent]:
        events = self._requests.withdraw_all()
        denials = event.get("permission_denials")
        for denial in denials if isinstance(denials, list) else ():
            if isinstance(denial, dict):
                events += self._denial(denial)
        self._session = self._session or _string(event, "session_id")
        # A success stands: what an agent says while it is being ended does not undo it.
        if self._result is None or succeeded(event) or not succeeded(self._result):
            self._result = event
        return events + self._cost(event)

    def _denial(self, denial: Json) -> list[AgentEvent]:
        tool = _string(denial, "tool_name")
        title = self._titles.short(tool, _mapping(denial, "tool_input"))
        return self._deny(_string(denial, "tool_use_id"), tool, title, "It was not permitted.")

    def _cost(self, event: Json) -> list[AgentEvent]:
        usd = event.get("total_cost_usd")
        if isinstance(usd, int | float) and 0 <= usd < _NO_PRICE:
            self._usd = float(usd)
        models = [_model_tokens(model) for model in _mapping(event, "modelUsage").values()]
        pairs = models or list(self._usage.values())
        return [Spent(self._usd, sum(read for read, _ in pairs), sum(written for _, written in pairs))]


def _line(message: Json) -> bytes:
    return json.dumps(message).encode() + b"\n"


def _mapping(fields: Json, key: str) -> Json:
    value = fields.get(key)
    return value if isinstance(value, dict) else {}


def _string(fields: Json, key: str) -> str:
    value = fields.get(key)
    return value if isinstance(value, str) else ""


def _number(fields: Json, key: str) -> int:
    value = fields.get(key)
    return value if isinstance(value, int) else 0


def _blocks(message: Json) -> list[Json]:
    content = message.get("content")
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    return [block for block in content if isinstance(block, dict)] if isinstance(content, list) else []


def _flat(content: object) -> str:
    match content:
        case str():
            return content
        case list():
            return "\n".join(part for part in map(_flat, content) if part)
        case {"text": str() as text}:
            return text
        case {"type": str() as kind}:
            return f"[{kind}]"
        case _:
            return ""


def _tokens_of(usage: Json) -> tuple[int, int]:
    keys = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
    return sum(_number(usage, key) for key in keys), _number(usage, "output_tokens")


def _model_tokens(model: object) -> tuple[int, int]:
    if not isinstance(model, dict):
        return 0, 0
    keys = ("inputTokens", "cacheCreationInputTokens", "cacheReadInputTokens")
    return sum(_number(model, key) for key in keys), _number(model, "outputTokens")
